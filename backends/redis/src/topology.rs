use std::{collections::VecDeque, sync::Arc};

use cachemere_base::Result;
use redis::Value;

use crate::{
    cluster::Cluster,
    command::Grouping,
    fault::{Fault, Stage},
    request::{Batch, Reach, Reply, Request},
    sentinel::Sentinels,
    server::Server,
    spread::Spread,
};

/// Which servers there are, and which of them a request goes to.
#[derive(Debug)]
pub(crate) enum Topology {
    /// A leader, and the replicas that follow it.
    Single(Vec<Arc<Server>>),
    /// A leader and replicas that sentinels know.
    Sentinel(Sentinels),
    /// Leaders of a part of the slots each.
    Cluster(Cluster),
}

/// What is to be done next for a request.
///
/// A driver sends what it is told and says what came back; it does not know why.
#[derive(Debug)]
pub(crate) enum Step {
    Send(Arc<Server>, Arc<Batch>),
    Done(Result<Vec<Reply>>),
}

/// What came back, `None` at first.
pub(crate) type Answer = Option<Result<Vec<Value>, Fault>>;

/// A request on its way.
pub(crate) trait Exchange: Send {
    fn next(&mut self, answer: Answer) -> Step;
}

impl Topology {
    pub(crate) fn start(&self, request: Request) -> Box<dyn Exchange + '_> {
        match self {
            Self::Single(servers) => Box::new(Direct::new(servers, request)),
            Self::Sentinel(sentinels) => Box::new(sentinels.start(request)),
            Self::Cluster(cluster) => Box::new(Spread::new(cluster, request)),
        }
    }

    pub(crate) fn grouping(&self) -> Grouping {
        match self {
            Self::Single(_) | Self::Sentinel(_) => Grouping::Whole,
            Self::Cluster(_) => Grouping::Each,
        }
    }
}

/// A batch for one server of several, or for each of them.
#[derive(Debug)]
pub(crate) struct Direct {
    pub(crate) batch: Arc<Batch>,
    targets: VecDeque<Arc<Server>>,
    is_for_each: bool,
    replies: Vec<Reply>,
}

impl Direct {
    /// For a leader and its replicas.
    pub(crate) fn new(servers: &[Arc<Server>], request: Request) -> Self {
        let reach = request.reach;
        Self::of_batch(servers, reach, Arc::new(request.into()))
    }

    pub(crate) fn of_batch(servers: &[Arc<Server>], reach: Reach, batch: Arc<Batch>) -> Self {
        let (leader, replicas) = servers.split_at(1);
        let mut targets: VecDeque<_> = match reach {
            Reach::Any => replicas.iter().chain(leader).cloned().collect(),
            Reach::Leader | Reach::Leaders => leader.iter().cloned().collect(),
            Reach::Everyone => servers.iter().cloned().collect(),
        };
        if reach == Reach::Any && replicas.len() > 1 {
            targets.swap(0, fastrand::usize(..replicas.len()));
        }
        Self {
            batch,
            targets,
            is_for_each: reach == Reach::Everyone,
            replies: Vec::new(),
        }
    }

    fn answered(&mut self, values: Vec<Value>) {
        let Some(server) = self.targets.pop_front() else {
            return;
        };
        let reply = |value| Reply {
            server: Arc::clone(&server),
            value,
        };
        self.replies.extend(values.into_iter().map(reply));
    }
}

impl Exchange for Direct {
    fn next(&mut self, answer: Answer) -> Step {
        match answer {
            Some(Ok(values)) => {
                self.answered(values);
                if !self.is_for_each {
                    self.targets.clear();
                }
            }
            // where one does not answer the phone, another may know
            Some(Err(fault))
                if fault.stage == Stage::Unsent && !self.is_for_each && self.targets.len() > 1 =>
            {
                tracing::debug!(error = %fault.error, "reading from another server");
                self.targets.pop_front();
            }
            Some(Err(fault)) => return Step::Done(Err(fault.error)),
            None => {}
        }
        match self.targets.front() {
            Some(server) if self.batch.len() > 0 => {
                Step::Send(Arc::clone(server), Arc::clone(&self.batch))
            }
            _ => Step::Done(Ok(std::mem::take(&mut self.replies))),
        }
    }
}
