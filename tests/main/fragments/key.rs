use cachemere::Caches;
use proptest::{collection::vec, prelude::*, test_runner::Config};
use serde::Serialize;
use serde_json::{Value as Json, json};

fn caches(django: &str) -> Caches {
    let toml = format!("[CACHES.default]\nBACKEND = 'locmem'\nOPTIONS.DJANGO = '{django}'");
    Caches::from_toml(&toml).unwrap()
}

/// The key as this release of Django makes it.
fn key_of(django: &str, name: &str, vary_on: impl Serialize) -> String {
    let cache = &caches(django)["default"];
    cache.make_template_fragment_key(name, vary_on).unwrap()
}

/// The texts of the values that a fragment varies on, told apart by netstrings.
fn suffix(vary_on: impl Serialize) -> String {
    key_of("6.1", "x", vary_on)
}

#[test]
fn keys_are_djangos_of_before_6_1_and_since() {
    let golden = include_str!("../../golden/django-golden.json");
    let golden: Json = serde_json::from_str(golden).unwrap();
    for vector in golden["template_fragments"]["make_key"].as_array().unwrap() {
        let name = vector["fragment_name"].as_str().unwrap();
        let vary_on = match vector["vary_on"].to_string().as_str() {
            "[\"x*10000\"]" => json!(["x".repeat(10_000)]),
            "[1e+20]" | "[100000000000000000000]" | "[1e20]" => json!([u64::MAX]),
            _ => vector["vary_on"].clone(),
        };
        let keys = match vary_on == json!([u64::MAX]) {
            true => ["5.2", "6.1"].map(|django| key_of(django, name, [10_u128.pow(20)])),
            false => ["5.2", "6.1"].map(|django| key_of(django, name, &vary_on)),
        };
        assert_eq!(vector["key"], keys[0], "{vector}");
        assert_eq!(vector["key_6.1.3"], keys[1], "{vector}");
    }
}

/// `str(value)`, and `repr(value)` within another, of what has no floats and no letters that Python escapes by number.
fn python(value: &Json, is_inner: bool) -> String {
    let texts =
        |values: &[Json]| -> Vec<_> { values.iter().map(|one| python(one, true)).collect() };
    match value {
        Json::Null => "None".to_owned(),
        Json::Bool(true) => "True".to_owned(),
        Json::Bool(false) => "False".to_owned(),
        Json::Number(number) => number.to_string(),
        Json::String(text) if !is_inner => text.clone(),
        Json::String(text) => {
            let escaped = text.replace('\\', r"\\").replace('\n', r"\n");
            match text.contains('\'') && !text.contains('"') {
                true => format!("\"{escaped}\""),
                false => format!("'{}'", escaped.replace('\'', r"\'")),
            }
        }
        Json::Array(values) => format!("[{}]", texts(values).join(", ")),
        Json::Object(members) => {
            let members = members.iter().map(|(key, value)| {
                let key = python(&json!(key), true);
                format!("{key}: {}", python(value, true))
            });
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
    }
}

#[test]
fn what_is_taken_for_pythons_text_is() {
    let golden = include_str!("../../golden/django-golden.json");
    let golden: Json = serde_json::from_str(golden).unwrap();
    let vectors = golden["template_fragments"]["make_key"].as_array().unwrap();
    let lists = vectors.iter().filter_map(|vector| {
        let texts = vector["vary_on_str"].as_array()?;
        Some(vector["vary_on"].as_array()?.iter().zip(texts))
    });
    let mut compared = 0;
    for (value, text) in lists.flatten().filter(|(value, _)| !value.is_f64()) {
        assert_eq!(text, &python(value, false));
        compared += 1;
    }
    assert!(compared > 20, "{compared}");
}

/// Values of every kind, in one another.
fn value() -> impl Strategy<Value = Json> {
    let text = "[a-z'\"\\\\\n :,é🦀]{0,6}";
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        text.prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 12, 4, move |inner| {
        let members = vec((text, inner.clone()), 0..4);
        prop_oneof![
            vec(inner, 0..4).prop_map(Json::from),
            members.prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, cases: 500, ..Config::default() })]

    #[test]
    fn values_count_by_the_texts_that_python_has_for_them(values in vec(value(), 0..4)) {
        let texts: Vec<_> = values.iter().map(|value| python(value, false)).collect();
        for django in ["5.2", "6.1"] {
            prop_assert_eq!(key_of(django, "x", &values), key_of(django, "x", &texts));
        }
    }

    #[test]
    fn different_texts_never_meet(one in vec("[a:,1]{0,3}", 0..4), other in vec("[a:,1]{0,3}", 0..4)) {
        prop_assert_eq!(suffix(&one) == suffix(&other), one == other);
    }
}

