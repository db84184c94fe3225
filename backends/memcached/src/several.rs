//! Operations on several keys, and on all servers.

use std::{
    collections::VecDeque,
    future::poll_fn,
    panic,
    pin::Pin,
    task::Poll,
    thread::{self, ScopedJoinHandle},
    time::Instant,
};

use cachemere_base::{Error, Key, Result};
use parking_lot::Mutex;
use tokio::runtime;

use crate::{
    Memcached,
    blocking::Connection,
    fault::Fault,
    health::Leave,
    memcached::{current_runtime, is_fit_after, on_server},
    request::{Action, Reply, Request},
    server::{Lent, Server},
    verbs::{Batch, Chunk, chunks},
};

/// What one server has of an operation: in one piece if it is small.
type Share = VecDeque<Chunk>;

/// What one server is asked at once.
struct Ask<'k> {
    server: usize,
    leave: Result<Leave>,
    requests: Vec<Request<'k>>,
}

/// A conversation with one of several servers.
struct Talk<'a, 'k> {
    /// Its place among them.
    place: usize,
    server: &'a Server,
    leave: Leave,
    lent: Lent<'a, Connection>,
    requests: Vec<Request<'k>>,
}

/// A connection, or one that is being made.
enum Opening<'s> {
    Done(Result<Connection, Fault>),
    Begun(ScopedJoinHandle<'s, Result<Connection, Fault>>),
}

/// What was not done, and the first reason.
#[derive(Default)]
struct Failed {
    first: Option<Error>,
    positions: Vec<usize>,
}

impl Failed {
    /// The rest of a share, which its server did not do.
    fn note(&mut self, error: Error, share: &mut Share) {
        self.first.get_or_insert(error);
        let rest = share.drain(..);
        self.positions
            .extend(rest.flat_map(|chunk| chunk.positions));
    }
}

impl Memcached {
    /// Carries out an operation on several keys, on all servers that answer.
    pub(crate) fn run_batch<B: Batch>(
        &self,
        keys: &[Key],
        size: impl Fn(usize) -> Option<usize>,
        mut batch: B,
    ) -> Result<B::Output> {
        let mut failed = Failed::default();
        let mut shares = self.shares(keys, size)?;
        while !shares.is_empty() {
            let next = || shares.iter().map(|share| &share[0]);
            let asks = next().map(|chunk| Ask {
                server: chunk.server,
                leave: self.servers[chunk.server].health.leave(),
                requests: chunk.requests(keys, &mut batch),
            });
            let asks = asks.collect();
            let outcomes = self.ask_at_once(asks, |place, replies| {
                shares[place][0].answered(keys, &mut batch, replies)
            });
            for (outcome, share) in outcomes.into_iter().zip(&mut shares) {
                match outcome {
                    Ok(()) => drop(share.pop_front()),
                    Err(error) => failed.note(error, share),
                }
            }
            shares.retain(|share| !share.is_empty());
        }
        self.ended(batch, failed)
    }

    /// The same, where no server waits for another.
    pub(crate) async fn run_batch_async<B: Batch + Send>(
        &self,
        keys: &[Key],
        size: impl Fn(usize) -> Option<usize>,
        batch: B,
    ) -> Result<B::Output> {
        let runtime = current_runtime()?;
        let batch = Mutex::new(batch);
        let work = self.shares(keys, size)?.into_iter().map(|mut share| {
            let batch = &batch;
            Box::pin(async move {
                while let Some(chunk) = share.front() {
                    match self.carry_async(runtime, keys, chunk, batch).await {
                        Ok(()) => drop(share.pop_front()),
                        Err(error) => return Err((error, share)),
                    }
                }
                Ok(())
            })
        });
        let mut failed = Failed::default();
        for outcome in together(work.collect()).await {
            if let Err((error, mut share)) = outcome {
                failed.note(error, &mut share);
            }
        }
        self.ended(batch.into_inner(), failed)
    }

