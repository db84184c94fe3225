mod body;
mod conditional_get;
mod patch_headers;
mod request_uri;

pub use body::ConditionalBody;
pub use conditional_get::{ConditionalGet, ConditionalGetLayer};
pub use patch_headers::{
    PatchHeaders, PatchHeadersFuture, PatchHeadersLayer, never_cache, vary_on_cookie,
    vary_on_headers,
};
pub use request_uri::{NoteRequestUri, RequestUriLayer};
