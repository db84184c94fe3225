//! The local-memory cache of `cachemere`: the least recently used entries go first, aliases share a store by its name.
//!
//! Django's `django.core.cache.backends.locmem.LocMemCache`, for all threads of a process. Nothing is shared with other
//! processes, and nothing outlives this one.
//!
//! ```toml
//! [CACHES.default]
//! BACKEND = "locmem"
//! LOCATION = "snowflakes"       # which store, if there are several; aliases with one LOCATION share it
//!
//! [CACHES.default.OPTIONS]
//! MAX_ENTRIES = 10_000          # 300 if left out
//! CULL_FREQUENCY = 3            # a full store gives up a third; 0: all of it
//! MAX_BYTES = 67_108_864        # of keys and values; no limit if left out
//! ```
//!
//! - `get`, `set` and `incr` use an entry; `add` on a taken key, `touch` and `has_key` do not.
//! - A store that has MAX_ENTRIES is culled before the next `set`, also when that replaces an entry.
//! - The limits are those of the alias that writes.

mod cull;
mod limits;
mod locmem;
mod options;
mod shard;
mod slot;
mod store;
#[cfg(test)]
mod tests;
mod totals;

pub use locmem::LocMem;
pub use options::Options;
