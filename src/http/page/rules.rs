use std::time::{Duration, SystemTime};

use cachemere_base::Ttl;
use http::{HeaderMap, StatusCode, header};

use super::super::{CacheControl, has_vary_header, patch_response_headers, patch_vary_headers};

/// What `max-age` says of a page without an end: a year, the most that HTTP has ever asked of a cache.
const FOR_EVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// What becomes of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It goes out, and is not stored.
    Pass,
    /// It is a page for so long.
    Store(Ttl),
}

/// How long pages live that do not say so themselves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lifetime {
    /// The layer's own word, which stands above `max-age`.
    pub(super) page: Option<Ttl>,
    /// CACHE_MIDDLEWARE_SECONDS.
    pub(super) seconds: Duration,
}

/// Judges an answer to GET or HEAD and tells the caches along the way how long it lives.
///
/// An answer that is for one user, or for this moment only, goes out as it is.
pub(super) fn judge(
    status: StatusCode,
    headers: &mut HeaderMap,
    is_authorized: bool,
    lifetime: Lifetime,
    now: SystemTime,
) -> Verdict {
    if !matches!(status, StatusCode::OK | StatusCode::NOT_MODIFIED)
        || headers.contains_key(header::SET_COOKIE)
        || is_event_stream(headers)
        || has_vary_header(headers, "*")
    {
        return Verdict::Pass;
    }
    let directives = CacheControl::of(headers);
    if ["private", "no-cache", "no-store"]
        .iter()
        .any(|name| directives.has(name))
    {
        return Verdict::Pass;
    }
    let ttl = match (lifetime.page, directives.seconds("max-age")) {
        (Some(ttl), _) => ttl,
        (None, Some(0)) => return Verdict::Pass,
        (None, Some(seconds)) => Some(Duration::from_secs(seconds)),
        (None, None) => Some(lifetime.seconds),
    };
    patch_response_headers(headers, ttl.unwrap_or(FOR_EVER), now);
    if is_authorized && !directives.has("public") {
        patch_vary_headers(headers, ["Authorization"]);
        return Verdict::Pass;
    }
    match status {
        StatusCode::OK if ttl != Some(Duration::ZERO) => Verdict::Store(ttl),
        _ => Verdict::Pass,
    }
}

/// Server-sent events have no end to wait for.
fn is_event_stream(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| {
        let value = value.as_bytes();
        let end = value
            .iter()
            .position(|byte| *byte == b';')
            .unwrap_or(value.len());
        value[..end]
            .trim_ascii()
            .eq_ignore_ascii_case(b"text/event-stream")
    })
}
