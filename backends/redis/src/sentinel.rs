use std::{collections::VecDeque, sync::Arc};

use cachemere_base::{Error, ErrorKind};
use parking_lot::Mutex;
use redis::{ServerErrorKind, Value, cmd};

use crate::{
    directory::Directory,
    fault::{self, Fault, Stage},
    request::{Batch, Few, Reply, Request},
    server::Server,
    topology::{Answer, Step},
};

/// Sentinels, which know who the leader is.
///
/// Everything goes to the leader. Who that is is asked at first use and whenever it cannot be reached, refuses to write,
/// or says to a new connection that it does not lead: sentinels end the connections to one that they demote.
#[derive(Debug)]
pub(crate) struct Sentinels {
    sentinels: Vec<Arc<Server>>,
    service: String,
    question: Arc<Batch>,
    directory: Directory,
    leader: Mutex<Option<Arc<Server>>>,
}

impl Sentinels {
    /// `template` is how the leader is talked to.
    pub(crate) fn new(sentinels: Vec<Server>, service: String, template: Server) -> Self {
        let mut question = cmd("SENTINEL");
        question.arg("GET-MASTER-ADDR-BY-NAME").arg(&service);
        Self {
            sentinels: sentinels.into_iter().map(Arc::new).collect(),
            service,
            question: Arc::new(Batch::new([question], true)),
            directory: Directory::new(template, &[]),
            leader: Mutex::default(),
        }
    }

    pub(crate) fn start(&self, request: Request) -> Led<'_> {
        Led {
            known: self,
            batch: Arc::new(request.into()),
            sentinels: VecDeque::new(),
            leader: None,
            problem: None,
            is_again: false,
        }
    }

    fn forget(&self, leader: &Arc<Server>) {
        let mut known = self.leader.lock();
        if known
            .as_ref()
            .is_some_and(|known| Arc::ptr_eq(known, leader))
        {
            *known = None;
        }
    }

    /// The leader that a sentinel named.
    fn named(&self, answer: &[Value], sentinel: &Server) -> Result<Arc<Server>, Error> {
        let text = |value: &Value| match value {
            Value::BulkString(text) => String::from_utf8(text.clone()).ok(),
            _ => None,
        };
        match answer {
            [Value::Array(address)] => {
                let [host, port] = address.as_slice() else {
                    return Err(fault::unexpected(sentinel));
                };
                let port = text(port).and_then(|port| port.parse().ok());
                let (Some(host), Some(port)) = (text(host), port) else {
                    return Err(fault::unexpected(sentinel));
                };
                Ok(self.directory.at(&host, port))
            }
            [Value::Nil] => {
                let message = format!("no leader is called `{}` ({})", self.service, sentinel.name);
                Err(Error::new(ErrorKind::Unavailable, message))
            }
            [Value::ServerError(error)] => Err(fault::refused(error, sentinel)),
            _ => Err(fault::unexpected(sentinel)),
        }
    }
}

/// A request on its way to the leader.
#[derive(Debug)]
pub(crate) struct Led<'a> {
    known: &'a Sentinels,
    batch: Arc<Batch>,
    /// Who can still be asked.
    sentinels: VecDeque<Arc<Server>>,
    /// Whom it was sent to.
    leader: Option<Arc<Server>>,
    problem: Option<Error>,
    is_again: bool,
}

impl Led<'_> {
    fn ask(&mut self) -> Step {
        match self.sentinels.front() {
            Some(sentinel) => Step::Send(Arc::clone(sentinel), Arc::clone(&self.known.question)),
            None => {
                let message = "no sentinel could be asked";
                let problem = self.problem.take();
                Step::Done(Err(
                    problem.unwrap_or_else(|| Error::new(ErrorKind::Unavailable, message))
                ))
            }
        }
    }

    fn led_by(&mut self, leader: Arc<Server>) -> Step {
        self.leader = Some(Arc::clone(&leader));
        Step::Send(leader, Arc::clone(&self.batch))
    }

    fn asked(&mut self, answer: Result<Few<Value>, Fault>) -> Step {
        let sentinel = self.sentinels.pop_front();
        let outcome = match (answer, &sentinel) {
            (Ok(values), Some(sentinel)) => self.known.named(&values, sentinel),
            (Err(fault), _) => Err(fault.error),
            (Ok(_), None) => return self.ask(),
        };
        match outcome {
            Ok(leader) => {
                tracing::debug!(server = leader.name, "the sentinels named the leader");
                *self.known.leader.lock() = Some(Arc::clone(&leader));
                self.led_by(leader)
            }
            Err(error) => {
                self.problem = Some(error);
                self.ask()
            }
        }
    }

    fn answered(&mut self, answer: Result<Few<Value>, Fault>, leader: &Arc<Server>) -> Step {
        let is_demoted = |values: &[Value]| values.iter().any(is_refusal);
        let (is_wrong, may_repeat) = match &answer {
            Ok(values) => (is_demoted(values), values.iter().all(is_refusal)),
            Err(fault) => (
                fault.stage != Stage::Unbegun,
                fault.may_repeat(self.batch.is_repeatable),
            ),
        };
        if is_wrong {
            self.known.forget(leader);
            if may_repeat && !self.is_again {
                self.is_again = true;
                self.sentinels = self.known.sentinels.iter().cloned().collect();
                return self.ask();
            }
        }
        let reply = |value| Reply {
            server: Arc::clone(leader),
            value,
        };
        let replies = answer.map(|values| values.into_iter().map(reply).collect());
        Step::Done(replies.map_err(|fault| fault.error))
    }
}

/// Whether a server refuses because it does not lead.
fn is_refusal(value: &Value) -> bool {
    matches!(value, Value::ServerError(error) if error.kind() == Some(ServerErrorKind::ReadOnly))
}

impl Led<'_> {
    pub(crate) fn next(&mut self, answer: Answer) -> Step {
        match (answer, self.leader.take()) {
            (Some(answer), Some(leader)) => self.answered(answer, &leader),
            (Some(answer), None) => self.asked(answer),
            (None, _) if self.batch.len() == 0 => Step::Done(Ok(Few::new())),
            (None, _) => {
                let leader = self.known.leader.lock().clone();
                if let Some(leader) = leader {
                    return self.led_by(leader);
                }
                self.sentinels = self.known.sentinels.iter().cloned().collect();
                self.ask()
            }
        }
    }
}
