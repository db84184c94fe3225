//! Final keys, and what is said of those that would not work everywhere.

use std::sync::{Arc, Mutex};

use cachemere::Caches;
use serde_json::Value as Json;

use crate::site::site;

fn golden(section: &str) -> Vec<Json> {
    let text = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/golden/django-golden.json"
    ))
    .unwrap();
    let golden: Json = serde_json::from_str(&text).unwrap();
    golden["api"][section].as_array().unwrap().clone()
}

#[test]
fn the_final_key_is_djangos() {
    for vector in golden("default_key_func") {
        let text = |name: &str| {
            vector[name]
                .as_str()
                .map_or_else(|| vector[name].to_string(), str::to_owned)
        };
        let caches = Caches::builder()
            .toml("[CACHES.default]\nBACKEND = 'locmem'")
            .set("default", "KEY_PREFIX", text("key_prefix"))
            .build()
            .unwrap();
        let cache = caches["default"].version(text("version"));
        assert_eq!(
            cache.make_key(&text("key")).as_str(),
            text("final"),
            "{vector}"
        );
    }
}

#[test]
fn the_aliass_own_version_is_in_the_final_key() {
    let site = site("locmem");
    assert_eq!(site["default"].make_key("k").as_str(), ":1:k");
    assert_eq!(site["prefix"].make_key("k").as_str(), "cacheprefix:1:k");
    assert_eq!(site["v2"].make_key("k").as_str(), ":2:k");
    assert_eq!(site["text_version"].make_key("k").as_str(), ":v-text:k");
    assert_eq!(site["custom_key"].make_key("k").as_str(), "CUSTOM--1-k");
    assert_eq!(
        site["custom_key"].version(3).make_key("k").as_str(),
        "CUSTOM--3-k"
    );
    let long = "k".repeat(1000);
    assert_eq!(site["v2"].make_key(&long).as_str(), format!(":2:{long}"));
}

#[test]
fn a_key_warns_where_djangos_does() {
    let caches = Caches::builder()
        .toml("[CACHES.default]\nBACKEND = 'locmem'\nKEY_FUNCTION = 'tests.bare'")
        .key_function("tests.bare", |key, _, _| key.to_owned())
        .build()
        .unwrap();
    for vector in golden("key_warnings_on_final_key") {
        let key = vector["key"].as_str().map_or_else(
            || {
                let repeat = &vector["key_repeat"];
                let length = usize::try_from(repeat[1].as_u64().unwrap()).unwrap();
                let last = repeat[2].as_str().unwrap();
                repeat[0].as_str().unwrap().repeat(length - 1) + last
            },
            str::to_owned,
        );
        let warnings = warnings(|| {
            caches["default"].has_key(&key).unwrap();
        });
        assert_eq!(
            warnings.len() as u64,
            vector["count"].as_u64().unwrap(),
            "{vector}: {warnings:?}"
        );
        assert_eq!(
            warnings.iter().any(|w| w.contains("memcached allows 250")),
            vector["too_long"] == true,
            "{vector}"
        );
        assert_eq!(
            warnings.iter().any(|w| w.contains("memcached refuses")),
            vector["bad_chars"] == true,
            "{vector}"
        );
    }
}

#[test]
fn every_verb_warns_and_goes_on() {
    let site = site("locmem");
    let cache = &site["default"];
    let key = "key with blanks and 清";
    let verbs: [(&str, &dyn Fn()); 10] = [
        ("add", &|| assert!(cache.add(key, &1, 60).unwrap())),
        ("get", &|| {
            assert_eq!(cache.get::<i32>(key).unwrap(), Some(1))
        }),
        ("set", &|| cache.set(key, &1, 60).unwrap()),
        ("incr", &|| assert_eq!(cache.incr(key, 1).unwrap(), 2)),
        ("decr", &|| assert_eq!(cache.decr(key, 1).unwrap(), 1)),
        ("touch", &|| assert!(cache.touch(key, 60).unwrap())),
        ("get_many", &|| {
            assert_eq!(cache.get_many::<i32, _>([key]).unwrap().len(), 1)
        }),
        ("set_many", &|| {
            assert!(cache.set_many([(key, 1)], 60).unwrap().is_empty())
        }),
        ("delete_many", &|| cache.delete_many([key]).unwrap()),
        ("delete", &|| assert!(!cache.delete(key).unwrap())),
    ];
    for (verb, call) in verbs {
        let warnings = warnings(call);
        assert_eq!(warnings.len(), 1, "{verb}: {warnings:?}");
        assert!(
            warnings[0].contains("default") && warnings[0].contains("`:1:key with blanks and 清`"),
            "{warnings:?}"
        );
    }
}

#[test]
fn key_warnings_can_be_silenced_in_the_file() {
    let site = site("locmem");
    assert!(warnings(|| site["quiet"].set("a key", &1, 60).unwrap()).is_empty());
}

#[test]
fn a_message_shows_at_most_32_characters_of_a_key() {
    let site = site("locmem");
    let error = site["default"].incr(&"é".repeat(400), 1).unwrap_err();
    assert!(
        error
            .to_string()
            .contains(&format!("`:1:{}…`", "é".repeat(29))),
        "{error}"
    );
}

/// What is logged meanwhile, as text.
pub(crate) fn warnings(call: impl FnOnce()) -> Vec<String> {
    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    let sink = Sink::default();
    let writer = sink.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::with_default(subscriber, call);
    let text = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
    text.lines().map(str::to_owned).collect()
}
