//! What a Django site caches: values of Python, and [`pickle`] without executing anything.
//!
//! With `OPTIONS.FORMAT = "django"` an alias has the entries of the site: `get` reads them into the types of a program, or
//! into a [`Value`], and what `set` stores the site reads as what Python calls it. Stores write as the site does:
//!
//! | BACKEND | the site has | SERIALIZER | COMPRESSOR |
//! |---|---|---|---|
//! | `redis` | Django's cache, or django-redis | `pickle`, `json`, `messagepack` | `zlib`, `zstd`, `lz4` |
//! | `memcached` | pymemcache or pylibmc | `pickle` | |
//! | `file` | Django's cache | `pickle` | |
//! | `locmem`, `dummy` | no part in it | any of them | any of them |
//!
//! - Nothing that cannot be read is removed: it is an error, and stays what it is to the site.
//! - An `int` of Python stays a number that both sides count, where the store counts: on `redis` and `memcached`.
//! - An integer past 64 bits is read as `i128`, `u128` or [`BigInt`].

mod release;

pub(crate) use release::Django;

#[cfg(feature = "django")]
pub use cachemere_django::{
    BigInt, Date, DateTime, Decimal, Opaque, ParseError, SafeString, Time, TimeDelta, Uuid, Value,
    Zone, pickle,
};
