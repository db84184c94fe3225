#![no_main]
//! Whatever stands in the conditions of a request, the answer is the page, 304 or 412; and a date is a date again.

use std::time::UNIX_EPOCH;

use cachemere::http::{get_conditional_response, http_date, parse_http_date};
use http::{HeaderValue, Method, Request, Response, header};
use libfuzzer_sys::fuzz_target;

const CONDITIONS: [header::HeaderName; 4] = [
    header::IF_MATCH,
    header::IF_UNMODIFIED_SINCE,
    header::IF_NONE_MATCH,
    header::IF_MODIFIED_SINCE,
];

fuzz_target!(|input: (bool, [Option<&[u8]>; 4], Option<&str>, &str)| {
    let (is_get, conditions, etag, modified) = input;
    let (mut request, ()) = Request::new(()).into_parts();
    request.method = if is_get { Method::GET } else { Method::PUT };
    for (name, value) in CONDITIONS.into_iter().zip(conditions) {
        if let Some(Ok(value)) = value.map(HeaderValue::from_bytes) {
            request.headers.insert(name, value);
        }
    }
    let modified = parse_http_date(modified);
    let response = get_conditional_response(&request, etag, modified, Response::new("page"));
    let status = response.status().as_u16();
    assert!([200, 304, 412].contains(&status));
    assert!(status != 304 || is_get);
    assert!(status == 200 || !request.headers.is_empty());
    assert_eq!(status == 200, !response.body().is_empty());

    if let Some(date) = modified.filter(|date| *date >= UNIX_EPOCH) {
        assert_eq!(parse_http_date(&http_date(date)), Some(date));
    }
});
