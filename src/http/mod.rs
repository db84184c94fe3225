//! HTTP: what caches along the way are told of a page.

mod cache_control;

pub use cache_control::{CacheControl, cache_control, get_max_age, patch_cache_control};
