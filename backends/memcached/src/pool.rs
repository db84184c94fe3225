use std::{
    fmt, process,
    time::{Duration, Instant},
};

use event_listener::Event;
use parking_lot::Mutex;
use tokio::runtime;

use crate::{asynchronous, blocking};

/// A connection that was idle for longer is closed instead of used: what is between may have forgotten it.
const STALE: Duration = Duration::from_secs(60);

/// The connections to one server: at most so many, whoever uses them.
///
/// The blocking methods and each runtime have their own idle ones. Where there are as many as there may be, one that
/// is idle for others makes room.
pub(crate) struct Pool {
    most: usize,
    state: Mutex<State>,
    freed: Event,
}

#[derive(Default)]
struct State {
    /// Whose connections these are: a forked child that used them would read what its parent asked for.
    process: u32,
    /// In use and idle.
    open: usize,
    idle: Vec<Idle>,
}

/// A connection that waits to be used.
#[derive(Debug)]
pub(crate) struct Idle {
    pub(crate) link: Link,
    pub(crate) since: Instant,
}

/// A connection, and who can use it.
#[derive(Debug)]
pub(crate) enum Link {
    Blocking(blocking::Connection),
    Tokio(runtime::Id, asynchronous::Connection),
}

/// Who wants a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum User {
    Blocking,
    Tokio(runtime::Id),
}

impl Link {
    fn user(&self) -> User {
        match self {
            Self::Blocking(_) => User::Blocking,
            Self::Tokio(id, _) => User::Tokio(*id),
        }
    }
}

/// The right to have one connection open; dropped with it.
#[derive(Debug)]
pub(crate) struct Slot<'a> {
    pool: &'a Pool,
    is_kept: bool,
}

impl Pool {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            state: Mutex::default(),
            freed: Event::new(),
        }
    }

    pub(crate) fn most(&self) -> usize {
        self.most
    }

    /// Told when one may be [taken](Self::take) again.
    pub(crate) fn freed(&self) -> &Event {
        &self.freed
    }

    /// An idle connection or the right to open one; `None` if all are in use.
    pub(crate) fn take(&self, user: User) -> Option<(Slot<'_>, Option<Idle>)> {
        let mut closed = None;
        let mut state = self.state.lock();
        state.leave_to_parent();
        let own = state.idle.iter().rposition(|idle| idle.link.user() == user);
        let idle = if let Some(own) = own {
            let idle = state.idle.remove(own);
            if idle.since.elapsed() < STALE {
                Some(idle)
            } else {
                closed = Some(idle);
                None
            }
        } else if state.open < self.most {
            state.open += 1;
            None
        } else if !state.idle.is_empty() {
            closed = Some(state.idle.remove(0));
            None
        } else {
            return None;
        };
        drop(state);
        drop(closed);
        let slot = Slot {
            pool: self,
            is_kept: false,
        };
        Some((slot, idle))
    }

    /// Closes what is idle.
    pub(crate) fn close(&self) {
        let idle = {
            let mut state = self.state.lock();
            state.leave_to_parent();
            state.open -= state.idle.len();
            std::mem::take(&mut state.idle)
        };
        drop(idle);
        self.freed.notify(usize::MAX);
    }
}

impl State {
    /// In a forked child, begins anew. The connections are not even closed: a runtime of the parent may watch them.
    fn leave_to_parent(&mut self) {
        let process = process::id();
        if self.process != process {
            let left = std::mem::take(self);
            self.process = process;
            std::mem::forget(left);
        }
    }
}

impl Slot<'_> {
    /// Puts the connection by for the next one who wants it.
    pub(crate) fn keep(mut self, link: Link) {
        self.is_kept = true;
        let since = Instant::now();
        self.pool.state.lock().idle.push(Idle { link, since });
        self.pool.freed.notify_additional(1);
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        if !self.is_kept {
            let mut state = self.pool.state.lock();
            state.open = state.open.saturating_sub(1);
            drop(state);
            self.pool.freed.notify_additional(1);
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("most", &self.most)
            .field("open", &self.state.lock().open)
            .finish_non_exhaustive()
    }
}