    async fn carry_async<B: Batch>(
        &self,
        runtime: runtime::Id,
        keys: &[Key],
        chunk: &Chunk,
        batch: &Mutex<B>,
    ) -> Result<()> {
        let server = &self.servers[chunk.server];
        let leave = server.health.leave()?;
        on_server!(
            server,
            leave,
            &self.damage.alias,
            server.lend_async(&self.client, runtime).await,
            lent => lent.connection.carry(keys, chunk, batch).await,
            lent.keep(runtime)
        )
    }

    /// What each server has to do, in the order of the servers.
    fn shares(&self, keys: &[Key], size: impl Fn(usize) -> Option<usize>) -> Result<Vec<Share>> {
        let mut shares: Vec<Share> = self.servers.iter().map(|_| Share::new()).collect();
        for chunk in chunks(keys, size, self.servers_of(keys)?) {
            shares[chunk.server].push_back(chunk);
        }
        shares.retain(|share| !share.is_empty());
        Ok(shares)
    }

    /// The outcome of an operation of which some servers did nothing: where the alias takes a fault for a miss, what the
    /// others did.
    fn ended<B: Batch>(&self, mut batch: B, failed: Failed) -> Result<B::Output> {
        match failed.first {
            None => {}
            Some(error) if self.forgives && error.is_fault() => {
                self.damage.counters.count_fault();
                let alias = &self.damage.alias;
                tracing::warn!(
                    alias,
                    "a fault of one server is a miss for its keys: {error}"
                );
                batch.missed(&failed.positions);
            }
            Some(error) => return Err(error),
        }
        Ok(batch.finish())
    }

    /// Asks every server, also one that did not answer a moment ago.
    pub(crate) fn ask_all(&self, action: &Action) -> Result<Vec<(String, Reply)>> {
        let ask = |server| Ask {
            server,
            leave: Ok(Leave::Trial),
            requests: vec![Request {
                key: "",
                action: action.clone(),
            }],
        };
        let asks = (0..self.servers.len()).map(ask).collect();
        let mut replies = Vec::new();
        let outcomes = self.ask_at_once(asks, |place, reply| {
            let name = &self.servers[place].name;
            replies.extend(reply.into_iter().map(|reply| (name.clone(), reply)));
            Ok(Vec::new())
        });
        outcomes.into_iter().collect::<Result<()>>()?;
        Ok(replies)
    }

    pub(crate) async fn ask_all_async(&self, action: &Action) -> Result<Vec<(String, Reply)>> {
        let runtime = current_runtime()?;
        let work = self.servers.iter().map(|server| {
            Box::pin(async move {
                let reply = on_server!(
                    server,
                    Leave::Trial,
                    &self.damage.alias,
                    server.lend_async(&self.client, runtime).await,
                    lent => lent.connection.ask("", action.clone()).await,
                    lent.keep(runtime)
                );
                Ok((server.name.clone(), reply?))
            })
        });
        together(work.collect()).await.into_iter().collect()
    }

