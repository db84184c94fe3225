use cachemere::http::{CacheControl, cache_control, get_max_age, patch_cache_control};
use http::HeaderMap;
use serde_json::Value;

use super::golden::{cases, headers, value};

/// What Django parses in another way than RFC 9111: the header, what is added to it, and what comes of it here.
const PARSED_AS_RFC_9111_SAYS: [(&str, &str, &str); 5] = [
    // a max-age that is no number is ignored: Django raises, or takes 1 for it
    ("max-age=abc", "max_age", "max-age=60"),
    ("max-age=", "max_age", "max-age=60"),
    ("max-age", "max_age", "max-age=60"),
    // quoted strings
    (
        "no-cache=\"A, B\"",
        "max_age",
        "no-cache=\"A, B\", max-age=1",
    ),
    // blanks around a list are nothing
    ("  public  ,  x ", "y", "public, x, y"),
];

/// The arguments as directives; `None` if they are not spelled in a way that only Python has.
fn changes(arguments: &Value) -> Option<CacheControl> {
    let mut changes = cache_control();
    for argument in arguments.as_array().unwrap() {
        let (name, value) = (argument[0].as_str().unwrap(), &argument[1]);
        let dashed = name.replace('_', "-");
        changes = match value {
            Value::Bool(true) => changes.flag(&dashed),
            Value::String(text) => changes.set(&dashed, text),
            Value::Number(number) if number.is_u64() => changes.set(&dashed, number),
            // False, None and 5.5, which come out as Python writes them
            _ => return None,
        };
        // a keyword with a capital, and max-age with a dash, which overwrites
        if name.contains(char::is_uppercase) || name == "max-age" {
            return None;
        }
    }
    Some(changes)
}

#[test]
fn patch_cache_control_does_what_django_does() {
    let mut checked = 0;
    for case in cases("http", "patch_cache_control") {
        let Some(changes) = changes(&case["kwargs"]) else {
            continue;
        };
        let mut headers = headers("cache-control", &case["initial"]);
        patch_cache_control(&mut headers, &changes);
        let patched = value(&headers, "cache-control");

        let first = case["kwargs"][0][0].as_str().unwrap_or_default();
        let initial = case["initial"].as_str().unwrap_or_default();
        let differs = PARSED_AS_RFC_9111_SAYS
            .iter()
            .find(|(header, argument, _)| (*header, *argument) == (initial, first));
        match (differs, case["result_parts_any_order"].as_array()) {
            (Some((.., expected)), _) => assert_eq!(patched, *expected, "{case}"),
            (None, Some(parts)) => {
                let mut sorted: Vec<_> = patched.split(", ").collect();
                sorted.sort_unstable();
                assert_eq!(sorted, parts.as_slice(), "{case}");
            }
            (None, None) => assert_eq!(patched, case["result"], "{case}"),
        }
        checked += 1;
    }
    assert_eq!(checked, 39);
}

#[test]
fn get_max_age_reads_what_django_reads() {
    let parsed_as_rfc_9111_says = [
        ("max-age=-5", Some(0)),
        ("max-age", None),
        ("max-age=\"60\"", Some(60)),
        ("max-age=1_0", None),
        ("max-age =5", Some(5)),
        ("  max-age=7", Some(7)),
    ];
    for case in cases("http", "get_max_age") {
        let header = case["cache_control"].as_str().unwrap_or_default();
        let differs = parsed_as_rfc_9111_says
            .iter()
            .find(|(differing, _)| *differing == header);
        let expected = match differs {
            Some((_, expected)) => *expected,
            None => case["result"].as_u64(),
        };
        let headers = headers("cache-control", &case["cache_control"]);
        assert_eq!(get_max_age(&headers), expected, "{case}");
    }
}

#[test]
fn all_lines_of_the_header_are_one_list() {
    let mut headers = HeaderMap::new();
    for line in ["no-store", "max-age=60"] {
        headers.append("cache-control", line.parse().unwrap());
    }
    assert_eq!(get_max_age(&headers), Some(60));
    patch_cache_control(&mut headers, &cache_control().private());
    let lines: Vec<_> = headers.get_all("cache-control").iter().collect();
    assert_eq!(lines, ["no-store, max-age=60, private"]);
}

#[test]
fn only_whole_names_are_directives() {
    let header = CacheControl::parse("x-private-thing, nonprivate, no-stored, NO-Store");
    assert!(!header.has("private"));
    assert!(header.has("no-store"));
}

#[test]
fn fields_of_private_add_up_and_private_alone_is_all_of_them() {
    let fields = CacheControl::parse("private=\"A\", x, private=\"B\"");
    assert_eq!(fields.to_string(), "private=\"A\", private=\"B\", x");
    let all = CacheControl::parse("private=\"A\", x, private, private=\"B\"");
    assert_eq!(all.to_string(), "private, x");
}

#[test]
fn quotes_that_are_not_closed_do_not_swallow_what_is_added() {
    let mut headers = headers("cache-control", &"x=\"y".into());
    let changes = cache_control().private_fields(["Set-Cookie"]);
    patch_cache_control(&mut headers, &changes);
    let patched = CacheControl::of(&headers);
    assert!(patched.has("private"), "{patched}");
    assert_eq!(patched.get("x").as_deref(), Some("\"y"));
    let moved = CacheControl::parse("=,$\"=,=\"");
    assert_eq!(CacheControl::parse(&moved.to_string()), moved);
}

#[test]
fn every_directive_is_printed_as_rfc_9111_names_it() {
    let all = cache_control()
        .max_age(1)
        .s_maxage(2)
        .public()
        .private()
        .private_fields(["Set-Cookie"])
        .no_cache_fields(["Set-Cookie", "X-User"])
        .no_store()
        .no_transform()
        .must_revalidate()
        .proxy_revalidate()
        .must_understand()
        .immutable()
        .stale_while_revalidate(3)
        .stale_if_error(4)
        .set("community", "U C")
        .flag("X-Flag");
    assert_eq!(
        all.to_string(),
        "max-age=1, s-maxage=2, public, private, no-cache=\"Set-Cookie, X-User\", no-store, no-transform, \
         must-revalidate, proxy-revalidate, must-understand, immutable, stale-while-revalidate=3, stale-if-error=4, \
         community=\"U C\", x-flag"
    );
    assert_eq!(all.get("community").as_deref(), Some("U C"));
}

#[test]
fn no_number_of_seconds_is_too_large() {
    let header = CacheControl::parse("max-age=99999999999999999999999, s-maxage=2147483649");
    assert_eq!(header.seconds("max-age"), Some(1 << 31));
    assert_eq!(header.seconds("s-maxage"), Some(1 << 31));
}

#[test]
#[should_panic(expected = "`no store` cannot be a name in Cache-Control")]
fn a_name_that_is_no_token_is_refused() {
    let _ = cache_control().flag("no store");
}

#[test]
#[should_panic(expected = "the value of `x` has control characters")]
fn a_value_with_a_line_break_is_refused() {
    let _ = cache_control().set("x", "a\nSet-Cookie: b");
}
