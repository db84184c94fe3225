//! Backends and key functions of the application's own, registered at link time and at run time.

use cachemere::{
    Caches, ErrorKind, Version,
    backends::{LocMem, locmem},
    base::{Backend, Context, Key, KeyCheck, KeyProblem, Open, Result, Settings, Wrap},
};
use serde::Deserialize;

/// A locmem cache that takes any key without a word, but for one.
#[derive(Debug)]
struct AnyKey(LocMem);

impl Wrap for AnyKey {
    type Inner = LocMem;

    fn inner(&self) -> &LocMem {
        &self.0
    }

    fn check_key(&self, key: &Key) -> KeyCheck {
        if key.contains("forbidden") {
            KeyCheck::Refuse(vec![KeyProblem::Other("is forbidden".into())])
        } else {
            KeyCheck::Good
        }
    }
}

impl Open for AnyKey {
    const NAMES: &'static [&'static str] = &["tests.AnyKey"];
    type Options = locmem::Options;

    fn open(settings: &Settings, options: locmem::Options, context: &Context) -> Result<Self> {
        LocMem::open(settings, options, context).map(Self)
    }
}

cachemere::register_backend!("tests.linked.AnyKey", AnyKey);
cachemere::register_key_function!("tests.linked.shout", shout);

fn shout(key: &str, prefix: &str, version: &Version) -> String {
    format!("{prefix}!{version}!{}", key.to_uppercase())
}

#[test]
fn what_a_macro_registered_is_found_in_the_file() {
    let caches = Caches::from_toml(
        "[CACHES.default]\nBACKEND = 'tests.linked.AnyKey'\nKEY_FUNCTION = 'tests.linked.shout'\nKEY_PREFIX = 'p'",
    )
    .unwrap();
    let cache = &caches["default"];
    assert_eq!(cache.make_key("k").as_str(), "p!1!K");
    cache.set("a key", &1, 60).unwrap();
    assert_eq!(cache.get::<i32>("a key").unwrap(), Some(1));
}

#[test]
fn what_a_builder_registered_is_found_too() {
    let caches = Caches::builder()
        .toml("[CACHES.default]\nBACKEND = 'tests.AnyKey'\n[CACHES.other]\nBACKEND = 'mine'")
        .backend::<AnyKey>()
        .backend_as::<AnyKey>("mine")
        .build()
        .unwrap();
    caches["other"].set("key", &1, 60).unwrap();
    assert_eq!(
        caches["default"].get::<i32>("key").unwrap(),
        Some(1),
        "both have the empty LOCATION"
    );
}

#[test]
fn a_refused_key_is_an_error_of_every_verb_and_nothing_is_done() {
    let caches = Caches::from_toml("[CACHES.default]\nBACKEND = 'tests.linked.AnyKey'").unwrap();
    let cache = &caches["default"];
    let error = cache.set("forbidden", &1, 60).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidKey);
    assert_eq!(
        error.to_string(),
        "cache `default` (tests.linked.AnyKey): the key `:1:forbidden` is forbidden"
    );
    let kinds = [
        cache.get::<i32>("forbidden").map(drop),
        cache.add("forbidden", &1, 60).map(drop),
        cache.incr("forbidden", 1).map(drop),
        cache.get_or_set("forbidden", || 1, 60).map(drop),
        cache
            .set_many([("good", 1), ("forbidden", 2)], 60)
            .map(drop),
        cache.get_many::<i32, _>(["good", "forbidden"]).map(drop),
        cache.delete_many(["good", "forbidden"]),
    ]
    .map(|result| result.unwrap_err().kind());
    assert_eq!(kinds, [ErrorKind::InvalidKey; 7]);
    assert!(!cache.has_key("good").unwrap());
}

#[test]
fn a_wrapped_store_keeps_its_own_ways() {
    let context = Context::default();
    let wrapped = AnyKey::open(
        &Settings::new("default", "tests.AnyKey"),
        locmem::Options::default(),
        &context,
    )
    .unwrap();
    let inner = LocMem::open(
        &Settings::new("default", "locmem"),
        locmem::Options::default(),
        &context,
    )
    .unwrap();
    assert_eq!(Backend::identity(&wrapped), inner.identity());
    assert!(matches!(
        Backend::asynchronous(&wrapped),
        cachemere::base::Asynchrony::Inline
    ));
}

