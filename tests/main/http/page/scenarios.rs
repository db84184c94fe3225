//! What Django's middleware did with 58 exchanges, and what the layers do with them.

use std::{collections::BTreeMap, time::Duration};

use axum::{Router, body::Body};
use cachemere::{
    Caches, DEFAULT_TIMEOUT, Remaining, Timeout,
    http::{CachePageLayer, FetchFromCacheLayer, UpdateCacheLayer},
};
use http::{Request, Response};
use serde_json::Value;

use super::{
    super::golden::cases,
    site::{LOCMEM, Site},
};

/// What a scenario was like.
#[derive(Debug, PartialEq)]
struct Outcome {
    stored: Vec<(String, Option<Remaining>)>,
    first: BTreeMap<String, String>,
    second: BTreeMap<String, String>,
    is_hit: bool,
    calls: usize,
}

const SHOWN: [&str; 4] = ["Age", "Cache-Control", "Expires", "Vary"];

/// The view of a scenario, which its name describes.
fn view(name: &str) -> impl Fn(&Request<Body>) -> Response<Body> + Clone + Send + Sync + 'static {
    let mut answer = Response::builder();
    let after = |start: &str| name.split_once(start).map(|(_, after)| after);
    if let Some(status) = after("status ").or(after("+ 304").map(|_| "304")) {
        answer = answer.status(status.parse::<u16>().unwrap());
    }
    if let Some(directives) = after("response CC: ").or(after("cache_page(0) + ")) {
        answer = answer.header("Cache-Control", directives);
    }
    if name.ends_with("+ public") {
        answer = answer.header("Cache-Control", "public");
    }
    if let Some(vary) = after("Vary ").filter(|vary| !vary.contains("request has")) {
        answer = answer.header("Vary", vary.trim_matches('\''));
    } else if name.contains("Vary Cookie") {
        answer = answer.header("Vary", "Cookie");
    }
    if name.contains("Set-Cookie, no") || name.contains("Set-Cookie +") || name.contains("manually")
    {
        answer = answer.header("Set-Cookie", "session=1");
    }
    match name {
        "Expires preset" => answer = answer.header("Expires", "Thu, 01 Jan 2030 00:00:00 GMT"),
        "Expires unparsable" => answer = answer.header("Expires", "0"),
        "streaming" => answer = answer.header("Content-Type", "text/event-stream"),
        _ => {}
    }
    let (parts, ()) = answer.body(()).unwrap().into_parts();
    move |_| Response::from_parts(parts.clone(), Body::from("content"))
}

fn run(case: &Value) -> Outcome {
    let name = case["name"].as_str().unwrap();
    let seconds = case["CACHE_MIDDLEWARE_SECONDS"].as_i64().unwrap_or(600);
    let settings = format!("CACHE_MIDDLEWARE_SECONDS = {seconds}\n{LOCMEM}");
    let per_view = |router: Router, caches: &Caches| {
        let timeout = case["page_timeout"]
            .as_i64()
            .map_or(DEFAULT_TIMEOUT, Timeout::from);
        router.layer(CachePageLayer::with_caches(caches, timeout))
    };
    let per_site = |router: Router, caches: &Caches| {
        router
            .layer(FetchFromCacheLayer::new())
            .layer(UpdateCacheLayer::with_caches(caches))
    };
    let is_per_view = case["via"].as_str() == Some("cache_page");
    let site = match is_per_view {
        true => Site::new(&settings, view(name), per_view),
        false => Site::new(&settings, view(name), per_site),
    };
    let ask = || {
        let method = case["method"].as_str().unwrap_or("GET");
        let mut request = Request::builder().method(method).uri("/view/");
        request = request.header("Host", "testserver");
        for (name, value) in case["request_headers"].as_object().into_iter().flatten() {
            request = request.header(name, value.as_str().unwrap());
        }
        site.ask(request)
    };
    let shown = |answer: &super::site::Answer| {
        let headers = SHOWN
            .iter()
            .filter(|name| answer.parts.headers.contains_key(**name));
        headers
            .map(|name| ((*name).to_owned(), answer.header(name).to_owned()))
            .collect()
    };
    let first = ask();
    let stored = case["stored_keys"].as_array().into_iter().flatten();
    let stored = stored.map(|key| {
        let key = key.as_str().unwrap();
        let ttl = site.cache().ttl(key.strip_prefix(":1:").unwrap()).unwrap();
        (key.to_owned(), ttl)
    });
    let stored = stored.collect();
    let first = shown(&first);
    site.advance(1);
    let second = ask();
    Outcome {
        stored,
        first,
        second: shown(&second),
        is_hit: site.calls() == 1,
        calls: site.calls(),
    }
}

