use std::{fmt, mem};

use parking_lot::Mutex;

use crate::lru::{Lru, Removed};

/// The entries of one LOCATION, shared by all threads and by the aliases that name it.
#[derive(Default)]
pub(crate) struct Store(Mutex<Lru>);

impl Store {
    /// Does one operation, and drops the values it removed when the lock is free again.
    pub(crate) fn locked<T>(&self, operation: impl FnOnce(&mut Lru, &mut Removed) -> T) -> T {
        let mut removed = Removed::default();
        let mut lru = self.0.lock();
        let result = operation(&mut lru, &mut removed);
        drop(lru);
        result
    }

    pub(crate) fn clear(&self) {
        let old = mem::take(&mut *self.0.lock());
        drop(old);
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}
