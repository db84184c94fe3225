use std::{fmt::Debug, path::PathBuf, time::Duration};

use crate::{Asynchrony, Key, KeyCheck, Result, Ttl, Value};

/// How long an entry still lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remaining {
    /// For ever.
    Never,
    /// For this long.
    For(Duration),
    /// The store cannot tell.
    Unknown,
}

/// A store of bytes, shared by all threads of an alias.
///
/// - A store that needs connections owns a bounded pool of them.
/// - An expired entry is as good as none, in every method.
/// - `add`, `incr` and `set` are atomic: with many threads, and with many processes where the store is shared by them.
/// - A method that is bridged (see [`asynchronous`](Self::asynchronous)) does not wait for the asynchronous API: the pool
///   of threads it runs on is bounded.
/// - Every method returns in bounded time, and none panics, inside or outside of an async runtime.
pub trait Backend: Debug + Send + Sync + 'static {
    /// The value of a key.
    fn get(&self, key: &Key) -> Result<Option<Value>>;

    /// Stores a value for `ttl`, over whatever is there. After an error the old value is not to be read any more.
    fn set(&self, key: &Key, value: Value, ttl: Ttl) -> Result<()>;

    /// Stores a value where there is none; false if there is one.
    fn add(&self, key: &Key, value: Value, ttl: Ttl) -> Result<bool>;

    /// Gives an entry a new lifetime; false if there is none.
    fn touch(&self, key: &Key, ttl: Ttl) -> Result<bool>;

    /// Removes an entry; false if there was none.
    fn delete(&self, key: &Key) -> Result<bool>;

    /// Adds `delta` to a stored integer and returns the sum, keeping its lifetime; `None` if there is no entry.
    ///
    /// # Errors
    /// [`NotAnInteger`](crate::ErrorKind::NotAnInteger) for another value,
    /// [`Overflow`](crate::ErrorKind::Overflow) where the sum does not fit; the entry stays as it is.
    fn incr(&self, key: &Key, delta: i64) -> Result<Option<i64>>;

    /// Removes everything in the store, whatever its prefix and version.
    fn clear(&self) -> Result<()>;

    /// Whether there is an entry.
    fn has_key(&self, key: &Key) -> Result<bool> {
        self.get(key).map(|value| value.is_some())
    }

    /// The values of several keys, in their order.
    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Value>>> {
        keys.iter().map(|key| self.get(key)).collect()
    }

    /// Stores several values and returns the positions of those that the store refused.
    fn set_many(&self, entries: Vec<(Key, Value)>, ttl: Ttl) -> Result<Vec<usize>> {
        let mut failed = Vec::new();
        for (position, (key, value)) in entries.into_iter().enumerate() {
            match self.set(&key, value, ttl) {
                Err(error) if error.kind() == crate::ErrorKind::TooLarge => failed.push(position),
                other => other?,
            }
        }
        Ok(failed)
    }

    /// Removes several entries.
    fn delete_many(&self, keys: &[Key]) -> Result<()> {
        keys.iter().try_for_each(|key| self.delete(key).map(drop))
    }

    /// The value of a key as the one who writes next must see it: where reads go to replicas, this one does not.
    fn get_for_update(&self, key: &Key) -> Result<Option<Value>> {
        self.get(key)
    }

    /// The value of a key and how long it still lives, read as [`get_for_update`](Self::get_for_update) reads.
    fn get_with_ttl(&self, key: &Key) -> Result<Option<(Value, Remaining)>> {
        Ok(self.get(key)?.map(|value| (value, Remaining::Unknown)))
    }

    /// Gives connections back to the system; the next operation connects again.
    fn close(&self) -> Result<()> {
        Ok(())
    }

    /// What this store says of a key, before any operation: by default a warning where memcached would refuse it.
    fn check_key(&self, key: &Key) -> KeyCheck {
        if key.is_portable() {
            return KeyCheck::Good;
        }
        match key.problems() {
            problems if problems.is_empty() => KeyCheck::Good,
            problems => KeyCheck::Warn(problems),
        }
    }

    /// How the asynchronous API reaches this store: by default through a bounded pool of blocking threads.
    fn asynchronous(&self) -> Asynchrony<'_> {
        Asynchrony::Bridged
    }

    /// Whether it forgets everything at once, as the dummy cache does: nothing is then waited for or read back.
    fn stores_nothing(&self) -> bool {
        false
    }

    /// Whether entries outlive this process.
    fn is_lasting(&self) -> bool {
        true
    }

    /// What is the same for two backends over one store: by default, where this object lies in memory.
    fn identity(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// The folder that the store fills, where it keeps its entries in files.
    fn folder(&self) -> Option<PathBuf> {
        None
    }

    /// The servers behind the store and their versions, asked for now: `redis 7.0.15 at 127.0.0.1:6379`.
    fn servers(&self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    /// What a reader of `cachemere check` should know of this configuration: options without effect, risky places.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}
