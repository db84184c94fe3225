use std::time::Duration;

use hdrhistogram::Histogram;

/// How long calls took, to three digits.
#[derive(Debug)]
pub(super) struct Latencies {
    nanoseconds: Histogram<u64>,
    /// From the first call to the last.
    elapsed: Duration,
}

/// An hour: what takes longer counts as that.
const LONGEST: u64 = 3_600_000_000_000;

/// What is told of them.
const PERCENTILES: [(&str, f64); 5] = [
    ("p50", 0.5),
    ("p90", 0.9),
    ("p99", 0.99),
    ("p99.9", 0.999),
    ("max", 1.0),
];

impl Latencies {
    pub(super) fn new() -> Self {
        Self {
            nanoseconds: Histogram::new_with_bounds(1, LONGEST, 3).expect("the bounds are right"),
            elapsed: Duration::ZERO,
        }
    }

    /// Those of threads that ran at once.
    pub(super) fn together(each: Vec<Self>) -> Self {
        each.into_iter().fold(Self::new(), |mut all, one| {
            all.nanoseconds += one.nanoseconds;
            all.elapsed = all.elapsed.max(one.elapsed);
            all
        })
    }

    /// Adds a call.
    pub(super) fn add(&mut self, took: Duration) {
        self.nanoseconds.saturating_record(took.as_nanos() as u64);
        self.elapsed += took;
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.elapsed
    }

    pub(super) fn calls(&self) -> u64 {
        self.nanoseconds.len()
    }

    pub(super) fn calls_per_second(&self) -> f64 {
        self.calls() as f64 / self.elapsed.as_secs_f64()
    }

    /// Names, and microseconds that so many calls did not take longer than.
    pub(super) fn percentiles(&self) -> [(&'static str, f64); PERCENTILES.len()] {
        PERCENTILES.map(|(name, part)| {
            let nanoseconds = self.nanoseconds.value_at_quantile(part);
            (name, nanoseconds as f64 / 1_000.0)
        })
    }
}
