//! The memcached cache of `cachemere`: one server, or several as one cache.
//!
//! Django's `django.core.cache.backends.memcached.PyMemcacheCache` and `PyLibMCCache`. It takes memcached 1.6.10 or
//! newer, over TCP or a Unix socket, blocking or on tokio.
//!
//! ```toml
//! [CACHES.default]
//! BACKEND = "memcached"
//! LOCATION = ["10.0.0.1:11211", "10.0.0.2:11211"]   # or "10.0.0.1:11211;10.0.0.2:11211", or "unix:/run/memcached.sock"
//!
//! [CACHES.default.OPTIONS]
//! connect_timeout = "500ms"     # a second if left out; there is no way to wait for ever
//! timeout = 1.5                 # for an answer; 3 seconds if left out
//! max_pool_size = 16            # connections to each server; 32 if left out
//! retry_attempts = 2            # a server that does not answer is tried again so often,
//! retry_timeout = 1             # with so many seconds between,
//! dead_timeout = "1m"           # then its keys go to the others for so long
//! ```
//!
//! # Behavior
//!
//! - Keys are where pymemcache's `HashClient` puts them, or libmemcached with `behaviors.ketama = true`, or, by the name
//!   of `PyLibMCCache`, where libmemcached puts them by default.
//! - A server that does not answer is an error for its keys, never a false "not stored", and costs no more than
//!   `timeout`; until it is tried again the error comes at once. With one server its keys have nowhere else to go, and it
//!   is tried again every `retry_timeout`.
//! - An operation on several keys asks all their servers at once: those that do not answer cost no more together than one.
//!   It is an error if one fails; with `ignore_exc` (ON_ERROR `"miss"`) the keys of that one are missed, and the others
//!   have their values.
//! - Lifetimes are whole seconds, rounded so that no entry dies early: it lives up to three seconds longer. One whose end
//!   lies past 2038 has none.
//! - Keys of more than 250 bytes, and keys with blanks or control characters, are errors.
//! - A value over the limit of the server (a megabyte, unless `memcached -I` says otherwise) is an error, and the old one
//!   is gone.
//! - Integers are stored as decimal text that the server counts itself, in one request. It counts modulo 2^64, so that a
//!   negative one is found there as an unsigned number.
//! - What others wrote is none of ours: a miss, and removed when it is read. With `FORMAT = "django"`, entries are what a
//!   Django site reads and writes, and none is removed; counting takes two requests there.
//! - With `binary` the server cannot tell what is left of a lifetime, and a counter that is moved by more than 2^32 or
//!   farther than 2^62 from zero loses its lifetime.

mod address;
mod asynchronous;
mod backend;
mod blocking;
mod client;
#[cfg(feature = "django")]
mod django;
mod fault;
mod format;
mod health;
mod lifetime;
mod memcached;
mod options;
mod pool;
mod request;
mod routing;
mod server;
mod several;
mod verbs;
mod wire;

pub use memcached::Memcached;
pub use options::{Behaviors, Options};
