//! Generations: a page is of one of its URL, and of one of its route if that has a name.

use crate::http::key;

/// A number that no other generation has, and not 0.
pub(super) fn random() -> i64 {
    fastrand::i64(1..)
}

/// Where the generation of a URL is stored: once for all languages and time zones.
pub(super) fn of_url(key_prefix: &str, uri: u128) -> String {
    format!("views.decorators.cache.cache_generation.{key_prefix}.{uri:032x}")
}

/// Where the generation of a route is stored.
pub(super) fn of_route(key_prefix: &str, name: &str) -> String {
    let name = key::digest(name);
    format!("views.decorators.cache.cache_route.{key_prefix}.{name:032x}")
}
