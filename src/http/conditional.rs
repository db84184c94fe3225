use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, Method, Response, StatusCode, header, request::Parts};

use super::{date::parse_http_date, etag::Etags};

/// The headers that [`Precondition::check`] reads.
const CONDITIONS: [HeaderName; 4] = [
    header::IF_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_NONE_MATCH,
    header::IF_UNMODIFIED_SINCE,
];

/// The headers that an answer of status 304 has; what it says of its cookies, too.
const KEPT: [HeaderName; 8] = [
    header::CACHE_CONTROL,
    header::CONTENT_LOCATION,
    header::DATE,
    header::ETAG,
    header::EXPIRES,
    header::LAST_MODIFIED,
    header::SET_COOKIE,
    header::VARY,
];

/// What becomes of a request with conditions: `If-Match`, `If-Unmodified-Since`, `If-None-Match`, `If-Modified-Since`.
///
/// - They are checked in this order (RFC 9110, section 13.2.2); a date counts only without the ETags of its kind.
/// - A date or a list of ETags that cannot be read is not there. `If-Range` is not looked at.
/// - Where there is no ETag, no `If-Match` is met; where there is no time, no `If-Unmodified-Since`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Precondition {
    /// The answer is sent.
    Met,
    /// The client has the answer: status 304.
    NotModified,
    /// The client would overwrite what it does not know: status 412.
    Failed,
}

impl Precondition {
    /// Checks the conditions of a request against what is there: its ETag, in quotes, and when it was changed last.
    #[must_use]
    pub fn check(
        method: &Method,
        headers: &HeaderMap,
        etag: Option<&str>,
        last_modified: Option<SystemTime>,
    ) -> Self {
        let if_match = Etags::of(headers, &header::IF_MATCH);
        let if_none_match = Etags::of(headers, &header::IF_NONE_MATCH);
        let is_read = matches!(*method, Method::GET | Method::HEAD);
        let is_fresh = match if_match {
            Some(etags) => etags.match_strongly(etag),
            None => date(headers, &header::IF_UNMODIFIED_SINCE)
                .is_none_or(|date| last_modified.is_some_and(|modified| seconds(modified) <= date)),
        };
        if !is_fresh {
            return Self::Failed;
        }
        let is_known = match if_none_match {
            Some(etags) => etags.match_weakly(etag),
            None => date(headers, &header::IF_MODIFIED_SINCE)
                .filter(|_| is_read)
                .is_some_and(|date| {
                    last_modified.is_some_and(|modified| seconds(modified) <= date)
                }),
        };
        match (is_known, is_read) {
            (false, _) => Self::Met,
            (true, true) => Self::NotModified,
            (true, false) => Self::Failed,
        }
    }
}

fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    parse_http_date(headers.get(name)?.to_str().ok()?)
}

/// The time as a header can say it, without fractions.
fn seconds(time: SystemTime) -> SystemTime {
    time.duration_since(UNIX_EPOCH).map_or(time, |since| {
        UNIX_EPOCH + Duration::from_secs(since.as_secs())
    })
}

/// The response, or what the conditions of the request make of it: one without a body, of status 304 or 412.
///
/// A response whose status is not 2xx stays as it is. See [`Precondition`].
///
/// ```
/// use cachemere::http::get_conditional_response;
/// use http::{Request, Response};
///
/// let request = Request::get("/").header("If-None-Match", "\"v1\"").body(()).unwrap();
/// let (parts, ()) = request.into_parts();
/// let response = get_conditional_response(&parts, Some("\"v1\""), None, Response::new("the page"));
/// assert_eq!(response.status(), 304);
/// assert_eq!(*response.body(), "");
/// ```
#[must_use]
pub fn get_conditional_response<B: Default>(
    request: &Parts,
    etag: Option<&str>,
    last_modified: Option<SystemTime>,
    response: Response<B>,
) -> Response<B> {
    if !response.status().is_success() {
        return response;
    }
    match Precondition::check(&request.method, &request.headers, etag, last_modified) {
        Precondition::Met => response,
        Precondition::NotModified => not_modified(response).map(|_| B::default()),
        Precondition::Failed => precondition_failed(response).map(|_| B::default()),
    }
}

/// The conditions of a request.
pub(super) fn conditions(request: &HeaderMap) -> HeaderMap {
    only(&CONDITIONS, request)
}

/// The response as one of status 304; its body is to go.
pub(super) fn not_modified<B>(mut response: Response<B>) -> Response<B> {
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    *response.headers_mut() = only(&KEPT, response.headers());
    response
}

/// The headers of these names.
fn only(names: &[HeaderName], headers: &HeaderMap) -> HeaderMap {
    let lines = |name| headers.get_all(name).iter().map(move |value| (name, value));
    let lines = names.iter().flat_map(lines);
    let mut only = HeaderMap::new();
    for (name, value) in lines {
        only.append(name, value.clone());
    }
    only
}

/// The response as one of status 412; its body is to go.
pub(super) fn precondition_failed<B>(mut response: Response<B>) -> Response<B> {
    *response.status_mut() = StatusCode::PRECONDITION_FAILED;
    response.headers_mut().clear();
    response
}
