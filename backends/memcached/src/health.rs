use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use cachemere_base::{Error, ErrorKind};
use parking_lot::Mutex;

/// What is done about a server that does not answer: the options of pymemcache's HashClient.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// How often it is tried again before its keys go to the others.
    pub(crate) attempts: u32,
    /// How long it is left alone between two tries.
    pub(crate) between: Duration,
    /// How long its keys stay with the others.
    pub(crate) left_out: Duration,
}

/// Whether a server answers.
#[derive(Debug)]
pub(crate) struct Health {
    patience: Patience,
    is_failing: AtomicBool,
    failing: Mutex<Option<Failing>>,
}

#[derive(Debug)]
struct Failing {
    attempts: u32,
    try_again: Instant,
    out_until: Option<Instant>,
    cause: Error,
}

/// Leave to ask a server something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leave {
    /// It answered the last time.
    Given,
    /// It did not, and this is the try that finds out whether it does now.
    Trial,
}

impl Health {
    pub(crate) fn new(patience: Patience) -> Self {
        Self {
            patience,
            is_failing: AtomicBool::new(false),
            failing: Mutex::new(None),
        }
    }

    /// Whether its keys are with the others.
    pub(crate) fn is_out(&self) -> bool {
        if !self.is_failing.load(Ordering::Acquire) {
            return false;
        }
        let failing = self.failing.lock();
        let out_until = failing.as_ref().and_then(|failing| failing.out_until);
        out_until.is_some_and(|until| Instant::now() < until)
    }

    /// Leave to ask, or the error that is known without asking.
    pub(crate) fn leave(&self) -> Result<Leave, Error> {
        if !self.is_failing.load(Ordering::Acquire) {
            return Ok(Leave::Given);
        }
        let mut failing = self.failing.lock();
        let Some(failing) = failing.as_mut() else {
            return Ok(Leave::Given);
        };
        let now = Instant::now();
        if let Some(left) = failing.try_again.checked_duration_since(now)
            && !left.is_zero()
        {
            let message = format!(
                "{}; it is tried again in {:.1} s",
                failing.cause.message(),
                left.as_secs_f64()
            );
            let error = Error::new(ErrorKind::Unavailable, message);
            return Err(error.with_source(failing.cause.clone()));
        }
        failing.try_again = now + self.patience.between;
        Ok(Leave::Trial)
    }

    pub(crate) fn answered(&self, alias: &str, server: &str) {
        if !self.is_failing.load(Ordering::Acquire) {
            return;
        }
        if self.failing.lock().take().is_some() {
            self.is_failing.store(false, Ordering::Release);
            tracing::info!(alias, server, "the server answers again");
        }
    }

    pub(crate) fn failed(&self, leave: Leave, cause: &Error, alias: &str, server: &str) {
        let now = Instant::now();
        let mut failing = self.failing.lock();
        let (attempts, already_out) = match failing.as_ref() {
            None => {
                tracing::warn!(alias, server, error = %cause, "the server does not answer");
                (0, None)
            }
            Some(before) if leave == Leave::Trial => (
                before.attempts.saturating_add(1),
                before.out_until.filter(|until| now < *until),
            ),
            Some(_) => return,
        };
        let takes_out = || {
            let seconds = self.patience.left_out.as_secs_f64();
            tracing::warn!(
                alias,
                server,
                seconds,
                "the server is taken for dead, its keys go to the others"
            );
            now + self.patience.left_out
        };
        let is_out = attempts >= self.patience.attempts;
        let out_until = is_out.then(|| already_out.unwrap_or_else(takes_out));
        *failing = Some(Failing {
            attempts,
            try_again: now + self.patience.between,
            out_until,
            cause: cause.clone(),
        });
        self.is_failing.store(true, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(attempts: u32, between: u64) -> Health {
        Health::new(Patience {
            attempts,
            between: Duration::from_millis(between),
            left_out: Duration::from_secs(60),
        })
    }

    fn fail(health: &Health) {
        let leave = health.leave().unwrap();
        let cause = Error::new(ErrorKind::Unavailable, "connection refused (a:1)");
        health.failed(leave, &cause, "default", "a:1");
    }

    #[test]
    fn a_server_that_failed_is_not_asked_for_a_while() {
        let health = health(2, 60_000);
        fail(&health);
        let error = health.leave().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(
            error
                .message()
                .starts_with("connection refused (a:1); it is tried again in")
        );
        assert!(!health.is_out());
    }

    #[test]
    fn it_is_out_after_the_attempts_and_in_when_it_answers() {
        let health = health(2, 0);
        for _ in 0..2 {
            fail(&health);
            assert!(!health.is_out());
        }
        fail(&health);
        assert!(health.is_out());
        assert_eq!(health.leave().unwrap(), Leave::Trial);
        health.answered("default", "a:1");
        assert!(!health.is_out());
        assert_eq!(health.leave().unwrap(), Leave::Given);
    }

    #[test]
    fn failures_at_the_same_time_are_one() {
        let health = health(1, 0);
        let cause = Error::new(ErrorKind::Unavailable, "reset");
        for _ in 0..10 {
            health.failed(Leave::Given, &cause, "default", "a:1");
        }
        assert!(!health.is_out());
    }
}
