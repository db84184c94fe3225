use std::{
    fmt, process,
    time::{Duration, Instant},
};

use cachemere_base::ErrorKind;
use parking_lot::{Condvar, Mutex};

use crate::database::{
    fault::{After, Fault},
    location::Location,
    options::Times,
    session::Session,
};

/// A connection to a server that was idle for longer is closed instead of used: what is between may have forgotten it.
const STALE: Duration = Duration::from_secs(60);

/// The connections to one database: at most so many, whoever uses them.
pub(crate) struct Pool {
    location: Location,
    times: Times,
    most: usize,
    state: Mutex<State>,
    freed: Condvar,
}

#[derive(Default)]
struct State {
    /// Whose connections these are.
    process: u32,
    /// In use and idle.
    open: usize,
    idle: Vec<Idle>,
}

struct Idle {
    session: Box<dyn Session>,
    /// Not of SQLite, where it does not matter.
    since: Option<Instant>,
}

/// A connection that is in use. It goes back to the pool when it is dropped, if it is still fit.
#[derive(Debug)]
pub(crate) struct Lease<'a> {
    pool: &'a Pool,
    /// `None` once it is broken.
    session: Option<Box<dyn Session>>,
    is_in_transaction: bool,
    /// Whether it was connected for this use.
    pub(crate) is_new: bool,
    /// Whether nothing came of it, since no transaction could be begun.
    pub(crate) is_untouched: bool,
}

impl Pool {
    pub(crate) fn new(location: Location, times: Times, most: usize) -> Self {
        let most = if location.is_memory() { 1 } else { most };
        Self {
            location,
            times,
            most,
            state: Mutex::default(),
            freed: Condvar::new(),
        }
    }

    pub(crate) fn location(&self) -> &Location {
        &self.location
    }

    pub(crate) fn times(&self) -> Times {
        self.times
    }

    /// A connection, as soon as there is one.
    pub(crate) fn take(&self) -> Result<Lease<'_>, Fault> {
        loop {
            let Some(idle) = self.wait()? else {
                return self.connect();
            };
            if let Some(lease) = self.checked(idle)? {
                return Ok(lease);
            }
            // the others that rest are as old
            self.close();
        }
    }

    /// An idle connection, or the right to open one.
    fn wait(&self) -> Result<Option<Idle>, Fault> {
        let mut state = self.state.lock();
        self.leave_to_parent(&mut state)?;
        let mut deadline = None;
        loop {
            if let Some(idle) = state.idle.pop() {
                return Ok(Some(idle));
            }
            if state.open < self.most {
                state.open += 1;
                return Ok(None);
            }
            let deadline = *deadline.get_or_insert_with(|| Instant::now() + self.times.answer);
            if self.freed.wait_until(&mut state, deadline).timed_out() {
                return Err(self.exhausted());
            }
        }
    }

    fn checked(&self, idle: Idle) -> Result<Option<Lease<'_>>, Fault> {
        let mut lease = self.lease(None);
        let mut session = idle.session;
        if let Some(since) = idle.since {
            let rested = since.elapsed();
            if rested >= STALE || !session.is_fit(rested)? {
                return Ok(None);
            }
        }
        lease.session = Some(session);
        Ok(Some(lease))
    }

    fn connect(&self) -> Result<Lease<'_>, Fault> {
        let mut lease = self.lease(None);
        lease.is_new = true;
        lease.session = Some(self.location.connect(self.times)?);
        Ok(lease)
    }

    fn lease(&self, session: Option<Box<dyn Session>>) -> Lease<'_> {
        Lease {
            pool: self,
            session,
            is_in_transaction: false,
            is_new: false,
            is_untouched: false,
        }
    }

    /// Closes what is idle. A database in memory stays: it would be gone.
    pub(crate) fn close(&self) {
        if self.location.is_memory() {
            return;
        }
        let idle = {
            let mut state = self.state.lock();
            if self.leave_to_parent(&mut state).is_err() {
                return;
            }
            state.open -= state.idle.len();
            std::mem::take(&mut state.idle)
        };
        drop(idle);
        self.freed.notify_all();
    }

    /// In a forked child, begins anew: a child that used the connections would read what its parent asked for. They are
    /// not even closed, which would tell the server that the parent goes.
    ///
    /// SQLite keeps books of its locks for the whole process, which a child would take for its own.
    fn leave_to_parent(&self, state: &mut State) -> Result<(), Fault> {
        let process = process::id();
        if state.process == process {
            return Ok(());
        }
        if state.open > 0 && !self.location.is_server() {
            let place = self.location.shown();
            let message = format!(
                "this process was forked while the file was open; close the caches before ({place})"
            );
            return Err(Fault::new(ErrorKind::Unavailable, After::Fit, message));
        }
        let left = std::mem::take(state);
        state.process = process;
        std::mem::forget(left);
        Ok(())
    }

    fn exhausted(&self) -> Fault {
        let (most, limit, place) = (self.most, self.times.answer, self.location.shown());
        let message = format!("all {most} connections were in use for {limit:?} ({place})");
        Fault::new(ErrorKind::TimedOut, After::Fit, message)
    }
}

impl Lease<'_> {
    /// Runs `action` in a transaction.
    pub(crate) fn transaction<T>(
        &mut self,
        action: &mut dyn FnMut(&mut dyn Session) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let begun = self.single(&mut |session| session.begin());
        self.is_untouched = begun.is_err();
        begun?;
        self.is_in_transaction = true;
        let output = self.single(action)?;
        self.single(&mut |session| session.commit())?;
        self.is_in_transaction = false;
        Ok(output)
    }

    /// Runs `action`, which is one statement.
    pub(crate) fn single<T>(
        &mut self,
        action: &mut dyn FnMut(&mut dyn Session) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let session = self.session.as_mut().expect("it is taken by a fault alone");
        let result = action(session.as_mut());
        if let Err(fault) = &result
            && fault.after == After::Broken
        {
            self.session = None;
        }
        result
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let rolled_back = match &mut self.session {
            Some(session) if self.is_in_transaction => session.rollback().is_ok(),
            _ => true,
        };
        let kept = self.session.take().filter(|_| rolled_back);
        let since = self.pool.location.is_server().then(Instant::now);
        let mut state = self.pool.state.lock();
        match kept {
            Some(session) => state.idle.push(Idle { session, since }),
            None => state.open = state.open.saturating_sub(1),
        }
        drop(state);
        self.pool.freed.notify_one();
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("location", &self.location)
            .field("most", &self.most)
            .field("open", &self.state.lock().open)
            .finish_non_exhaustive()
    }
}
