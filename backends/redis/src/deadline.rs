use std::time::{Duration, Instant};

/// When an operation has to end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    pub(crate) fn after(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    /// What is left, and at most `limit`: never zero, which sockets take for "for ever".
    pub(crate) fn left(self, limit: Duration) -> Duration {
        let left = self.0.saturating_duration_since(Instant::now());
        left.min(limit).max(Duration::from_millis(1))
    }

    pub(crate) fn is_past(self) -> bool {
        Instant::now() >= self.0
    }

    /// The same, but not later than `limit` from now.
    pub(crate) fn within(self, limit: Duration, now: Instant) -> Self {
        Self(self.0.min(now + limit))
    }

    /// Moves it on by the time that was waited for a connection of the pool.
    pub(crate) fn extend(&mut self, by: Duration) {
        self.0 += by;
    }
}

impl From<Deadline> for tokio::time::Instant {
    fn from(deadline: Deadline) -> Self {
        deadline.0.into()
    }
}
