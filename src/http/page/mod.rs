//! The pages of a site, stored by one layer and fetched by another, or both by one.
//!
//! A request is looked up by `site.rs`: its `place.rs`, what is `known.rs` of its URL, then the `stored.rs` page with its `front.rs`. If there is none, it is
//! a `visit.rs`, whose answer is judged by `rules.rs` and kept by `recording.rs` while its `body.rs` passes, and
//! `storing.rs` stores it.

mod body;
mod cache_page;
mod fetch;
mod front;
mod future;
mod generation;
mod known;
mod memo;
mod options;
mod pages;
mod place;
mod recording;
mod rules;
mod site;
mod stored;
mod storing;
mod unshared;
mod update;
mod visit;

pub use body::PageBody;
pub use cache_page::{CachePage, CachePageLayer};
pub use fetch::{FetchFromCache, FetchFromCacheLayer};
pub use future::PageFuture;
pub use pages::Pages;
pub use update::{UpdateCache, UpdateCacheLayer};
