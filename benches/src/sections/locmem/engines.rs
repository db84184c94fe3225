//! Caches for one process, as their authors advise.

use std::{sync::Mutex, time::Duration};

use cached::{LruTtlCache, ShardedLruTtlCache, prelude::*};
use quick_cache::sync::{EntryAction, EntryResult};

/// As the store of this library has it.
const CAPACITY: usize = 20_000;
const LIFETIME: Duration = Duration::from_secs(300);

/// A cache of values that are cheap to clone.
pub(crate) trait Engine<V>: Sync {
    fn name(&self) -> &'static str;
    fn get(&self, key: &str) -> Option<V>;
    fn set(&self, key: String, value: V);
}

/// One that counts atomically.
pub(crate) trait Counting: Engine<i64> {
    fn incr(&self, key: String) -> i64;
}

pub(crate) struct Moka<V>(moka::sync::Cache<String, V>);

impl<V: Clone + Send + Sync + 'static> Default for Moka<V> {
    fn default() -> Self {
        let cache = moka::sync::Cache::builder()
            .max_capacity(CAPACITY as u64)
            .time_to_live(LIFETIME);
        Self(cache.build())
    }
}

impl<V: Clone + Send + Sync + 'static> Moka<V> {
    /// Does now what it would do beside the next calls.
    pub(crate) fn settle(&self) {
        self.0.run_pending_tasks();
    }
}

impl<V: Clone + Send + Sync + 'static> Engine<V> for Moka<V> {
    fn name(&self) -> &'static str {
        "moka"
    }

    fn get(&self, key: &str) -> Option<V> {
        self.0.get(key)
    }

    fn set(&self, key: String, value: V) {
        self.0.insert(key, value);
    }
}

impl Counting for Moka<i64> {
    fn incr(&self, key: String) -> i64 {
        let entry = self.0.entry(key);
        let sum = entry.and_upsert_with(|entry| entry.map_or(1, |entry| entry.into_value() + 1));
        sum.into_value()
    }
}

pub(crate) struct QuickCache<V>(quick_cache::sync::Cache<String, V>);

impl<V: Clone> Default for QuickCache<V> {
    fn default() -> Self {
        Self(quick_cache::sync::Cache::new(CAPACITY))
    }
}

impl<V: Clone + Send + Sync> Engine<V> for QuickCache<V> {
    fn name(&self) -> &'static str {
        "quick_cache"
    }

    fn get(&self, key: &str) -> Option<V> {
        self.0.get(key)
    }

    fn set(&self, key: String, value: V) {
        self.0.insert(key, value);
    }
}

impl Counting for QuickCache<i64> {
    fn incr(&self, key: String) -> i64 {
        let counted = self.0.entry(key.as_str(), None, |_, count| {
            *count += 1;
            EntryAction::Retain(*count)
        });
        match counted {
            EntryResult::Retained(count) => count,
            _ => panic!("the counter is there"),
        }
    }
}

pub(crate) struct Sharded<V>(ShardedLruTtlCache<String, V>);

impl<V: Clone + Send + Sync> Default for Sharded<V> {
    fn default() -> Self {
        Self(ShardedLruTtlCache::new(CAPACITY, LIFETIME))
    }
}

impl<V: Clone + Send + Sync> Engine<V> for Sharded<V> {
    fn name(&self) -> &'static str {
        "`cached`, sharded"
    }

    fn get(&self, key: &str) -> Option<V> {
        self.0.get(key)
    }

    fn set(&self, key: String, value: V) {
        drop(self.0.set(key, value));
    }
}

pub(crate) struct Plain<V>(Mutex<LruTtlCache<String, V>>);

impl<V: Clone + Send + Sync> Default for Plain<V> {
    fn default() -> Self {
        let cache = LruTtlCache::builder().max_size(CAPACITY).ttl(LIFETIME);
        Self(Mutex::new(
            cache.build().expect("the builder has all it needs"),
        ))
    }
}

impl<V: Clone + Send + Sync> Engine<V> for Plain<V> {
    fn name(&self) -> &'static str {
        "`cached`, one lock"
    }

    fn get(&self, key: &str) -> Option<V> {
        self.0.lock().expect("no thread panics").get(key).cloned()
    }

    fn set(&self, key: String, value: V) {
        drop(self.0.lock().expect("no thread panics").set(key, value));
    }
}

impl Counting for Plain<i64> {
    fn incr(&self, key: String) -> i64 {
        let mut cache = self.0.lock().expect("no thread panics");
        let count = cache.get_mut(&key).expect("the counter is there");
        *count += 1;
        *count
    }
}
