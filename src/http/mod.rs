#![doc = include_str!("../docs/pages.md")]
#![doc = include_str!("../docs/downstream_caches.md")]

mod cache_control;
mod conditional;
mod date;
mod etag;
mod frames;
mod freshness;
mod key;
mod layers;
mod page;
mod request;
mod vary;

pub use cache_control::{CacheControl, cache_control, get_max_age, patch_cache_control};
pub use conditional::{Precondition, get_conditional_response};
pub use date::{http_date, parse_http_date};
pub use etag::{quote_etag, set_response_etag};
pub use freshness::{add_never_cache_headers, patch_response_headers};
pub use key::{aget_cache_key, alearn_cache_key, get_cache_key, learn_cache_key};
pub use layers::{
    ConditionalBody, ConditionalGet, ConditionalGetLayer, NoteRequestUri, PatchHeaders,
    PatchHeadersFuture, PatchHeadersLayer, RequestUriLayer, never_cache, vary_on_cookie,
    vary_on_headers,
};
pub use page::{
    CachePage, CachePageLayer, FetchFromCache, FetchFromCacheLayer, PageBody, PageFuture, Pages,
    UpdateCache, UpdateCacheLayer,
};
pub use request::{Language, RequestUri, TimeZone};
pub use vary::{has_vary_header, patch_vary_headers};
