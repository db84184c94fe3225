use std::{
    fmt::Debug,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Where stores that keep time themselves read it, so that tests travel in time instead of sleeping.
pub trait Clock: Debug + Send + Sync + 'static {
    /// Milliseconds since the Unix epoch.
    fn now(&self) -> u64;

    /// [`now`](Self::now), or up to [`LAG`] before it where that costs less.
    fn lately(&self) -> u64 {
        self.now()
    }
}

/// How late [`Clock::lately`] may be, in milliseconds: what expires later than that after it has not expired.
///
/// Far more than the ten milliseconds between two ticks of a slow kernel.
pub const LAG: u64 = 1000;

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> u64 {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        since.as_secs() * 1000 + u64::from(since.subsec_millis())
    }

    /// The time of the kernel's last tick, which costs a quarter of asking for the time of now.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    fn lately(&self) -> u64 {
        let tick = rustix::time::clock_gettime(rustix::time::ClockId::RealtimeCoarse);
        let seconds = u64::try_from(tick.tv_sec).unwrap_or(0);
        seconds * 1000 + u64::try_from(tick.tv_nsec).unwrap_or(0) / 1_000_000
    }
}

/// A clock that stands still until it is told to move.
#[derive(Debug)]
pub struct ManualClock(AtomicU64);

impl ManualClock {
    /// A clock that shows this many milliseconds since the Unix epoch.
    #[must_use]
    pub fn new(now: u64) -> Self {
        Self(AtomicU64::new(now))
    }

    /// Moves the clock on.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(
            u64::try_from(by.as_millis()).unwrap_or(u64::MAX),
            Ordering::SeqCst,
        );
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new(1_700_000_000_000)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheaper_time_is_not_ahead_and_no_more_than_lag_behind() {
        let (cheaper, exact) = (SystemClock.lately(), SystemClock.now());
        assert!(
            cheaper <= exact && exact - cheaper <= LAG,
            "{cheaper}, {exact}"
        );
    }
}
