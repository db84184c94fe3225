use std::sync::atomic::{AtomicU64, Ordering};

/// What went wrong quietly on one alias, counted since it was opened.
#[derive(Debug, Default)]
pub struct Counters {
    faults: AtomicU64,
    damaged: AtomicU64,
}

impl Counters {
    /// Faults of the store that `ON_ERROR = "miss"` turned into misses.
    #[must_use]
    pub fn faults(&self) -> u64 {
        self.faults.load(Ordering::Relaxed)
    }

    /// Entries that could not be read, were removed and taken for misses.
    #[must_use]
    pub fn damaged(&self) -> u64 {
        self.damaged.load(Ordering::Relaxed)
    }

    /// Counts a fault.
    pub fn count_fault(&self) {
        self.faults.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a damaged entry.
    pub fn count_damaged(&self) {
        self.damaged.fetch_add(1, Ordering::Relaxed);
    }
}
