use std::collections::BTreeMap;

use cachemere::{Caches, DEFAULT_TIMEOUT, Encode, Raw};
use serde_json::json;

use crate::site::{Site, answered, said};

const CODECS: &str = r#"
[CACHES.default]
BACKEND = "file"
LOCATION = "${SITE}/messagepack"

[CACHES.json]
BACKEND = "file"
LOCATION = "${SITE}/json"
OPTIONS.SERIALIZER = "json"
OPTIONS.COMPRESSOR = "zstd"

[CACHES.postcard]
BACKEND = "file"
LOCATION = "${SITE}/postcard"
OPTIONS.SERIALIZER = "postcard"
"#;

/// What the command prints of a value that an application stored.
fn shown<T: Encode + ?Sized>(alias: &str, value: &T) -> crate::site::Ran {
    let site = Site::new(CODECS);
    let caches = Caches::from_file(site.path("caches.toml")).unwrap();
    caches[alias].set("key", value, DEFAULT_TIMEOUT).unwrap();
    site.run(["get", "key", "--alias", alias])
}

#[test]
fn every_json_value_comes_back_in_its_order() {
    let site = Site::new(CODECS);
    for alias in ["default", "json"] {
        for value in [
            "null",
            "true",
            "-5",
            "1.5",
            "\"é\\n\"",
            "[]",
            r#"{"z":[{}],"a":18446744073709551615}"#,
        ] {
            assert_eq!(
                site.run(["set", "key", value, "-a", alias]),
                said(""),
                "{value}"
            );
            assert_eq!(
                site.run(["get", "key", "-a", alias]),
                said(&format!("{value}\n"))
            );
        }
    }
}

#[test]
fn a_long_value_comes_back_from_its_compression() {
    let site = Site::new(CODECS);
    let long = format!("\"{}\"", "ab".repeat(50_000));
    site.feed(["set", "key", "-", "-a", "json"], &long);
    assert_eq!(
        site.run(["get", "key", "-a", "json"]),
        said(&format!("{long}\n"))
    );
}

#[test]
fn messagepack_that_json_cannot_say_is_shown_all_the_same() {
    let map: BTreeMap<_, _> = [(1, f64::NAN), (2, 0.5)].into();
    assert_eq!(shown("default", &map), said("{\"1\":\"NaN\",\"2\":0.5}\n"));
    assert_eq!(
        shown("default", &i128::MAX),
        said("{\"base64\":\"f////////////////////w==\"}\n")
    );
}

#[test]
fn raw_bytes_are_base64_even_where_they_are_text() {
    assert_eq!(
        shown("default", &Raw::from_static(b"foobar")),
        said("{\"base64\":\"Zm9vYmFy\"}\n")
    );
}

#[test]
fn an_integer_is_a_number_in_every_encoding() {
    for alias in ["default", "json", "postcard"] {
        assert_eq!(shown(alias, &i64::MIN), said("-9223372036854775808\n"));
    }
}

#[test]
fn postcard_is_not_guessed() {
    let ran = shown("postcard", "Ada");
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""));
    assert_eq!(
        ran.stderr,
        "key `key` holds postcard, which does not describe itself: it can only be read as the type it was written as\n"
    );
}

#[test]
fn postcard_is_not_written_without_a_type() {
    let site = Site::new(CODECS);
    for arguments in [
        ["set", "key", "[1]"],
        ["add", "key", "1.5"],
        ["set", "key", "\"Ada\""],
    ] {
        let ran = site.run([arguments[0], arguments[1], arguments[2], "-a", "postcard"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (3, ""));
        assert!(
            ran.stderr
                .contains("`postcard` holds postcard, which does not describe itself"),
            "{}",
            ran.stderr
        );
    }
    assert_eq!(
        site.run(["has-key", "key", "-a", "postcard"]),
        answered(1, "false\n")
    );
    assert_eq!(site.run(["set", "key", "1", "-a", "postcard"]), said(""));
}

#[test]
fn invalid_json_is_refused_with_its_place_and_without_its_text() {
    let site = Site::files();
    let ran = site.run(["set", "key", r#"{"password": hunter2}"#]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("line 1 column 14"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
    let word = site.run(["set", "key", "hello"]);
    assert!(
        word.stderr.contains("a text needs its quotes"),
        "{}",
        word.stderr
    );
    assert_eq!(
        site.run(["has-key", "key", "--json"]).json(),
        json!({ "key": "key", "found": false })
    );
}
