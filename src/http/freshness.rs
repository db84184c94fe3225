use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue, header};

use super::{
    cache_control::{MAX_SECONDS, cache_control, patch_cache_control},
    date::http_date,
};

/// Tells caches along the way how long a response may be used: `Expires`, unless there is one, and `max-age`, unless
/// there is a smaller one.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use cachemere::http::patch_response_headers;
/// use http::HeaderMap;
///
/// let mut headers = HeaderMap::new();
/// let now = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
/// patch_response_headers(&mut headers, Duration::from_secs(60), now);
/// assert_eq!(headers["Expires"], "Tue, 14 Nov 2023 22:14:20 GMT");
/// assert_eq!(headers["Cache-Control"], "max-age=60");
/// ```
pub fn patch_response_headers(headers: &mut HeaderMap, timeout: Duration, now: SystemTime) {
    let timeout = timeout.min(Duration::from_secs(MAX_SECONDS));
    headers.entry(header::EXPIRES).or_insert_with(|| {
        let expires = now.checked_add(timeout).unwrap_or(now);
        HeaderValue::try_from(http_date(expires)).expect("a date is ASCII")
    });
    patch_cache_control(headers, &cache_control().max_age(timeout.as_secs()));
}

/// Tells caches along the way never to store a response, and browsers to ask for it each time. A `public` goes.
///
/// ```
/// use std::time::SystemTime;
/// # use http::HeaderMap;
/// # let mut headers = HeaderMap::new();
/// cachemere::http::add_never_cache_headers(&mut headers, SystemTime::now());
/// assert_eq!(
///     headers["Cache-Control"],
///     "max-age=0, no-cache, no-store, must-revalidate, private"
/// );
/// ```
pub fn add_never_cache_headers(headers: &mut HeaderMap, now: SystemTime) {
    patch_response_headers(headers, Duration::ZERO, now);
    let never = cache_control().no_cache().no_store();
    patch_cache_control(headers, &never.must_revalidate().private());
}
