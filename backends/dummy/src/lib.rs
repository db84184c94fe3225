//! The dummy cache of `cachemere`: it accepts everything and keeps nothing.
//!
//! For development and tests: the code that caches runs, and every answer is computed anew. Django's
//! `django.core.cache.backends.dummy.DummyCache`.
//!
//! ```toml
//! [CACHES.default]
//! BACKEND = "dummy"
//! ```

mod dummy;
mod options;

pub use dummy::Dummy;
pub use options::Options;
