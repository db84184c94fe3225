use std::time::Duration;

use cachemere_base::{Codec, Compression};

use super::{config, default_with, environment, loaded, problems_with, sources};
use crate::{Version, config::OnError};

fn seconds(seconds: u64) -> Option<Duration> {
    Some(Duration::from_secs(seconds))
}

fn opened(lines: &str) -> String {
    let key = cachemere_base::Key::new("k");
    let value = default_with(lines).backend.get(&key).unwrap().unwrap();
    String::from_utf8(value.into_bytes().to_vec()).unwrap()
}

#[test]
fn what_is_left_out_is_djangos_default() {
    let alias = default_with("");
    assert_eq!(alias.timeout, seconds(300));
    assert_eq!(alias.key_prefix, "");
    assert_eq!(alias.version, Version::Number(1));
    assert!(alias.key_function.is_none());
    assert_eq!(alias.settings.max_entries(), 300);
    assert_eq!(alias.settings.cull_size(300), 100);
    assert!(alias.settings.locations().is_empty());
    assert_eq!(alias.serializer, Codec::MessagePack);
    assert_eq!(alias.compressor, Compression::None);
    assert_eq!(alias.compressor_min_size, 1024);
    assert_eq!(alias.on_error, OnError::Raise);
    assert!(alias.key_warnings);
    assert_eq!(alias.get_or_set_wait, Duration::from_secs(5));
    assert_eq!(alias.django, "6.1".parse().unwrap());
    assert_eq!(alias.notes, [""; 0]);
}

#[test]
fn every_common_option_is_read() {
    let alias = default_with(
        "TIMEOUT = '1h30m'\nKEY_PREFIX = 'p'\nVERSION = 'v2'\nLOCATION = [' a ', 'b']\n[CACHES.default.OPTIONS]\n\
         MAX_ENTRIES = 7\nCULL_FREQUENCY = 0\nSERIALIZER = 'postcard'\nCOMPRESSOR = 'lz4'\nCOMPRESSOR_MIN_SIZE = 1\n\
         ON_ERROR = 'miss'\nKEY_WARNINGS = false\nGET_OR_SET_WAIT = '500ms'\nDJANGO = '5.2.18'\n",
    );
    assert_eq!(alias.timeout, seconds(5400));
    assert_eq!(alias.key_prefix, "p");
    assert_eq!(alias.version, Version::from("v2"));
    assert_eq!(alias.settings.locations(), ["a", "b"]);
    assert_eq!(alias.location_shown, " a , b");
    assert_eq!(alias.settings.max_entries(), 7);
    assert_eq!(alias.settings.cull_size(7), 7);
    assert!(alias.settings.is_given("SERIALIZER"));
    assert!(!alias.settings.is_given("MAX_BYTES"));
    assert_eq!(alias.serializer, Codec::Postcard);
    assert_eq!(alias.compressor, Compression::Lz4);
    assert_eq!(alias.compressor_min_size, 1);
    assert_eq!(alias.on_error, OnError::Miss);
    assert!(!alias.key_warnings);
    assert_eq!(alias.get_or_set_wait, Duration::from_millis(500));
    assert_eq!(alias.django, "5.2.18".parse().unwrap());
}

#[test]
fn timeouts_are_what_django_makes_of_them_or_an_error() {
    for (value, expected) in [
        ("0", seconds(0)),
        ("-5", seconds(0)),
        ("'60'", seconds(60)),
        ("'  7 '", seconds(7)),
        ("'1_000'", seconds(1000)),
        ("1.5", Some(Duration::from_millis(1500))),
        ("'never'", None),
        ("inf", None),
    ] {
        assert_eq!(
            default_with(&format!("TIMEOUT = {value}")).timeout,
            expected,
            "{value}"
        );
    }
    for value in ["'abc'", "''", "true", "[]", "{}", "nan", "2020-01-01"] {
        let problems = problems_with(&format!("TIMEOUT = {value}"));
        assert!(
            problems.starts_with("caches.toml:3:11: `CACHES.default.TIMEOUT`: expected seconds"),
            "{problems}"
        );
    }
}

#[test]
fn the_golden_settings_of_django_mean_the_same_or_are_refused() {
    let golden = include_str!("../../../tests/golden/django-golden.json");
    let golden: serde_json::Value = serde_json::from_str(golden).unwrap();
    let refused = [
        "TIMEOUT None",
        "TIMEOUT 'abc'",
        "TIMEOUT true",
        "TIMEOUT []",
        "timeout 5 beats TIMEOUT 9",
        "OPTIONS MAX_ENTRIES 'x'",
        "top-level MAX_ENTRIES ignored",
        "top-level max_entries wins",
    ];
    let fractions = ["TIMEOUT 1.9", "TIMEOUT '1.9'"];
    for vector in golden["api"]["config_parsing"].as_array().unwrap() {
        let name = vector["name"].as_str().unwrap();
        let mut settings = sources("[CACHES.default]\nBACKEND = 'locmem'\n");
        for (key, value) in vector["params"].as_object().unwrap() {
            let value = figment::value::Value::serialize(value).unwrap();
            settings.add_setting("default", key, value);
        }
        if refused.contains(&name) {
            super::refused(&settings);
            continue;
        }
        let alias = loaded(&settings).aliases.remove(0);
        if fractions.contains(&name) {
            assert_eq!(alias.timeout, Some(Duration::from_millis(1900)), "{name}");
            continue;
        }
        let timeout = vector["default_timeout"].as_i64().unwrap();
        assert_eq!(
            alias.timeout,
            seconds(timeout.try_into().unwrap_or(0)),
            "{name}"
        );
        assert_eq!(
            Some(alias.settings.max_entries()),
            vector["max_entries"].as_u64(),
            "{name}"
        );
        assert_eq!(
            alias.key_prefix,
            vector["key_prefix"].as_str().unwrap(),
            "{name}"
        );
        assert_eq!(
            alias.version.to_string(),
            vector["version"].to_string(),
            "{name}"
        );
    }
}

