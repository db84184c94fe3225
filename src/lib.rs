#![doc = include_str!("../README.md")]

mod builder;
mod cache;
mod cache_async;
#[cfg(feature = "db")]
mod cache_table;
mod caches;
mod check;
mod codec;
mod config;
#[cfg(not(feature = "django"))]
mod django;
#[cfg(feature = "django")]
pub mod django;
mod flights;
mod get_or_set;
mod global;
mod handle;
#[cfg(feature = "http")]
pub mod http;
mod registry;
mod suggestion;
pub mod templates;
mod version;
#[cfg(feature = "db")]
pub mod versions;

pub use cachemere_base as base;
pub use cachemere_base::{
    Counters, DEFAULT_TIMEOUT, Error, ErrorKind, Key, Remaining, Result, Timeout, Ttl, Value,
};

pub use builder::Builder;
pub use cache::Cache;
#[cfg(feature = "db")]
pub use cache_table::CacheTable;
#[cfg(feature = "db")]
pub use cachemere_db::{CacheRouter, Creation};
pub use caches::Caches;
pub use check::{Description, Report};
pub use codec::{Decode, Encode, Encoding, Raw, Stored};
pub use global::{Global, cache, caches};
pub use registry::KeyFunction;
#[doc(hidden)]
pub use registry::link as __link;
pub use version::Version;

/// The stores that are built in, for wrapping: see [`base::Wrap`].
pub mod backends {
    #[cfg(feature = "db")]
    pub use cachemere_db::{self as db, Db};
    pub use cachemere_dummy::{self as dummy, Dummy};
    pub use cachemere_file::{self as file, File};
    pub use cachemere_locmem::{self as locmem, LocMem};
    #[cfg(feature = "memcached")]
    pub use cachemere_memcached::{self as memcached, Memcached};
    #[cfg(feature = "redis")]
    pub use cachemere_redis::{self as redis, Redis};
}

#[doc = include_str!("docs/guide.md")]
pub mod guide {}

/// Every setting that `caches.toml` may have, each at a value that is not its default.
#[doc = concat!("```toml\n", include_str!("../docs/reference.toml"), "```")]
pub mod reference {}