#[test]
fn the_releases_between_have_the_keys_of_theirs() {
    let old = key_of("5.2", "x", ["a:", "b"]);
    for django in ["4.0", "4.2", "5.1", "5.2.18", "6.0", "6.0.10"] {
        assert_eq!(key_of(django, "x", ["a:", "b"]), old, "{django}");
        assert_eq!(key_of(django, "x", ["a", ":b"]), old, "{django}");
    }
    let new = key_of("6.1", "x", ["a:", "b"]);
    assert_eq!(key_of("6.1.0", "x", ["a:", "b"]), new);
    assert_ne!(key_of("6.1", "x", ["a", ":b"]), new);
    let by_default = Caches::from_toml("").unwrap();
    let key = by_default["default"].make_template_fragment_key("x", ["a:", "b"]);
    assert_eq!(key.unwrap(), new);
}

#[test]
fn any_sequence_is_a_list_of_values_and_anything_else_is_one() {
    let one = suffix(["abc"]);
    assert_eq!(suffix(vec!["abc".to_owned()]), one);
    assert_eq!(suffix(("abc",)), one);
    assert_eq!(suffix("abc"), one);
    assert_eq!(suffix(Some("abc")), one);
    assert_eq!(suffix('a'), suffix(["a"]));
    assert_eq!(suffix(("a", 5, true)), suffix(["a", "5", "True"]));
    assert_eq!(suffix(()), suffix([""; 0]));
    assert_eq!(suffix(None::<&str>), suffix(()));
    assert_ne!(suffix(""), suffix(()));
}

#[derive(Serialize)]
enum Shape {
    Point,
    Circle(f32),
    Pair(u8, u8),
    Square { side: i8 },
}

#[derive(Serialize)]
struct Unit;

#[test]
fn a_values_text_is_pythons() {
    let none: Option<u8> = None;
    let is = |value: Json, text: &str| assert_eq!(suffix([&value]), suffix([text]), "{value}");
    for (value, text) in [
        (json!(null), "None"),
        (json!(true), "True"),
        (json!(-7), "-7"),
        (json!(0.1), "0.1"),
        (json!(100.0), "100.0"),
        (json!(1e15), "1000000000000000.0"),
        (json!(1e16), "1e+16"),
        (json!(1.5e-5), "1.5e-05"),
        (json!(0.0001), "0.0001"),
        (json!(1e100), "1e+100"),
        (json!(5e-324), "5e-324"),
        (json!("it's"), "it's"),
        (json!(["it's", 'a']), "[\"it's\", 'a']"),
        (json!(["'\""]), r#"['\'"']"#),
        (json!(["\\ \n\t\r\u{1}\u{7f}"]), r"['\\ \n\t\r\x01\x7f']"),
        (
            json!(["é\u{a0}\u{2028}😀\u{e0001}e\u{301}"]),
            "['é\\xa0\\u2028😀\\U000e0001e\u{301}']",
        ),
        (json!([]), "[]"),
        (json!({"a": [1, 2.5], "b": {}}), "{'a': [1, 2.5], 'b': {}}"),
    ] {
        is(value, text);
    }
    assert_eq!(suffix((f64::NAN, f64::INFINITY)), suffix(["nan", "inf"]));
    assert_eq!(suffix((-0.0, f64::NEG_INFINITY)), suffix(["-0.0", "-inf"]));
    assert_eq!(suffix((none, Unit, ())), suffix(["None"; 3]));
    assert_eq!(suffix((Shape::Point, 0.1_f32)), suffix(["Point", "0.1"]));
    assert_eq!(suffix([Shape::Circle(1.5)]), suffix(["{'Circle': 1.5}"]));
    assert_eq!(suffix([Shape::Pair(1, 2)]), suffix(["{'Pair': [1, 2]}"]));
    assert_eq!(
        suffix([Shape::Square { side: -3 }]),
        suffix(["{'Square': {'side': -3}}"])
    );
    assert_eq!(suffix([[Shape::Point]]), suffix(["['Point']"]));
    assert_eq!(
        suffix([serde_bytes(b"a'\\\n\xff")]),
        suffix([r"b'a\'\\\n\xff'"])
    );
}

/// Bytes that serialize as bytes.
fn serde_bytes(bytes: &'static [u8]) -> impl Serialize {
    struct Bytes(&'static [u8]);
    impl Serialize for Bytes {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(self.0)
        }
    }
    Bytes(bytes)
}

#[test]
fn a_value_that_refuses_is_an_error_with_the_fragments_name() {
    #[derive(Serialize)]
    struct Never(#[serde(serialize_with = "never")] u8);
    fn never<S: serde::Serializer>(_: &u8, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("not today"))
    }
    let caches = caches("6.1");
    let error = caches["default"].make_template_fragment_key("sidebar", [Never(1)]);
    assert_eq!(
        error.unwrap_err().to_string(),
        "cache `default` (locmem): a value that fragment `sidebar` varies on cannot be serialized: not today"
    );
}
