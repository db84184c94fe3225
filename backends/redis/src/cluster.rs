use std::{collections::VecDeque, sync::Arc};

use cachemere_base::{Error, ErrorKind};
use parking_lot::Mutex;
use redis::{Cmd, ServerErrorKind, Value, cmd};

use crate::{
    directory::Directory,
    fault::{self, Fault},
    request::{Batch, Reach, Reply, Request},
    server::{Address, Server},
    topology::{Answer, Exchange, Step},
};

/// So often a request is sent on by servers that do not have its slot.
const MOST_ROUNDS: u8 = 4;

/// A cluster: leaders that have a part of the slots each.
///
/// Who has which is asked at first use, and whenever a server says that it has moved or cannot be reached.
#[derive(Debug)]
pub(crate) struct Cluster {
    seeds: Vec<Arc<Server>>,
    question: Arc<Batch>,
    directory: Directory,
    map: Mutex<Option<Arc<Map>>>,
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
        Self {
            question: Arc::new(Batch::new([question], true)),
            directory: Directory::new(seeds[0].clone()),
            seeds: seeds.into_iter().map(Arc::new).collect(),
            map: Mutex::default(),
        }
    }

    pub(crate) fn start(&self, request: Request) -> Spread<'_> {
        Spread {
            cluster: self,
            pending: (0..request.parts.len()).collect(),
            request,
            seeds: VecDeque::new(),
            groups: VecDeque::new(),
            replies: Vec::new(),
            problem: None,
            rounds: 0,
        }
    }

    /// The map that a server drew.
    fn drawn(&self, answer: &[Value], server: &Server) -> Result<Map, Error> {
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
}

impl Map {
    fn leader(&self, slot: u16) -> Option<&Arc<Server>> {
        let range = self
            .ranges
            .iter()
            .find(|(first, last, _)| (*first..=*last).contains(&slot));
        range.map(|(_, _, server)| server)
    }

    fn leaders(&self) -> Vec<Arc<Server>> {
        let mut leaders: Vec<Arc<Server>> = Vec::new();
        for (_, _, server) in &self.ranges {
            if !leaders.iter().any(|leader| Arc::ptr_eq(leader, server)) {
                leaders.push(Arc::clone(server));
            }
        }
        leaders
    }
}

/// A request on its way to the leaders that have its keys.
#[derive(Debug)]
pub(crate) struct Spread<'a> {
    cluster: &'a Cluster,
    request: Request,
    /// Who can still be asked for the map; one of them is being asked if it is not empty.
    seeds: VecDeque<Arc<Server>>,
    /// The parts that wait for a map.
    pending: Vec<usize>,
    /// The first of them is on its way.
    groups: VecDeque<Group>,
    replies: Vec<(usize, Reply)>,
    problem: Option<Error>,
    rounds: u8,
}

/// The parts for one leader.
#[derive(Debug)]
struct Group {
    server: Arc<Server>,
    parts: Vec<usize>,
    /// The leader is only about to have the slot.
    is_asked: bool,
}