/// What Django did.
fn expected(case: &Value) -> Outcome {
    let headers = |headers: &Value| {
        let headers = headers.as_object().into_iter().flatten();
        headers
            .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
            .collect()
    };
    let ttl = case["stored_ttls"][0].as_f64().filter(|ttl| *ttl > 0.0);
    let ttl = ttl.map(|ttl| Remaining::For(Duration::from_secs_f64(ttl)));
    let keys = case["stored_keys"].as_array().into_iter().flatten();
    Outcome {
        stored: keys
            .map(|key| (key.as_str().unwrap().to_owned(), ttl))
            .collect(),
        first: headers(&case["first_response"]["headers"]),
        second: headers(&case["second_headers_at_plus_1s"]),
        is_hit: case["second_is_hit"].as_bool().unwrap_or_default(),
        calls: usize::try_from(case["view_calls"].as_u64().unwrap_or_default()).unwrap(),
    }
}

/// Where the layers differ on purpose, by the names that `architecture.md` has for it.
const DIFFERENCES: [(&str, &str); 10] = [
    ("response CC: x-private-thing", "directives are whole names"),
    (
        "response CC: proxy-revalidate, nonprivate",
        "directives are whole names",
    ),
    (
        "per-site, response CC: max-age=-5",
        "a bad value is ignored: nothing is said of a page that is not stored",
    ),
    (
        "per-site, response CC: max-age",
        "a bad value is ignored: Django takes it for one second",
    ),
    (
        "per-site, response CC: max-age=abc",
        "a bad value is ignored: Django raises an error",
    ),
    (
        "per-site, response CC: max-age=\"5\"",
        "quoted strings are read: Django raises an error",
    ),
    ("Set-Cookie, no Vary", "no answer with Set-Cookie is stored"),
    (
        "Set-Cookie + Vary Accept",
        "no answer with Set-Cookie is stored",
    ),
    (
        "Authorization",
        "no answer to Authorization is stored unless it is public",
    ),
    (
        "cookie header set manually (not via cookies API) + Vary Cookie",
        "no answer with Set-Cookie is stored",
    ),
];

#[test]
fn pages_are_stored_as_django_stores_them_but_for_the_named_differences() {
    let cases = cases("http", "middleware_scenarios_now_1700000000");
    assert_eq!(cases.len(), 58);
    let differs = |case: &&Value| run(case) != expected(case);
    let names = cases
        .iter()
        .filter(differs)
        .map(|case| case["name"].as_str().unwrap());
    assert_eq!(names.collect::<Vec<_>>(), DIFFERENCES.map(|(name, _)| name));
}

#[test]
fn the_age_of_a_page_is_what_django_says() {
    for case in cases("http", "age_header") {
        let per_view =
            |router: Router, caches: &Caches| router.layer(CachePageLayer::with_caches(caches, 60));
        let site = Site::new(LOCMEM, view("plain 200"), per_view);
        site.get("/");
        match case["seconds_later"].as_i64().unwrap() {
            later @ 0.. => site.advance(later.unsigned_abs()),
            earlier => site.go_back(earlier.unsigned_abs()),
        }
        let hit = site.get("/");
        for name in ["Age", "Expires", "Cache-Control"] {
            assert_eq!(hit.header(name), case[name], "{case}");
        }
    }
}
