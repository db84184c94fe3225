#![no_main]
//! Whatever a request and the Vary of its response say, there is a key, and it is found again.

use std::sync::LazyLock;

use cachemere::{
    Caches,
    http::{get_cache_key, learn_cache_key},
};
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header};
use libfuzzer_sys::fuzz_target;

static CACHES: LazyLock<Caches> = LazyLock::new(|| {
    let settings = "CACHE_MIDDLEWARE_IGNORE_COOKIES = ['_ga*']\nUSE_X_FORWARDED_HOST = true\n\
        SECURE_PROXY_SSL_HEADER = ['X-Forwarded-Proto', 'https']\n[CACHES.default]\nBACKEND = 'locmem'";
    Caches::from_toml(settings).expect("it is valid")
});

fuzz_target!(|input: (&[u8], [Option<&[u8]>; 4], &[u8])| {
    let (uri, values, vary) = input;
    let (mut request, ()) = Request::new(()).into_parts();
    let Ok(uri) = Uri::try_from(uri) else { return };
    request.uri = uri;
    for (name, value) in ["host", "x-forwarded-host", "x-forwarded-proto", "cookie"].into_iter().zip(values) {
        if let Some(Ok(value)) = value.map(HeaderValue::from_bytes) {
            request.headers.insert(name, value);
        }
    }
    let Ok(vary) = HeaderValue::from_bytes(vary) else { return };
    let response = HeaderMap::from_iter([(header::VARY, vary)]);
    let cache = &CACHES["default"];
    let learned = learn_cache_key(&request, &response, 60, None, cache).expect("locmem has room");
    let found = get_cache_key(&request, None, &Method::GET, cache).expect("locmem has it");
    assert_eq!(found, Some(learned));
});