    /// Asks several servers before the first one is heard, so that all which do not answer cost the time of one.
    ///
    /// `answered` takes the replies of a server, by its place in `asks`, and gives what it is still to be asked, whatever
    /// it replies to that. The servers are in their order, so that threads which hold a connection to one and wait for one
    /// to another do not wait for each other.
    fn ask_at_once<'k>(
        &self,
        asks: Vec<Ask<'k>>,
        mut answered: impl FnMut(usize, Vec<Reply>) -> Result<Vec<Request<'k>>, Fault>,
    ) -> Vec<Result<()>> {
        let mut outcomes: Vec<_> = asks.iter().map(|_| Ok(())).collect();
        let mut talks = self.begin(asks, &mut outcomes);
        let mut is_first = true;
        while !talks.is_empty() {
            let deadline = Instant::now() + self.client.timeout;
            let tell = |talk: &mut Talk<'_, '_>| {
                let connection = &mut talk.lent.connection;
                connection.tell(&talk.requests, deadline)
            };
            let told: Vec<_> = talks.iter_mut().map(tell).collect();
            let mut go_on = Vec::new();
            for (mut talk, told) in talks.into_iter().zip(told) {
                let connection = &mut talk.lent.connection;
                let heard = told.and_then(|()| connection.hear(&talk.requests, deadline));
                let more = heard.and_then(|replies| match is_first {
                    true => answered(talk.place, replies),
                    false => Ok(Vec::new()),
                });
                match more {
                    Ok(requests) if !requests.is_empty() => go_on.push(Talk { requests, ..talk }),
                    more => {
                        let place = talk.place;
                        outcomes[place] = talk.end(more.map(drop), &self.damage.alias);
                    }
                }
            }
            talks = go_on;
            is_first = false;
        }
        outcomes
    }

    /// Takes a connection to each server, or notes why there is none.
    fn begin<'k>(&self, asks: Vec<Ask<'k>>, outcomes: &mut [Result<()>]) -> Vec<Talk<'_, 'k>> {
        let alias = &self.damage.alias;
        let deadline = Instant::now() + self.client.timeout;
        let mut taken = Vec::new();
        let mut connections = Vec::new();
        for (place, ask) in asks.into_iter().enumerate() {
            let server = &self.servers[ask.server];
            let slot = ask.leave.and_then(|leave| {
                let taken = server.take(&self.client, deadline);
                let taken = taken.map_err(|fault| server.failed(fault, leave, alias));
                Ok((leave, taken?))
            });
            match slot {
                Ok((leave, (slot, idle))) => {
                    connections.push((server, idle));
                    taken.push((place, server, leave, slot, ask.requests));
                }
                Err(error) => outcomes[place] = Err(error),
            }
        }
        let mut talks = Vec::new();
        let opened = self.open_all(connections);
        for ((place, server, leave, slot, requests), opened) in taken.into_iter().zip(opened) {
            match opened {
                Ok(connection) => talks.push(Talk {
                    place,
                    server,
                    leave,
                    lent: Lent { connection, slot },
                    requests,
                }),
                Err(fault) => outcomes[place] = Err(server.failed(fault, leave, alias)),
            }
        }
        talks
    }

    /// Opens the connections that are missing: at the same time, where that is more than one.
    fn open_all<'a>(
        &'a self,
        connections: Vec<(&'a Server, Option<Connection>)>,
    ) -> Vec<Result<Connection, Fault>> {
        let missing = connections.iter().filter(|(_, idle)| idle.is_none());
        let are_several = missing.count() > 1;
        thread::scope(|scope| {
            let open = |(server, idle): (&'a Server, Option<Connection>)| {
                let open = || server.open(&self.client);
                match idle {
                    Some(idle) => Opening::Done(Ok(idle)),
                    None if are_several => {
                        let begun = thread::Builder::new().spawn_scoped(scope, open);
                        begun.map_or_else(|_| Opening::Done(open()), Opening::Begun)
                    }
                    None => Opening::Done(open()),
                }
            };
            let opening: Vec<_> = connections.into_iter().map(open).collect();
            opening.into_iter().map(Opening::done).collect()
        })
    }
}

impl Opening<'_> {
    fn done(self) -> Result<Connection, Fault> {
        match self {
            Self::Done(opened) => opened,
            Self::Begun(thread) => thread
                .join()
                .unwrap_or_else(|cause| panic::resume_unwind(cause)),
        }
    }
}

impl Talk<'_, '_> {
    /// Keeps the connection if it is fit for the next one, and takes note of how it went.
    fn end(self, outcome: Result<(), Fault>, alias: &str) -> Result<()> {
        if is_fit_after(&outcome) {
            self.lent.keep();
        }
        self.server.noted(outcome, self.leave, alias)
    }
}

/// The outputs of all futures, which are waited for at once.
async fn together<F: Future + Unpin>(mut futures: Vec<F>) -> Vec<F::Output> {
    let mut outputs: Vec<_> = futures.iter().map(|_| None).collect();
    poll_fn(|context| {
        let mut is_ready = true;
        for (future, output) in futures.iter_mut().zip(&mut outputs) {
            if output.is_none() {
                match Pin::new(future).poll(context) {
                    Poll::Ready(done) => *output = Some(done),
                    Poll::Pending => is_ready = false,
                }
            }
        }
        if is_ready {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    outputs.into_iter().flatten().collect()
}