#[test]
fn the_backends_own_options_arrive() {
    let opened = opened(
        "LOCATION = 'x'\n[CACHES.default.OPTIONS]\nMAX_BYTES = 5\nNODES = ['a', 'b']\nno_delay = true\nMODE = 'safe'\nRATIO = 2\n\
         behaviors = { ketama = true }\nLABELS = { any = 'thing' }\n",
    );
    for expected in [
        "max_bytes: 5,",
        "nodes: [\"a\", \"b\"]",
        "no_delay: true",
        "mode: Safe",
        "ratio: 2.0",
        "ketama: true, dead_timeout: 0",
        "{\"any\": \"thing\"}",
        "shards: None",
    ] {
        assert!(opened.contains(expected), "{expected} in {opened}");
    }
}

#[test]
fn a_variable_in_a_text_may_be_a_number_where_one_is_wanted() {
    let mut sources = sources(
        "[CACHES.default]\nBACKEND = '${BACKEND}'\nKEY_PREFIX = '${SEVEN}'\nTIMEOUT = '${NO:-5m}'\n\
         LOCATION = ['$$${SEVEN}']\n[CACHES.default.OPTIONS]\nMAX_ENTRIES = '${SEVEN}'\nMAX_BYTES = '${SEVEN}'\n\
         no_delay = '${YES}'\nKEY_WARNINGS = '${NO:-false}'\nPASSWORD = '${SEVEN}'\n",
    );
    sources.environment = environment(&[("BACKEND", "dummy"), ("SEVEN", "7"), ("YES", "true")]);
    let alias = loaded(&sources).aliases.remove(0);
    assert_eq!(alias.settings.backend(), "dummy");
    assert_eq!(alias.key_prefix, "7");
    assert_eq!(alias.timeout, seconds(300));
    assert_eq!(alias.settings.locations(), ["$7"]);
    assert_eq!(alias.location_shown, "$$${SEVEN}");
    assert_eq!(alias.settings.max_entries(), 7);
    assert!(!alias.key_warnings);
    let opened = format!("{:?}", alias.backend);
    assert!(opened.contains("max_bytes: 7,"), "{opened}");
    assert!(opened.contains("no_delay: true"), "{opened}");
    assert!(opened.contains("Some(\\\"7\\\")"), "{opened}");
}

#[test]
fn ignore_exc_is_a_synonym_and_both_are_one_too_many() {
    let option = |lines| format!("[CACHES.default.OPTIONS]\n{lines}");
    for (line, on_error) in [
        ("ignore_exc = true", OnError::Miss),
        ("ON_ERROR = 'miss'", OnError::Miss),
        ("ignore_exc = false", OnError::Raise),
        ("", OnError::Raise),
    ] {
        let alias = default_with(&option(line));
        assert_eq!(alias.on_error, on_error);
        assert_eq!(alias.settings.forgives(), on_error == OnError::Miss);
    }
    assert_eq!(
        problems_with(&option("ignore_exc = true\nON_ERROR = 'miss'")),
        "caches.toml:4:1: `CACHES.default.OPTIONS.ignore_exc`: says what `ON_ERROR` says; give one of them"
    );
}

#[test]
fn a_size_without_a_compressor_is_noted() {
    let alias = default_with("OPTIONS = { COMPRESSOR_MIN_SIZE = 5 }");
    assert_eq!(
        alias.notes,
        ["`OPTIONS.COMPRESSOR_MIN_SIZE` has no effect without `OPTIONS.COMPRESSOR`"]
    );
}

#[test]
fn aliases_with_dots_and_unusual_names_are_aliases() {
    let text = "[CACHES.default]\nBACKEND='locmem'\n[CACHES.\"a.b\"]\nBACKEND='locmem'\n\
                [CACHES.global]\nBACKEND='locmem'\nTIMEOUT=1\n";
    let config = config(text);
    let timeouts: Vec<_> = config
        .aliases
        .iter()
        .map(|alias| (alias.name.as_str(), alias.timeout.unwrap().as_secs()))
        .collect();
    assert_eq!(timeouts, [("default", 300), ("a.b", 300), ("global", 1)]);
}
