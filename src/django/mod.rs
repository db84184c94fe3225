//! What a Django site caches: values of Python, and [`pickle`] without executing anything.
//!
//! With `OPTIONS.FORMAT = "django"` an alias has the entries of the site: `get` reads them into the types of a program, or
//! into a [`Value`], and what `set` stores the site reads as what Python calls it. Stores write as the site does:
//!
//! | BACKEND | the site has | SERIALIZER | COMPRESSOR |
//! |---|---|---|---|
//! | `redis` | Django's cache, or django-redis | `pickle`, `json`, `messagepack` | `zlib`, `zstd`, `lz4` |
//! | `memcached` | pymemcache or pylibmc | `pickle` | |
//! | `db` | Django's cache | `pickle` | |
//! | `file` | Django's cache | `pickle` | |
//! | `locmem`, `dummy` | no part in it | any of them | any of them |
//!
//! - Nothing that cannot be read is removed: it is an error, and stays what it is to the site.
//! - An `int` of Python stays a number that both sides count, where the store counts: on `redis` and `memcached`.
//! - On `db` and `file` Python writes behind our back: `add` and `incr` are atomic among programs with `cachemere`, and against
//!   Django as good as Django's own, whose `incr` reads and then writes. MAX_ENTRIES is kept as Django keeps it: by counting
//!   where an entry is added.
//! - The table of `db` is the site's: a missing one is created by its `createcachetable`, by `cachemere createcachetable`, or
//!   at first use if AUTO_CREATE says so. Where the site has `USE_TZ = False`, `OPTIONS.TIME_ZONE` says what its TIME_ZONE is.
//! - An integer past 64 bits is read as `i128`, `u128` or [`BigInt`].

mod release;

pub(crate) use release::Django;

#[cfg(feature = "django")]
pub use cachemere_django::{
    BigInt, Date, DateTime, Decimal, Opaque, ParseError, SafeString, Time, TimeDelta, Uuid, Value,
    Zone, pickle,
};
