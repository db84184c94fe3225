use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crate::limits::Limits;

/// What is counted over all shards. Changed only by who holds the lock of a shard: who holds all of them finds it exact.
///
/// Relaxed is enough: no number says that something else may be read, and of two uses of which one happened before the
/// other it has the lower number.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    entries: AtomicU64,
    bytes: AtomicU64,
    uses: AtomicU64,
}

impl Totals {
    /// The number of a use: higher than that of any use before it.
    pub(crate) fn next_use(&self) -> u64 {
        self.uses.fetch_add(1, Relaxed) + 1
    }

    pub(crate) fn entries(&self) -> u64 {
        self.entries.load(Relaxed)
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Relaxed)
    }

    /// Counts an entry of `size` that replaces one of `old`, whatever the limits are.
    pub(crate) fn add(&self, old: Option<u64>, size: u64) {
        if old.is_none() {
            self.entries.fetch_add(1, Relaxed);
        }
        self.bytes
            .fetch_add(size.wrapping_sub(old.unwrap_or(0)), Relaxed);
    }

    /// As [`add`](Self::add); false, and not counted, if there is no room for it.
    pub(crate) fn try_add(&self, old: Option<u64>, size: u64, limits: &Limits) -> bool {
        if old.is_none() && self.entries.fetch_add(1, Relaxed) >= limits.max_entries() {
            self.entries.fetch_sub(1, Relaxed);
            return false;
        }
        let more = size.wrapping_sub(old.unwrap_or(0));
        let bytes = match more {
            0 => self.bytes.load(Relaxed),
            more => self.bytes.fetch_add(more, Relaxed).wrapping_add(more),
        };
        let fits = bytes <= limits.max_bytes();
        if !fits {
            self.bytes.fetch_sub(more, Relaxed);
            self.entries.fetch_sub(u64::from(old.is_none()), Relaxed);
        }
        fits
    }

    pub(crate) fn subtract(&self, size: u64) {
        self.entries.fetch_sub(1, Relaxed);
        self.bytes.fetch_sub(size, Relaxed);
    }

    /// Forgets what is stored, and goes on counting uses.
    pub(crate) fn clear(&self) {
        self.entries.store(0, Relaxed);
        self.bytes.store(0, Relaxed);
    }
}
