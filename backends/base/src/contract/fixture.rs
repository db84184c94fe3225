use std::{sync::Arc, time::Duration};

use crate::{Backend, BoxFuture, Format, Settings};

/// How the suite makes a store, and what it may expect of it.
///
/// The methods that have a default state what a local store can do; a weaker store says so.
pub trait Fixture: Send + Sync + 'static {
    /// A fresh, empty store with the MAX_ENTRIES and CULL_FREQUENCY of these settings.
    ///
    /// Its LOCATION is for the fixture to choose. Several live at once: tests run in parallel.
    fn open(settings: Settings) -> Self
    where
        Self: Sized;

    /// The store.
    fn backend(&self) -> Arc<dyn Backend>;

    /// The same store through another backend, as another alias or process has it: by default through the same one.
    fn another(&self) -> Arc<dyn Backend> {
        self.backend()
    }

    /// Lets this much time pass: on a [`ManualClock`](crate::ManualClock), or asleep.
    fn advance(&self, by: Duration);

    /// `None` where time stands still but for [`advance`](Self::advance), and lifetimes are exact to the millisecond.
    ///
    /// Where time is real, the shortest lifetime that is safe to test with: an entry with it can be read at once, and
    /// is gone after two ticks. No behaviour sleeps for more than that, or half a second and a tick.
    fn tick(&self) -> Option<Duration> {
        None
    }

    /// Whether the store removes entries to stay within MAX_ENTRIES. One that does not keeps them all.
    fn culls(&self) -> bool {
        true
    }

    /// Whether [`get_with_ttl`](Backend::get_with_ttl) knows the lifetime; if not, it is
    /// [`Remaining::Unknown`](crate::Remaining::Unknown).
    fn tells_remaining(&self) -> bool {
        true
    }

    /// The formats of values that the store keeps apart: by default all of them.
    fn formats(&self) -> Vec<Format> {
        (0..=u8::MAX).filter_map(Format::from_byte).collect()
    }

    /// Waits until what was written can be read everywhere, on replicas too.
    fn settle(&self) {}

    /// Runs a future to its end, by default outside of any runtime.
    fn block_on(&self, future: BoxFuture<'_, ()>) {
        pollster::block_on(future);
    }
}
