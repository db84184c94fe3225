use std::time::Duration;

use cachemere::{
    Caches, DEFAULT_TIMEOUT, Remaining,
    http::{Language, TimeZone, aget_cache_key, alearn_cache_key, get_cache_key, learn_cache_key},
};
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header, request::Parts};
use serde_json::Value;

use super::golden::{cases, headers};

/// What the vectors are of: the release that answered where nothing else is said.
const RELEASE: &str = "5.2.19";

fn caches(django: &str, settings: &str) -> Caches {
    Caches::from_toml(&format!(
        "{settings}\n[CACHES.default]\nBACKEND = 'locmem'\nOPTIONS.DJANGO = '{django}'"
    ))
    .unwrap()
}

fn settings(input: &Value) -> String {
    format!(
        "USE_I18N = {}\nLANGUAGE_CODE = 'en'\nUSE_TZ = {}\nCACHE_MIDDLEWARE_KEY_PREFIX = {}",
        input["use_i18n"], input["use_tz"], input["key_prefix"]
    )
}

/// Bytes as WSGI has them, one a character.
fn latin1(text: &str) -> HeaderValue {
    let bytes: Vec<_> = text.chars().map(|c| u8::try_from(c).unwrap()).collect();
    HeaderValue::from_bytes(&bytes).unwrap()
}

fn request(input: &Value) -> Parts {
    let uri: Uri = input["absolute_uri"].as_str().unwrap().parse().unwrap();
    let mut request = Request::builder()
        .method(input["method"].as_str().unwrap())
        .uri(uri);
    for (name, value) in input["request_headers"].as_object().unwrap() {
        request = request.header(name, latin1(value.as_str().unwrap()));
    }
    let language = ["request_language_code", "active_language"];
    let language = language.iter().find_map(|name| input[name].as_str());
    if let Some(language) = language {
        request = request.extension(Language(language.to_owned()));
    }
    if let Some(zone) = input["current_timezone"].as_str() {
        request = request.extension(TimeZone(zone.to_owned()));
    }
    request.body(()).unwrap().into_parts().0
}

/// The key that is learned, and those that are looked up for GET and HEAD.
fn keys(django: &str, input: &Value) -> [String; 3] {
    let caches = caches(django, &settings(input));
    let cache = &caches["default"];
    let request = request(input);
    let response = headers("vary", &input["response_vary"]);
    let learned = learn_cache_key(&request, &response, DEFAULT_TIMEOUT, None, cache).unwrap();
    let found = |method| {
        get_cache_key(&request, None, &method, cache)
            .unwrap()
            .unwrap()
    };
    [learned, found(Method::GET), found(Method::HEAD)]
}

#[test]
fn keys_are_djangos_in_every_release() {
    let vectors = cases("page_cache", "key_vectors");
    assert_eq!(vectors.len(), 37);
    let mut releases = 0;
    for vector in vectors {
        let input = &vector["input"];
        let [learned, get, head] = keys(RELEASE, input);
        assert_eq!(learned, vector["stored_page_key"], "{vector}");
        assert_eq!(get, vector["lookup_key_GET"], "{vector}");
        assert_eq!(head, vector["lookup_key_HEAD"], "{vector}");

        for (release, vector) in vector["other_versions"].as_object().into_iter().flatten() {
            let [learned, get, _] = keys(release, input);
            assert_eq!(learned, vector["stored_page_key"], "{release} {vector}");
            assert_eq!(get, vector["lookup_key_GET"], "{release} {vector}");
            releases += 1;
        }
    }
    assert!(releases > 20, "{releases}");
}

#[test]
fn header_lists_are_stored_under_djangos_key() {
    for vector in cases("page_cache", "key_vectors") {
        let input = &vector["input"];
        let caches = caches(RELEASE, &settings(input));
        let response = headers("vary", &input["response_vary"]);
        learn_cache_key(&request(input), &response, 60, None, &caches["default"]).unwrap();
        let key = vector["header_key"].as_str().unwrap();
        assert!(caches["default"].has_key(key).unwrap(), "{vector}");
    }
}

