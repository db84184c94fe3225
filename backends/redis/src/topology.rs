use std::sync::Arc;

use cachemere_base::{Error, Result};
use redis::Value;

use crate::{
    cluster::Cluster,
    command::Grouping,
    fault::{Fault, Stage},
    request::{Batch, Few, Reach, Reply, Request},
    sentinel::{Led, Sentinels},
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
    Done(Result<Few<Reply>>),
}

/// What came back, `None` at first.
pub(crate) type Answer = Option<Result<Few<Value>, Fault>>;

/// A request on its way.
#[derive(Debug)]
pub(crate) enum Exchange<'a> {
    Direct(Direct<'a>),
    Led(Led<'a>),
    /// In a box: it is large.
    Spread(Box<Spread<'a>>),
}

impl Exchange<'_> {
    pub(crate) fn next(&mut self, answer: Answer) -> Step {
        match self {
            Self::Direct(direct) => direct.next(answer),
            Self::Led(led) => led.next(answer),
            Self::Spread(spread) => spread.next(answer),
        }
    }

    /// Why parts of what is done have no reply of a server.
    pub(crate) fn lost(&mut self) -> Option<Error> {
        match self {
            Self::Spread(spread) => spread.lost.take(),
            Self::Direct(_) | Self::Led(_) => None,
        }
    }
}

impl Topology {
    pub(crate) fn start(&self, request: Request) -> Exchange<'_> {
        match self {
            Self::Single(servers) => {
                let (reach, batch) = (request.reach, Arc::new(request.into()));
                Exchange::Direct(Direct::new(servers, reach, batch))
            }
            Self::Sentinel(sentinels) => Exchange::Led(sentinels.start(request)),
            Self::Cluster(cluster) => Exchange::Spread(Box::new(Spread::new(cluster, request))),
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
pub(crate) struct Direct<'a> {
    batch: Arc<Batch>,
    /// The leader first.
    servers: &'a [Arc<Server>],
    reach: Reach,
    /// How many servers were asked before the next one.
    asked: usize,
    /// The replica that is asked first.
    chance: usize,
    replies: Few<Reply>,
}

impl<'a> Direct<'a> {
    pub(crate) fn new(servers: &'a [Arc<Server>], reach: Reach, batch: Arc<Batch>) -> Self {
        let is_chosen = reach == Reach::Any && servers.len() > 2;
        Self {
            batch,
            servers,
            reach,
            asked: 0,
            chance: if is_chosen {
                fastrand::usize(1..servers.len())
            } else {
                1
            },
            replies: Few::new(),
        }
    }

    /// The server that is being asked, or is next: of the replicas one after the other, and then the leader.
    fn target(&self) -> Option<&'a Arc<Server>> {
        let replicas = self.servers.len() - 1;
        match self.reach {
            Reach::Any if self.asked < replicas => {
                let position = (self.chance - 1 + self.asked) % replicas;
                self.servers.get(1 + position)
            }
            Reach::Any if self.asked == replicas => self.servers.first(),
            Reach::Leader | Reach::Leaders if self.asked == 0 => self.servers.first(),
            Reach::Everyone => self.servers.get(self.asked),
            _ => None,
        }
    }

    fn done(&mut self) -> Step {
        Step::Done(Ok(std::mem::take(&mut self.replies)))
    }

    fn is_last(&self) -> bool {
        self.asked + 1 == self.servers.len()
    }
}

impl Direct<'_> {
    fn next(&mut self, answer: Answer) -> Step {
        let server = self.target();
        match (answer, server) {
            (Some(Ok(values)), Some(server)) => {
                let reply = |value| Reply {
                    server: Arc::clone(server),
                    value,
                };
                self.replies.extend(values.into_iter().map(reply));
                if self.reach != Reach::Everyone || self.is_last() {
                    return self.done();
                }
                self.asked += 1;
            }
            // where one does not answer the phone, another may know
            (Some(Err(fault)), _)
                if fault.stage == Stage::Unsent && self.reach == Reach::Any && !self.is_last() =>
            {
                tracing::debug!(error = %fault.error, "reading from another server");
                self.asked += 1;
            }
            (Some(Err(fault)), _) => return Step::Done(Err(fault.error)),
            _ => {}
        }
        match self.target() {
            Some(server) if self.batch.len() > 0 => {
                Step::Send(Arc::clone(server), Arc::clone(&self.batch))
            }
            _ => self.done(),
        }
    }
}
