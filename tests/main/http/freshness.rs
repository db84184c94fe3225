use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cachemere::http::{add_never_cache_headers, http_date, patch_response_headers};
use http::{HeaderMap, HeaderName};
use serde_json::Value;

use super::golden::{cases, golden, value};

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn of(initial: &Value) -> HeaderMap {
    let entries = initial.as_object().unwrap().iter();
    let entries = entries.map(|(name, value)| {
        let name: HeaderName = name.parse().unwrap();
        (name, value.as_str().unwrap().parse().unwrap())
    });
    entries.collect()
}

#[test]
fn patch_response_headers_does_what_django_does() {
    let section = "patch_response_headers_now_1700000000_CACHE_MIDDLEWARE_SECONDS_600";
    for case in cases("http", section) {
        let mut headers = of(&case["initial"]);
        let timeout = case["cache_timeout"].as_f64().unwrap_or(600.0);
        let timeout = Duration::from_secs_f64(timeout.max(0.0));
        patch_response_headers(&mut headers, timeout, at(1_700_000_000));
        assert_eq!(value(&headers, "expires"), case["expires"], "{case}");
        // RFC 9111 has whole seconds only, and none below 0
        let expected = match case["cache_control"].as_str().unwrap() {
            "max-age=1.5" => "max-age=1",
            "max-age=-5" => "max-age=0",
            as_django => as_django,
        };
        assert_eq!(value(&headers, "cache-control"), expected, "{case}");
    }
}

#[test]
fn add_never_cache_headers_does_what_django_does() {
    let expected = golden("http");
    let mut headers = HeaderMap::new();
    add_never_cache_headers(&mut headers, at(1_700_000_000));
    assert_eq!(headers, of(&expected["add_never_cache_headers"]));

    headers.clear();
    headers.insert("expires", "x".parse().unwrap());
    headers.insert("cache-control", "public".parse().unwrap());
    add_never_cache_headers(&mut headers, at(1_700_000_000));
    assert_eq!(
        headers,
        of(&expected["add_never_cache_headers_over_public"])
    );
}

#[test]
fn dates_are_written_as_django_writes_them() {
    for case in cases("http", "http_date") {
        let time = UNIX_EPOCH + Duration::from_secs_f64(case[0].as_f64().unwrap());
        assert_eq!(http_date(time), case[1], "{case}");
    }
}

#[test]
fn no_timeout_is_too_long() {
    let mut headers = HeaderMap::new();
    patch_response_headers(&mut headers, Duration::MAX, at(1_700_000_000));
    assert_eq!(value(&headers, "cache-control"), "max-age=2147483648");
    assert_eq!(value(&headers, "expires"), "Mon, 03 Dec 2091 01:27:28 GMT");
}
