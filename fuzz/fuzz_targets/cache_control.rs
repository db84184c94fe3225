#![no_main]
//! Any text is a list of directives that is printed and read again as the same, and hides nothing that follows it.

use cachemere::http::{CacheControl, cache_control, patch_cache_control};
use http::{HeaderMap, HeaderValue, header::CACHE_CONTROL};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let read = CacheControl::parse(text);
    assert_eq!(CacheControl::parse(&read.to_string()), read);
    assert!(CacheControl::parse(&format!("{text}, no-store")).has("no-store"));

    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(CACHE_CONTROL, value);
    }
    patch_cache_control(&mut headers, &cache_control().private().max_age(60));
    let patched = CacheControl::of(&headers);
    assert!(patched.has("private") && !patched.has("public"));
    assert!(patched.seconds("max-age").is_some_and(|seconds| seconds <= 60));

    patch_cache_control(&mut headers, &read);
});
