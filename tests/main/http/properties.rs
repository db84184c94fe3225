use cachemere::http::{CacheControl, cache_control, get_conditional_response};
use http::{Request, Response};
use proptest::{collection::vec, prelude::*, sample::select, test_runner::Config};

/// Texts that look like headers of Cache-Control, well-formed or not.
fn header() -> impl Strategy<Value = String> {
    let pieces = [
        "private", "Public", "no-cache", "NO-STORE", "max-age", "x", "=", "=\"", "\"", "\\", ",",
        ", ", " ", "\t", "5", "-", "é", "\n",
    ];
    vec(select(pieces.to_vec()), 0..20).prop_map(|pieces| pieces.concat())
}

const ETAGS: [&str; 5] = ["\"a\"", "\"b\"", "W/\"a\"", "W/\"c\"", "\"\""];
const NEARLY_ETAGS: [&str; 4] = ["a", "w/\"a\"", "\"a", "a\""];

proptest! {
    #![proptest_config(Config { failure_persistence: None, cases: 2000, ..Config::default() })]

    #[test]
    fn what_is_printed_is_read_as_the_same(text in header()) {
        let read = CacheControl::parse(&text);
        prop_assert_eq!(CacheControl::parse(&read.to_string()), read);
    }

    #[test]
    fn nothing_hides_the_directive_that_follows(text in header()) {
        let longer = format!("{text}, no-store");
        prop_assert!(CacheControl::parse(&longer).has("no-store"));
    }

    #[test]
    fn a_value_is_read_as_it_was_set(text in "[^\\x00-\\x1f\\x7f]*", number in 0..u64::MAX) {
        let directives = cache_control().set("text", &text).set("number", number);
        for directives in [CacheControl::parse(&directives.to_string()), directives] {
            prop_assert_eq!(directives.get("text").unwrap(), &*text);
            prop_assert_eq!(directives.get("number").unwrap(), number.to_string());
        }
    }

    #[test]
    fn patching_twice_is_patching_once(text in header(), changes in header()) {
        let changes = CacheControl::parse(&changes);
        // given both, each takes the place of the other in turn
        prop_assume!(!(changes.has("private") && changes.has("public")));
        let mut once = CacheControl::parse(&text);
        once.patch(&changes);
        let mut twice = once.clone();
        twice.patch(&changes);
        prop_assert_eq!(twice, once);
    }

    #[test]
    fn a_patch_says_what_it_was_told(text in header(), seconds in 0..10_u64) {
        let header = CacheControl::parse(&text);
        let mut patched = header.clone();
        patched.patch(&cache_control().public().max_age(seconds));
        let shorter = header.seconds("max-age").unwrap_or(seconds).min(seconds);
        prop_assert!(patched.has("public") && !patched.has("private"));
        prop_assert_eq!(patched.seconds("max-age"), Some(shorter));
        prop_assert_eq!(patched.has("no-store"), header.has("no-store"));
        prop_assert_eq!(patched.get("x"), header.get("x"));
    }

    #[test]
    fn a_client_that_has_the_page_is_told_so(
        known in vec(select([&ETAGS[..], &NEARLY_ETAGS].concat()), 0..5),
        current in select(&ETAGS[..]),
    ) {
        let strong = |etag: &str| etag.trim_start_matches("W/").to_owned();
        let mut etags = known.iter().filter(|etag| ETAGS.contains(etag));
        let has_page = etags.any(|etag| strong(etag) == strong(current));

        let request = Request::get("/").header("if-none-match", known.join(", "));
        let (request, ()) = request.body(()).unwrap().into_parts();
        let response = get_conditional_response(&request, Some(current), None, Response::new("page"));
        prop_assert_eq!(response.status() == 304, has_page);
    }
}