impl Spread<'_> {
    /// Finds the leaders of what is pending.
    fn plan(&mut self, map: &Map) {
        let pending = std::mem::take(&mut self.pending);
        if matches!(self.request.reach, Reach::Leaders | Reach::Everyone) {
            let group = |server| Group {
                server,
                parts: pending.clone(),
                is_asked: false,
            };
            self.groups = map.leaders().into_iter().map(group).collect();
            return;
        }
        for part in pending {
            let slot = self.request.parts[part].slot;
            let Some(leader) = map.leader(slot) else {
                let message = format!("no server has slot {slot}");
                self.problem = Some(Error::new(ErrorKind::Unavailable, message));
                self.pending.push(part);
                continue;
            };
            match self
                .groups
                .iter_mut()
                .find(|group| Arc::ptr_eq(&group.server, leader))
            {
                Some(group) => group.parts.push(part),
                None => self.groups.push_back(Group {
                    server: Arc::clone(leader),
                    parts: vec![part],
                    is_asked: false,
                }),
            }
        }
    }

    fn go_on(&mut self) -> Step {
        if let Some(group) = self.groups.front() {
            let commands = group
                .parts
                .iter()
                .map(|part| self.request.parts[*part].command.clone());
            let commands: Vec<Cmd> = match group.is_asked {
                true => commands
                    .flat_map(|command| [cmd("ASKING"), command])
                    .collect(),
                false => commands.collect(),
            };
            let batch = Batch::new(commands, self.request.is_repeatable);
            return Step::Send(Arc::clone(&group.server), Arc::new(batch));
        }
        if self.pending.is_empty() {
            let mut replies = std::mem::take(&mut self.replies);
            replies.sort_by_key(|(part, _)| *part);
            return Step::Done(Ok(replies.into_iter().map(|(_, reply)| reply).collect()));
        }
        let map = self.cluster.map.lock().clone();
        if let Some(map) = map
            && self.rounds == 0
        {
            self.rounds = 1;
            self.plan(&map);
            return self.go_on();
        }
        self.rounds += 1;
        if self.rounds > MOST_ROUNDS {
            return self.give_up();
        }
        self.seeds.extend(self.cluster.seeds.iter().cloned());
        self.ask()
    }

    fn ask(&mut self) -> Step {
        match self.seeds.front() {
            Some(seed) => Step::Send(Arc::clone(seed), Arc::clone(&self.cluster.question)),
            None => self.give_up(),
        }
    }

    fn give_up(&mut self) -> Step {
        let message = "the cluster sends its clients around";
        let problem = self.problem.take();
        Step::Done(Err(
            problem.unwrap_or_else(|| Error::new(ErrorKind::Unavailable, message))
        ))
    }

    /// What a server said of the map.
    fn asked(&mut self, seed: &Arc<Server>, answer: Result<Vec<Value>, Fault>) -> Step {
        let map = answer.map_err(|fault| fault.error);
        match map.and_then(|values| self.cluster.drawn(&values, seed)) {
            Ok(map) => {
                let map = Arc::new(map);
                *self.cluster.map.lock() = Some(Arc::clone(&map));
                self.seeds.clear();
                self.plan(&map);
                if self.groups.is_empty() {
                    self.give_up()
                } else {
                    self.go_on()
                }
            }
            Err(error) => {
                self.problem = Some(error);
                self.ask()
            }
        }
    }

    fn answered(&mut self, group: Group, values: Vec<Value>) {
        let mut values = values.into_iter();
        for part in group.parts {
            if group.is_asked {
                values.next();
            }
            let Some(value) = values.next() else {
                return;
            };
            let server = Arc::clone(&group.server);
            let Value::ServerError(error) = &value else {
                self.replies.push((part, Reply { server, value }));
                continue;
            };
            let target = error
                .details()
                .and_then(|details| self.target(details, &server));
            match (error.kind(), target) {
                (Some(ServerErrorKind::Ask), Some(server)) if self.rounds < MOST_ROUNDS => {
                    self.rounds += 1;
                    self.groups.push_back(Group {
                        server,
                        parts: vec![part],
                        is_asked: true,
                    });
                }
                (Some(ServerErrorKind::Moved), Some(target)) => {
                    self.problem = Some(fault::refused(error, &server));
                    // who has it now knows best
                    self.seeds.push_front(target);
                    self.pending.push(part);
                }
                (Some(ServerErrorKind::TryAgain | ServerErrorKind::ReadOnly), _) => {
                    self.problem = Some(fault::refused(error, &server));
                    self.pending.push(part);
                }
                _ => self.replies.push((part, Reply { server, value })),
            }
        }
    }

    /// The server in `3999 127.0.0.1:6381`.
    fn target(&self, details: &str, from: &Server) -> Option<Arc<Server>> {
        let (host, port) = details.split_whitespace().nth(1)?.rsplit_once(':')?;
        let host = match (host, &from.address) {
            ("", Address::Tcp { host, .. }) => host,
            (host, _) => host.trim_start_matches('[').trim_end_matches(']'),
        };
        Some(self.cluster.directory.at(host, port.parse().ok()?))
    }

    fn failed(&mut self, group: Group, fault: Fault) -> Option<Step> {
        *self.cluster.map.lock() = None;
        let is_for_each = matches!(self.request.reach, Reach::Leaders | Reach::Everyone);
        let is_again = self.problem.is_some();
        let may_repeat = fault.may_repeat(self.request.is_repeatable);
        if is_for_each || is_again || !may_repeat {
            return Some(Step::Done(Err(fault.error)));
        }
        self.problem = Some(fault.error);
        self.pending.extend(group.parts);
        None
    }
}

impl Exchange for Spread<'_> {
    fn next(&mut self, answer: Answer) -> Step {
        let Some(answer) = answer else {
            return self.go_on();
        };
        if let Some(group) = self.groups.pop_front() {
            match answer {
                Ok(values) => self.answered(group, values),
                Err(fault) => {
                    if let Some(step) = self.failed(group, fault) {
                        return step;
                    }
                }
            }
            return self.go_on();
        }
        match self.seeds.pop_front() {
            Some(seed) => self.asked(&seed, answer),
            None => self.give_up(),
        }
    }
}
