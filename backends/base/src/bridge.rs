//! The bounded pool of threads on which stores that block are used from asynchronous code, in whatever runtime.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::Duration,
};

use futures_channel::oneshot;
use parking_lot::{Condvar, Mutex};

use crate::{Error, ErrorKind, Result};

/// More blocking calls than this wait for their turn.
const MAX_THREADS: usize = 16;

/// A thread without work for so long ends.
const IDLE: Duration = Duration::from_secs(10);

type Job = Box<dyn FnOnce() + Send>;

struct Pool {
    state: Mutex<State>,
    work: Condvar,
}

struct State {
    /// Whose threads these are: a forked child has none of them.
    process: u32,
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
}

static POOL: Pool = Pool {
    state: Mutex::new(State {
        process: 0,
        jobs: VecDeque::new(),
        threads: 0,
        idle: 0,
    }),
    work: Condvar::new(),
};

/// Runs a call that blocks, on a bounded pool of threads that all stores share; in whatever runtime.
///
/// If the future is dropped, the call runs to its end if it has begun, else not at all.
///
/// # Errors
/// The call's own; [`Panicked`](ErrorKind::Panicked) if it panics.
pub async fn unblock<T: Send + 'static>(
    call: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let (sender, receiver) = oneshot::channel();
    POOL.submit(Box::new(move || {
        if sender.is_canceled() {
            return;
        }
        let outcome = catch_unwind(AssertUnwindSafe(call));
        let _ = sender.send(outcome.unwrap_or_else(|_| Err(panicked())));
    }))?;
    receiver.await.unwrap_or_else(|_| Err(panicked()))
}

fn panicked() -> Error {
    Error::new(ErrorKind::Panicked, "the backend panicked")
}

impl Pool {
    fn submit(&'static self, job: Job) -> Result<()> {
        let mut state = self.state.lock();
        let process = std::process::id();
        if state.process != process {
            *state = State {
                process,
                jobs: VecDeque::new(),
                threads: 0,
                idle: 0,
            };
        }
        state.jobs.push_back(job);
        if state.idle >= state.jobs.len() || state.threads == MAX_THREADS {
            self.work.notify_one();
            return Ok(());
        }
        let spawned = thread::Builder::new()
            .name("cachemere-blocking".into())
            .spawn(|| self.serve());
        match spawned {
            Ok(_) => state.threads += 1,
            Err(error) if state.threads == 0 => {
                state.jobs.pop_back();
                return Err(Error::from(error));
            }
            Err(_) => {}
        }
        Ok(())
    }

    fn serve(&self) {
        let mut state = self.state.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                drop(state);
                job();
                state = self.state.lock();
                continue;
            }
            state.idle += 1;
            let waited = self.work.wait_for(&mut state, IDLE);
            state.idle -= 1;
            if waited.timed_out() && state.jobs.is_empty() {
                state.threads -= 1;
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_and_the_pool_goes_on() {
        let error = pollster::block_on(unblock::<()>(|| panic!("boom"))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panicked);
        assert_eq!(pollster::block_on(unblock(|| Ok(1))).unwrap(), 1);
    }

    #[test]
    fn many_calls_at_once_use_a_bounded_number_of_threads() {
        let calls: Vec<_> = (0..200)
            .map(|n| {
                thread::spawn(move || {
                    pollster::block_on(unblock(move || Ok((n, thread::current().id()))))
                })
            })
            .collect();
        let threads: std::collections::HashSet<_> = calls
            .into_iter()
            .map(|call| call.join().unwrap().unwrap().1)
            .collect();
        assert!(threads.len() <= MAX_THREADS, "{} threads", threads.len());
    }
}
