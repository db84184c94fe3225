use std::{
    fmt,
    pin::pin,
    process,
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex, MutexGuard};
use redis::Value;
use tokio::sync::Notify;

use crate::{
    connection::Connection,
    deadline::Deadline,
    fault::{Fault, Stage},
    request::{Batch, Few},
    server::Server,
};

/// The connections of an alias: never more than `max`, the asynchronous ones among them.
pub(crate) struct Pool {
    state: Mutex<State>,
    freed: Condvar,
    freed_for_tasks: Notify,
    max: usize,
    /// How long to wait for a connection when all are in use; `None` is an error at once.
    patience: Option<Duration>,
}

#[derive(Debug, Default)]
struct State {
    /// Whose connections these are: a forked child that used them would read what its parent asked for.
    process: u32,
    open: usize,
    idle: Vec<(Arc<Server>, Connection)>,
}

/// The right to one connection.
#[derive(Debug)]
pub(crate) struct Permit(Weak<Pool>);

enum Taken {
    Idle(Connection),
    Room(Permit),
}

impl Pool {
    pub(crate) fn new(max: usize, patience: Option<Duration>) -> Self {
        Self {
            state: Mutex::default(),
            freed: Condvar::new(),
            freed_for_tasks: Notify::new(),
            max,
            patience,
        }
    }

    /// Sends commands on a connection of the pool.
    ///
    /// One that ends without a reply is replaced once, if the commands may be sent again.
    pub(crate) fn send(
        self: &Arc<Self>,
        server: &Arc<Server>,
        batch: &Batch,
        deadline: &mut Deadline,
    ) -> Result<Few<Value>, Fault> {
        let taken = self.take(server, deadline)?;
        let is_used = matches!(taken, Taken::Idle(_));
        match self.send_on(taken, server, batch, *deadline) {
            Err(fault) if is_used && fault.stage == Stage::Lost && batch.is_repeatable => {
                tracing::warn!(server = server.name, error = %fault.error, "reconnecting");
                let taken = self.take(server, deadline)?;
                self.send_on(taken, server, batch, *deadline)
            }
            outcome => outcome,
        }
    }

    fn send_on(
        &self,
        taken: Taken,
        server: &Arc<Server>,
        batch: &Batch,
        deadline: Deadline,
    ) -> Result<Few<Value>, Fault> {
        let mut connection = match taken {
            Taken::Idle(connection) => connection,
            Taken::Room(permit) => Connection::open(server, deadline, permit)?,
        };
        let replies = connection.send(server, batch, deadline)?;
        self.put_back(server, connection);
        Ok(replies)
    }

    fn put_back(&self, server: &Arc<Server>, connection: Connection) {
        let idle = (Arc::clone(server), connection);
        self.state.lock().idle.push(idle);
        self.announce();
    }

    /// A connection that is idle, or the right to a new one.
    fn take(
        self: &Arc<Self>,
        server: &Arc<Server>,
        deadline: &mut Deadline,
    ) -> Result<Taken, Fault> {
        let start = Instant::now();
        let waited = loop {
            if let Some(mut connection) = self.idle(server) {
                if connection.is_fresh() {
                    break Taken::Idle(connection);
                }
                tracing::debug!(server = server.name, "the server closed an idle connection");
                continue;
            }
            if let Some(permit) = self.room() {
                break Taken::Room(permit);
            }
            let Some(left) = self
                .patience
                .and_then(|patience| patience.checked_sub(start.elapsed()))
            else {
                return Err(Fault::exhausted(server, self.max));
            };
            let mut state = self.state();
            if state.open >= self.max && state.idle.is_empty() {
                self.freed.wait_for(&mut state, left);
            }
        };
        deadline.extend(start.elapsed());
        Ok(waited)
    }

    fn idle(&self, server: &Arc<Server>) -> Option<Connection> {
        let mut state = self.state();
        let position = state
            .idle
            .iter()
            .rposition(|(of, _)| Arc::ptr_eq(of, server))?;
        Some(state.idle.remove(position).1)
    }

    /// The right to a connection, if necessary at the cost of one that is idle.
    pub(crate) fn room(self: &Arc<Self>) -> Option<Permit> {
        let mut state = self.state();
        let evicted = if state.open < self.max {
            None
        } else if state.idle.is_empty() {
            return None;
        } else {
            Some(state.idle.remove(0))
        };
        state.open += 1;
        drop(state);
        drop(evicted);
        Some(Permit(Arc::downgrade(self)))
    }

    /// [`room`](Self::room), waited for. Tasks wait a little in any case: a connection may just be closing.
    pub(crate) async fn room_for_task(self: &Arc<Self>, server: &Server) -> Result<Permit, Fault> {
        let waiting = async {
            loop {
                let mut freed = pin!(self.freed_for_tasks.notified());
                freed.as_mut().enable();
                if let Some(permit) = self.room() {
                    return permit;
                }
                freed.await;
            }
        };
        let patience = self.patience.unwrap_or(server.connect_timeout);
        let permit = tokio::time::timeout(patience, waiting).await;
        permit
            .ok()
            .ok_or_else(|| Fault::exhausted(server, self.max))
    }

    /// How long a task that comes now may have to wait for room.
    pub(crate) fn wait(&self, server: &Server) -> Duration {
        let state = self.state();
        if state.open < self.max || !state.idle.is_empty() {
            return Duration::ZERO;
        }
        self.patience.unwrap_or(server.connect_timeout)
    }

    /// Closes what is idle.
    pub(crate) fn close(&self) {
        let idle = std::mem::take(&mut self.state().idle);
        drop(idle);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock();
        state.leave_to_parent();
        state
    }

    fn announce(&self) {
        self.freed.notify_one();
        self.freed_for_tasks.notify_one();
    }
}

impl State {
    /// In a forked child, begins anew. The connections are not even closed: TLS would say so to the server.
    fn leave_to_parent(&mut self) {
        let process = process::id();
        if self.process != process {
            let left = std::mem::take(self);
            self.process = process;
            std::mem::forget(left);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(pool) = self.0.upgrade() {
            let mut state = pool.state();
            state.open = state.open.saturating_sub(1);
            drop(state);
            pool.announce();
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        f.debug_struct("Pool")
            .field("open", &state.open)
            .field("idle", &state.idle.len())
            .field("max", &self.max)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forked_process_leaves_the_connections_to_its_parent() {
        let pool = Arc::new(Pool::new(1, None));
        let parents = pool.room();
        assert!(parents.is_some() && pool.room().is_none());
        pool.state.lock().process += 1;
        let childs = pool.room();
        assert!(childs.is_some() && pool.room().is_none());
        drop((parents, childs));
        assert!(pool.room().is_some());
    }
}