#[test]
fn an_unknown_path_lists_what_is_registered_and_says_how_to_register() {
    let error = Caches::from_toml(
        "[CACHES.default]\nBACKEND = 'elsewhere.Cache'\nKEY_FUNCTION = 'tests.linked.whisper'\n\
         [CACHES.near]\nBACKEND = 'tests.linked.AnyKeys'",
    )
    .unwrap_err();
    let message = error.to_string();
    let lines: Vec<_> = message.lines().collect();
    assert_eq!(lines.len(), 3, "{message}");
    assert!(
        lines[2].contains("did you mean `tests.linked.AnyKey`?"),
        "{message}"
    );
    for (line, words) in [
        (0, ["register_backend!", "locmem"]),
        (1, ["register_key_function!", "tests.linked.shout"]),
    ] {
        for word in words {
            assert!(lines[line].contains(word), "{word}: {message}");
        }
    }
}

#[test]
fn limits_and_waits_that_cannot_be_are_refused_all_at_once() {
    let error = Caches::from_toml(
        "[CACHES.default]\nBACKEND = 'file'\nLOCATION = ['/a', '/b']\n[CACHES.default.OPTIONS]\n\
         MAX_BYTES = 0\nLOCK_TIMEOUT = -1\nGET_OR_SET_WAIT = 'never'\n",
    )
    .unwrap_err()
    .to_string();
    let starts = ["<text>:3:", "<text>:5:", "<text>:6:", "<text>:7:"];
    assert_eq!(error.lines().count(), starts.len(), "{error}");
    for (line, start) in error.lines().zip(starts) {
        assert!(line.starts_with(start), "{error}");
    }
    assert!(
        error.contains("expected a whole number, 1 or more"),
        "{error}"
    );
    assert!(
        error.contains("expected seconds to wait (`5`, `0.5`)"),
        "{error}"
    );
}

/// Only there to see that options reach a backend.
#[derive(Debug)]
struct Picky(LocMem);

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "SCREAMING_SNAKE_CASE")]
struct PickyOptions {
    colour: String,
    shades: Vec<u8>,
}

impl Wrap for Picky {
    type Inner = LocMem;

    fn inner(&self) -> &LocMem {
        &self.0
    }
}

impl Open for Picky {
    const NAMES: &'static [&'static str] = &["tests.Picky"];
    type Options = PickyOptions;

    fn open(settings: &Settings, options: PickyOptions, context: &Context) -> Result<Self> {
        if options.colour != "blue" || options.shades != [1, 2] {
            return Err(cachemere::Error::setting(
                "OPTIONS.COLOUR",
                "only `blue` in two shades will do",
            ));
        }
        LocMem::open(settings, locmem::Options::default(), context).map(Self)
    }
}

#[test]
fn options_reach_a_custom_backend_and_its_complaints_have_a_place() {
    let load = |options: &str| {
        let toml = format!(
            "[CACHES.default]\nBACKEND = 'tests.Picky'\n[CACHES.default.OPTIONS]\n{options}"
        );
        Caches::builder().toml(&toml).backend::<Picky>().build()
    };
    load("COLOUR = 'blue'\nSHADES = [1, 2]").unwrap();
    let error = load("SHADES = [1, 2]\nCOLOUR = 'red'")
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("<text>:5:") && error.contains("`CACHES.default.OPTIONS.COLOUR`"),
        "{error}"
    );
    let error = load("COLOR = 'blue'\nSHADES = [1, 'x']")
        .unwrap_err()
        .to_string();
    let lines: Vec<_> = error.lines().collect();
    assert_eq!(lines.len(), 2, "{error}");
    assert!(lines[0].contains("did you mean `COLOUR`?"), "{error}");
    assert!(
        lines[1].starts_with("<text>:5:") && lines[1].contains("SHADES"),
        "{error}"
    );
}
