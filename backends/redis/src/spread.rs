use std::{collections::VecDeque, sync::Arc};

use cachemere_base::{Error, ErrorKind};
use redis::{Cmd, ServerErrorKind, Value, cmd};

use crate::{
    cluster::{Cluster, Map, has},
    fault::{self, Fault, Stage},
    request::{Batch, Few, Reach, Reply, Request},
    server::Server,
    topology::{Answer, Step},
};

/// So often a request is sent on by servers that do not have its slot.
const MOST_ROUNDS: u8 = 4;

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
    /// A server that could not be reached. After a second one it is given up.
    failed: Option<Arc<Server>>,
    rounds: u8,
    /// Why a part has no reply of a server, where that is no error.
    pub(crate) lost: Option<Error>,
}

/// The parts for one leader.
#[derive(Debug)]
struct Group {
    server: Arc<Server>,
    parts: Vec<usize>,
    /// The leader is only about to have the slot.
    is_asked: bool,
}

impl<'a> Spread<'a> {
    pub(crate) fn new(cluster: &'a Cluster, request: Request) -> Self {
        Self {
            cluster,
            pending: (0..request.parts.len()).collect(),
            request,
            seeds: VecDeque::new(),
            groups: VecDeque::new(),
            replies: Vec::new(),
            problem: None,
            failed: None,
            rounds: 0,
            lost: None,
        }
    }

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
            let slot = self.request.parts[part].slot();
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
        if self.rounds == 0
            && let Some(map) = self.cluster.current_map()
        {
            self.rounds = 1;
            self.plan(&map);
            return self.go_on();
        }
        self.rounds += 1;
        if self.rounds > MOST_ROUNDS {
            return self.give_up();
        }
        for source in self.cluster.sources() {
            if !has(&self.seeds, &source) && !has(&self.failed, &source) {
                self.seeds.push_back(source);
            }
        }
        self.ask()
    }

    fn ask(&mut self) -> Step {
        match self.seeds.front() {
            Some(seed) => Step::Send(Arc::clone(seed), self.cluster.question()),
            None => self.give_up(),
        }
    }

    fn give_up(&mut self) -> Step {
        let message = "the cluster sends its clients around";
        let problem = self.problem.take();
        let problem = problem.unwrap_or_else(|| Error::new(ErrorKind::Unavailable, message));
        let pending = std::mem::take(&mut self.pending);
        let nobody = Arc::clone(self.cluster.seed());
        match self.lose(pending, &nobody, problem) {
            Ok(()) => self.go_on(),
            Err(problem) => Step::Done(Err(problem)),
        }
    }

    /// Goes on without the replies to these parts, if that is no error.
    fn lose(&mut self, parts: Vec<usize>, server: &Arc<Server>, error: Error) -> Result<(), Error> {
        let Some(lost) = self.request.lost.as_ref().filter(|_| error.is_fault()) else {
            return Err(error);
        };
        let reply = |part| {
            let (server, value) = (Arc::clone(server), lost.clone());
            (part, Reply { server, value })
        };
        self.replies.extend(parts.into_iter().map(reply));
        self.lost.get_or_insert(error);
        Ok(())
    }

    /// What a server said of the map.
    fn asked(&mut self, seed: &Arc<Server>, answer: Result<Few<Value>, Fault>) -> Step {
        let map = answer.map_err(|fault| fault.error);
        match map.and_then(|values| self.cluster.map(&values, seed)) {
            Ok(map) => {
                let map = Arc::new(map);
                self.cluster.learn(&map, seed);
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

    fn answered(&mut self, group: Group, values: Few<Value>) {
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
                .and_then(|details| self.cluster.target(details, &server));
            match (error.kind(), target) {
                (Some(ServerErrorKind::Ask), Some(target)) if !group.is_asked => {
                    self.ask_there(target, part);
                }
                (Some(ServerErrorKind::Moved), Some(target)) => {
                    self.problem = Some(fault::refused(error, &server));
                    // who has it now knows best
                    if !has(&self.seeds, &target) {
                        self.seeds.push_front(target);
                    }
                    self.pending.push(part);
                }
                (Some(ServerErrorKind::TryAgain | ServerErrorKind::ReadOnly), _) => {
                    self.problem = Some(fault::refused(error, &server));
                    self.pending.push(part);
                }
                _ => {
                    let lost = self.lose(vec![part], &server, fault::refused(error, &server));
                    if lost.is_err() {
                        self.replies.push((part, Reply { server, value }));
                    }
                }
            }
        }
    }

    /// Sends a part to the server that is about to have its slot.
    fn ask_there(&mut self, server: Arc<Server>, part: usize) {
        match self.groups.back_mut() {
            Some(group) if group.is_asked && Arc::ptr_eq(&group.server, &server) => {
                group.parts.push(part);
            }
            _ => self.groups.push_back(Group {
                server,
                parts: vec![part],
                is_asked: true,
            }),
        }
    }

    fn failed(&mut self, group: Group, fault: Fault) -> Option<Step> {
        if fault.stage != Stage::Unbegun {
            self.cluster.outdate();
        }
        if self.failed.is_some() || !fault.may_repeat(self.request.is_repeatable) {
            let lost = self.lose(group.parts, &group.server, fault.error);
            return lost.err().map(|error| Step::Done(Err(error)));
        }
        self.problem = Some(fault.error);
        self.failed = Some(group.server);
        if matches!(self.request.reach, Reach::Leaders | Reach::Everyone) {
            // others may lead now: all of them are asked again
            self.groups.clear();
            self.replies.clear();
            self.pending = (0..self.request.parts.len()).collect();
        } else {
            self.pending.extend(group.parts);
        }
        None
    }
}

impl Spread<'_> {
    pub(crate) fn next(&mut self, answer: Answer) -> Step {
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