/// A request for `/` with this cookie, and a response that varies on cookies.
fn exchange(cookie: &str) -> (Parts, HeaderMap) {
    let request = Request::get("/").header("cookie", cookie).body(()).unwrap();
    let vary = (header::VARY, HeaderValue::from_static("Cookie"));
    (request.into_parts().0, HeaderMap::from_iter([vary]))
}

#[test]
fn the_settings_stand_in_for_what_is_not_given() {
    let caches = caches(
        "6.1",
        "CACHE_MIDDLEWARE_SECONDS = 60\nCACHE_MIDDLEWARE_KEY_PREFIX = 'p'",
    );
    let cache = &caches["default"];
    let (request, response) = exchange("a=1");
    let learned = learn_cache_key(&request, &response, DEFAULT_TIMEOUT, None, cache).unwrap();
    assert!(
        learned.starts_with("views.decorators.cache.cache_page.p.GET."),
        "{learned}"
    );
    let header_key = learned.replace("cache_page.p.GET", "cache_header.p");
    let header_key = header_key.rsplit_once('.').unwrap().0;
    let Some(Remaining::For(left)) = cache.ttl(header_key).unwrap() else {
        panic!("it has no end")
    };
    assert!(
        left > Duration::from_secs(55) && left <= Duration::from_secs(60),
        "{left:?}"
    );
    assert_eq!(
        get_cache_key(&request, Some("q"), &Method::GET, cache).unwrap(),
        None
    );
}

#[test]
fn cookies_that_are_ignored_do_not_split_pages() {
    let caches = caches("6.1", "CACHE_MIDDLEWARE_IGNORE_COOKIES = ['_ga*']");
    let key = |cookie| {
        let (request, response) = exchange(cookie);
        learn_cache_key(&request, &response, 60, None, &caches["default"]).unwrap()
    };
    assert_eq!(key("_ga=1; user=ada"), key("user=ada; _ga_X=2"));
    assert_eq!(key("_ga=1"), key("_ga=2"));
    assert_ne!(key("user=ada"), key("user=bob"));
}

#[test]
fn a_language_that_only_the_settings_know_does_not_stand_for_accept_language() {
    let caches = caches("6.1", "USE_I18N = true");
    let key = |language| {
        let request = Request::get("/")
            .header("accept-language", language)
            .body(())
            .unwrap();
        let response = headers("vary", &"Accept-Language".into());
        learn_cache_key(
            &request.into_parts().0,
            &response,
            60,
            None,
            &caches["default"],
        )
        .unwrap()
    };
    assert_ne!(key("de"), key("en"));
}

#[test]
fn what_is_no_header_record_is_overwritten() {
    let caches = caches("6.1", "");
    let cache = &caches["default"];
    let (request, response) = exchange("a=1");
    let learned = learn_cache_key(&request, &response, 60, None, cache).unwrap();
    let header_key = learned.replace("cache_page..GET", "cache_header.");
    let header_key = header_key.rsplit_once('.').unwrap().0;
    cache
        .set(header_key, "what another program stored", 60)
        .unwrap();

    let get = || get_cache_key(&request, None, &Method::GET, cache).unwrap();
    assert_eq!(get(), None);
    learn_cache_key(&request, &response, 60, None, cache).unwrap();
    assert_eq!(get(), Some(learned));
}

#[test]
fn asynchronous_twins_learn_and_find_the_same_keys() {
    let caches = caches("6.1", "");
    let cache = &caches["default"];
    let (request, response) = exchange("a=1");
    pollster::block_on(async {
        assert_eq!(
            aget_cache_key(&request, None, &Method::GET, cache)
                .await
                .unwrap(),
            None
        );
        let learned = alearn_cache_key(&request, &response, 60, None, cache)
            .await
            .unwrap();
        let found = aget_cache_key(&request, None, &Method::GET, cache)
            .await
            .unwrap();
        assert_eq!(found.as_ref(), Some(&learned));
        assert_eq!(
            get_cache_key(&request, None, &Method::GET, cache).unwrap(),
            found
        );
    });
}
