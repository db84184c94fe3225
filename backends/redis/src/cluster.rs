use std::sync::Arc;

use cachemere_base::{Error, ErrorKind};
use parking_lot::Mutex;
use redis::{Value, cmd};

use crate::{
    directory::Directory,
    fault,
    request::Batch,
    server::{Address, Server},
};

/// A cluster: leaders that have a part of the slots each.
///
/// Who has which is asked at first use, and whenever a server says that it has moved or cannot be reached.
#[derive(Debug)]
pub(crate) struct Cluster {
    seeds: Vec<Arc<Server>>,
    question: Arc<Batch>,
    directory: Directory,
    drawn: Mutex<Drawn>,
}

/// The map that was drawn last.
#[derive(Debug, Default)]
struct Drawn {
    map: Arc<Map>,
    is_current: bool,
    /// Who drew it.
    by: Option<Arc<Server>>,
}

/// Who has which slots.
#[derive(Debug, Default)]
pub(crate) struct Map {
    /// The first slot, the last one, and who has them.
    ranges: Vec<(u16, u16, Arc<Server>)>,
}

impl Cluster {
    pub(crate) fn new(seeds: Vec<Server>) -> Self {
        let mut question = cmd("CLUSTER");
        question.arg("SLOTS");
        let template = seeds[0].clone();
        let seeds: Vec<_> = seeds.into_iter().map(Arc::new).collect();
        Self {
            question: Arc::new(Batch::new([question], true)),
            directory: Directory::new(template, &seeds),
            seeds,
            drawn: Mutex::default(),
        }
    }

    /// One of those that LOCATION names.
    pub(crate) fn seed(&self) -> &Arc<Server> {
        &self.seeds[0]
    }

    pub(crate) fn question(&self) -> Arc<Batch> {
        Arc::clone(&self.question)
    }

    pub(crate) fn current_map(&self) -> Option<Arc<Map>> {
        let drawn = self.drawn.lock();
        drawn.is_current.then(|| Arc::clone(&drawn.map))
    }

    /// The map is wrong somewhere.
    pub(crate) fn outdate(&self) {
        self.drawn.lock().is_current = false;
    }

    pub(crate) fn learn(&self, map: &Arc<Map>, by: &Arc<Server>) {
        *self.drawn.lock() = Drawn {
            map: Arc::clone(map),
            is_current: true,
            by: Some(Arc::clone(by)),
        };
    }

    /// Who can be asked for the map: who drew the last one, the leaders in it, and those of LOCATION.
    pub(crate) fn sources(&self) -> Vec<Arc<Server>> {
        let drawn = self.drawn.lock();
        let mut sources = Vec::new();
        let leaders = drawn.map.ranges.iter().map(|(_, _, leader)| leader);
        for server in drawn.by.iter().chain(leaders).chain(&self.seeds) {
            if !has(&sources, server) {
                sources.push(Arc::clone(server));
            }
        }
        sources
    }

    /// The map that a server drew.
    pub(crate) fn map(&self, answer: &[Value], server: &Server) -> Result<Map, Error> {
        let ranges = match answer {
            [Value::Array(ranges)] => ranges,
            [Value::ServerError(error)] => return Err(fault::refused(error, server)),
            _ => return Err(fault::unexpected(server)),
        };
        let ranges: Option<Vec<_>> = ranges
            .iter()
            .map(|range| self.range(range, server))
            .collect();
        match ranges {
            Some(ranges) if !ranges.is_empty() => Ok(Map { ranges }),
            Some(_) => {
                let message = format!("the cluster has no slots ({})", server.name);
                Err(Error::new(ErrorKind::Unavailable, message))
            }
            None => Err(fault::unexpected(server)),
        }
    }

    fn range(&self, range: &Value, asked: &Server) -> Option<(u16, u16, Arc<Server>)> {
        let Value::Array(range) = range else {
            return None;
        };
        let [
            Value::Int(first),
            Value::Int(last),
            Value::Array(leader),
            ..,
        ] = range.as_slice()
        else {
            return None;
        };
        let [host, Value::Int(port), ..] = leader.as_slice() else {
            return None;
        };
        let host = match (host, &asked.address) {
            (Value::BulkString(host), _) if !host.is_empty() => {
                String::from_utf8(host.clone()).ok()?
            }
            // it does not know its own name
            (_, Address::Tcp { host, .. }) => host.clone(),
            _ => return None,
        };
        let server = self.directory.at(&host, u16::try_from(*port).ok()?);
        Some((
            u16::try_from(*first).ok()?,
            u16::try_from(*last).ok()?,
            server,
        ))
    }

    /// The server that a redirection names: `3999 127.0.0.1:6381`.
    pub(crate) fn target(&self, details: &str, from: &Server) -> Option<Arc<Server>> {
        let (host, port) = details.split_whitespace().nth(1)?.rsplit_once(':')?;
        let host = match (host, &from.address) {
            ("", Address::Tcp { host, .. }) => host,
            (host, _) => host.trim_start_matches('[').trim_end_matches(']'),
        };
        Some(self.directory.at(host, port.parse().ok()?))
    }
}

impl Map {
    pub(crate) fn leader(&self, slot: u16) -> Option<&Arc<Server>> {
        let range = self
            .ranges
            .iter()
            .find(|(first, last, _)| (*first..=*last).contains(&slot));
        range.map(|(_, _, server)| server)
    }

    pub(crate) fn leaders(&self) -> Vec<Arc<Server>> {
        let mut leaders: Vec<Arc<Server>> = Vec::new();
        for (_, _, server) in &self.ranges {
            if !has(&leaders, server) {
                leaders.push(Arc::clone(server));
            }
        }
        leaders
    }
}

pub(crate) fn has<'a>(
    servers: impl IntoIterator<Item = &'a Arc<Server>>,
    server: &Arc<Server>,
) -> bool {
    servers.into_iter().any(|other| Arc::ptr_eq(other, server))
}
