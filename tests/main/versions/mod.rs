//! Named versions: a registry in a database, and a copy of it in a cache.

mod copy;
mod hooked;
mod registry;
#[cfg(feature = "http")]
mod request;
mod site;
