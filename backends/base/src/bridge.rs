//! The bounded pool of threads on which stores that block are used from asynchronous code, in whatever runtime.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
    time::{Duration, Instant},
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

/// For what waits for this machine alone.
static LOCAL: Pool = Pool::new();
/// For what may wait for servers: one that stands still holds up none of the others.
static REMOTE: Pool = Pool::new();

/// Runs a call that blocks, on a bounded pool of threads that all stores share; in whatever runtime.
///
/// If the future is dropped, the call runs to its end if it has begun, else not at all.
///
/// # Errors
/// The call's own; [`Panicked`](ErrorKind::Panicked) if it panics.
pub async fn unblock<T: Send + 'static>(
    call: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    LOCAL.run(call).await
}

/// [`unblock`] for a call that may wait for a server, on a pool of its own. The call is given up where all threads wait for
/// longer than `limit`: without it, a thousand who ask a server that stands still would wait one after the other.
///
/// # Errors
/// Those of [`unblock`]; [`TimedOut`](ErrorKind::TimedOut) if the call was given up.
pub async fn unblock_within<T: Send + 'static>(
    limit: Duration,
    call: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let begun = Instant::now();
    let call = move || {
        if begun.elapsed() > limit {
            let message = format!("others held all threads for {limit:?}");
            return Err(Error::new(ErrorKind::TimedOut, message));
        }
        call()
    };
    REMOTE.run(call).await
}

fn panicked() -> Error {
    Error::new(ErrorKind::Panicked, "the backend panicked")
}

impl Pool {
    const fn new() -> Self {
        Self {
            state: Mutex::new(State {
                process: 0,
                jobs: VecDeque::new(),
                threads: 0,
                idle: 0,
            }),
            work: Condvar::new(),
        }
    }

    async fn run<T: Send + 'static>(
        &'static self,
        call: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (sender, receiver) = oneshot::channel();
        self.submit(Box::new(move || {
            if sender.is_canceled() {
                return;
            }
            let outcome = catch_unwind(AssertUnwindSafe(call));
            let _ = sender.send(outcome.unwrap_or_else(|_| Err(panicked())));
        }))?;
        receiver.await.unwrap_or_else(|_| Err(panicked()))
    }

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

    #[test]
    fn a_call_that_waited_too_long_for_a_thread_is_given_up() {
        let (held, holds) = std::sync::mpsc::sync_channel::<()>(0);
        let holds = std::sync::Arc::new(Mutex::new(holds));
        let mut calls: Vec<_> = (0..MAX_THREADS)
            .map(|_| {
                let holds = std::sync::Arc::clone(&holds);
                let wait = move || Ok(holds.lock().recv().is_err());
                Box::pin(unblock_within(Duration::MAX, wait))
            })
            .collect();
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        for call in &mut calls {
            assert!(call.as_mut().poll(&mut context).is_pending());
        }
        let mut late = Box::pin(unblock_within(Duration::ZERO, || Ok(())));
        assert!(late.as_mut().poll(&mut context).is_pending());
        drop(held);
        let error = pollster::block_on(late).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        for call in calls {
            assert!(pollster::block_on(call).unwrap());
        }
    }
}
