//! Values come back as they were.

use std::collections::{BTreeMap, BTreeSet};

use cachemere::{Caches, ErrorKind, Raw};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

fn formats() -> Caches {
    let alias = |name: &str, options: &str| {
        format!(
            "[CACHES.{name}]\nBACKEND = 'locmem'\nLOCATION = 'one'\nOPTIONS = {{ {options} }}\n"
        )
    };
    let toml = [
        alias("default", ""),
        alias("json", "SERIALIZER = 'json'"),
        alias("postcard", "SERIALIZER = 'postcard'"),
        alias("zstd", "COMPRESSOR = 'zstd', COMPRESSOR_MIN_SIZE = 1"),
        alias(
            "lz4_json",
            "SERIALIZER = 'json', COMPRESSOR = 'lz4', COMPRESSOR_MIN_SIZE = 1",
        ),
        #[cfg(feature = "django")]
        alias("pickle", "FORMAT = 'django'"),
        #[cfg(feature = "django")]
        alias(
            "zlib_pickle",
            "FORMAT = 'django', COMPRESSOR = 'zlib', COMPRESSOR_MIN_SIZE = 1",
        ),
    ];
    Caches::from_toml(&toml.concat()).unwrap()
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "shorter to call")]
fn comes_back<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: T) {
    for cache in formats().all(false) {
        cache.set("value", &value, 60).unwrap();
        assert_eq!(
            cache.get::<T>("value").unwrap().as_ref(),
            Some(&value),
            "{}",
            cache.alias()
        );
    }
}

/// As [`comes_back`], in the formats that describe themselves.
#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "shorter to call")]
fn described<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: T) {
    for cache in formats()
        .all(false)
        .into_iter()
        .filter(|cache| cache.alias() != "postcard")
    {
        cache.set("value", &value, 60).unwrap();
        assert_eq!(
            cache.get::<T>("value").unwrap().as_ref(),
            Some(&value),
            "{}",
            cache.alias()
        );
    }
}

#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
struct User {
    id: u64,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    role: Role,
    tags: Vec<String>,
}

#[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
enum Role {
    Guest,
    Member(u32),
    Admin { since: i32 },
}

fn user() -> User {
    User {
        id: 1,
        name: "Ada".into(),
        email: Some("a@b".into()),
        role: Role::Admin { since: -3 },
        tags: vec!["x".into()],
    }
}

#[test]
fn integers_of_any_width_are_exact() {
    comes_back(i64::MIN);
    comes_back(i64::MAX);
    comes_back(u64::MAX);
    comes_back(i128::MIN);
    comes_back(u128::MAX);
    comes_back(-1_i8);
    comes_back(Some(5_u8));
    comes_back(vec![i128::MIN, 0, i128::MAX]);
}

#[test]
fn floats_are_exact() {
    for float in [
        0.1,
        -0.0,
        f64::MAX,
        f64::MIN_POSITIVE,
        1.0,
        1e300,
        123_456_789.123_456_79,
    ] {
        comes_back(float);
    }
    comes_back(0.1_f32);
    comes_back(f32::MAX);
    let cache = &formats()["default"];
    cache.set("nan", &f64::NAN, 60).unwrap();
    assert!(cache.get::<f64>("nan").unwrap().unwrap().is_nan());
}

#[test]
fn json_refuses_what_it_would_write_as_null() {
    let caches = formats();
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let error = caches["json"]
            .set("nan", &vec![Some(("x", value))], 60)
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encode);
        assert!(
            error
                .to_string()
                .contains("JSON knows no NaN and no infinity"),
            "{error}"
        );
    }
    assert!(!caches["json"].has_key("nan").unwrap());
}

#[test]
fn booleans_characters_and_texts_stay_what_they_are() {
    comes_back(true);
    comes_back('清');
    comes_back(String::new());
    comes_back("zwölf Boxkämpfer".to_owned());
    let cache = &formats()["default"];
    cache.set("bool", &true, 60).unwrap();
    assert_eq!(
        cache.incr("bool", 1).unwrap_err().kind(),
        ErrorKind::NotAnInteger
    );
}

#[test]
fn collections_and_structs_come_back() {
    comes_back((1, "two".to_owned(), 3.0));
    comes_back(BTreeMap::from([
        (1, "one".to_owned()),
        (2, "two".to_owned()),
    ]));
    comes_back(BTreeSet::from(["a".to_owned(), "b".to_owned()]));
    comes_back(vec![0_u8, 255, 10]);
    comes_back(());
    comes_back(vec![
        Role::Guest,
        Role::Member(7),
        Role::Admin { since: -1 },
    ]);
    comes_back(vec![Some(1), None]);
}

#[test]
fn tagged_flattened_and_untagged_types_come_back() {
    #[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
    #[serde(tag = "type")]
    enum Event {
        Blob { data: Vec<u8> },
        Hash { h: [u8; 20] },
        Pair { p: (u8, u8) },
    }
    #[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
    struct Flat {
        id: u32,
        #[serde(flatten)]
        inner: Inner,
    }
    #[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
    struct Inner {
        data: Vec<u8>,
    }
    #[derive(Serialize, Deserialize, PartialEq, Debug, Clone)]
    #[serde(untagged)]
    enum Cell {
        Byte(u8),
        Text(String),
    }
    let events = vec![
        Event::Blob { data: vec![0, 255] },
        Event::Hash { h: [7; 20] },
        Event::Pair { p: (1, 2) },
    ];
    described(events);
    described(Flat {
        id: 1,
        inner: Inner {
            data: vec![1, 2, 200],
        },
    });
    described(vec![Cell::Byte(1), Cell::Text("x".into())]);
    described(Cell::Byte(200));
}

#[test]
fn what_is_a_number_only_for_machines_comes_back() {
    #[derive(PartialEq, Debug)]
    struct Flags(u8);
    impl Serialize for Flags {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            if serializer.is_human_readable() {
                serializer.collect_str(&format_args!("flags {}", self.0))
            } else {
                serializer.serialize_u8(self.0)
            }
        }
    }
    impl<'de> Deserialize<'de> for Flags {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            if !deserializer.is_human_readable() {
                return u8::deserialize(deserializer).map(Self);
            }
            let text = String::deserialize(deserializer)?;
            let number = text.trim_start_matches("flags ").parse();
            number
                .map(Self)
                .map_err(|_error| serde::de::Error::custom("no flags"))
        }
    }
    comes_back(Flags(5));
    comes_back(vec![Flags(5)]);
}

#[test]
fn an_integer_that_a_type_refuses_is_of_another_type_and_replaced() {
    let cache = &formats()["default"];
    cache.set("n", &0, 60).unwrap();
    let one = std::num::NonZeroU8::MIN;
    assert_eq!(
        cache.get::<std::num::NonZeroU8>("n").unwrap_err().kind(),
        ErrorKind::Decode
    );
    assert_eq!(cache.get_or_set("n", || one, 60).unwrap(), one);
}

#[test]
fn fields_may_be_skipped_and_added_in_formats_that_name_them() {
    #[derive(Deserialize)]
    struct Older {
        id: u64,
    }
    let caches = formats();
    for alias in ["default", "json", "zstd", "lz4_json"] {
        let nameless = User {
            email: None,
            ..user()
        };
        caches[alias].set("user", &nameless, 60).unwrap();
        assert_eq!(caches[alias].get::<User>("user").unwrap(), Some(nameless));
        assert_eq!(caches[alias].get::<Older>("user").unwrap().unwrap().id, 1);
    }
}

#[test]
fn some_none_collapses_to_none() {
    let cache = &formats()["default"];
    cache.set("nested", &Some(None::<i32>), 60).unwrap();
    assert_eq!(
        cache.get::<Option<Option<i32>>>("nested").unwrap(),
        Some(None)
    );
}

#[test]
fn an_integer_is_read_as_any_number_that_holds_it() {
    let cache = &formats()["default"];
    cache.set("n", &200, 60).unwrap();
    assert_eq!(cache.get::<u8>("n").unwrap(), Some(200));
    assert_eq!(cache.get::<i128>("n").unwrap(), Some(200));
    assert_eq!(cache.get::<f64>("n").unwrap(), Some(200.0));
    assert_eq!(cache.get::<Option<u64>>("n").unwrap(), Some(Some(200)));
    assert_eq!(
        cache.get::<serde_json::Value>("n").unwrap(),
        Some(200.into())
    );
    let error = cache.get::<i8>("n").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Overflow);
    assert!(error.to_string().contains("does not fit a `i8`"), "{error}");
}

#[test]
fn raw_bytes_are_the_same_allocation_in_and_out() {
    let caches = formats();
    for alias in ["default", "json", "zstd"] {
        let raw = Raw::from(vec![7_u8; 4096]);
        caches[alias].set("raw", &raw, 60).unwrap();
        let back = caches[alias].get::<Raw>("raw").unwrap().unwrap();
        assert_eq!(back, raw);
        assert_eq!(back.0.as_ptr(), raw.0.as_ptr());
    }
}

#[test]
fn what_is_no_such_type_is_an_error_without_the_value_and_stays() {
    let caches = formats();
    for alias in ["default", "json"] {
        let cache = &caches[alias];
        cache.set("secret", "hunter2", 60).unwrap();
        let error = cache.get::<u64>("secret").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        let shown = format!("{error} {error:?}");
        assert!(
            shown.contains(&format!("cache `{alias}` (locmem): key `:1:secret` holds")),
            "{shown}"
        );
        assert!(
            shown.contains("u64") && !shown.contains("hunter2"),
            "{shown}"
        );
        assert_eq!(
            cache.get::<String>("secret").unwrap().as_deref(),
            Some("hunter2")
        );
    }
    caches["default"]
        .set("secret", &Raw::from_static(b"hunter2"), 60)
        .unwrap();
    let error = caches["default"].get::<String>("secret").unwrap_err();
    assert!(error.to_string().contains("raw bytes"), "{error}");
    caches["default"].set("number", &1, 60).unwrap();
    assert_eq!(
        caches["default"].get::<Raw>("number").unwrap_err().kind(),
        ErrorKind::Decode
    );
}

#[test]
fn entries_of_any_serializer_and_compressor_stay_readable_under_another() {
    let caches = formats();
    let long = User {
        tags: vec!["to be or not to be".into(); 50],
        ..user()
    };
    for writer in caches.all(false) {
        writer.set("user", &long, 60).unwrap();
        for reader in caches.all(false) {
            assert_eq!(
                reader.get::<User>("user").unwrap().as_ref(),
                Some(&long),
                "{writer:?} {reader:?}"
            );
        }
    }
}

#[test]
fn a_value_that_cannot_be_serialized_leaves_the_old_one() {
    struct Unserializable;
    impl Serialize for Unserializable {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("not me"))
        }
    }
    let cache = &formats()["default"];
    cache.set("key", &1, 60).unwrap();
    assert_eq!(
        cache.set("key", &Unserializable, 60).unwrap_err().kind(),
        ErrorKind::Encode
    );
    assert_eq!(
        cache.add("other", &Unserializable, 60).unwrap_err().kind(),
        ErrorKind::Encode
    );
    assert_eq!(cache.get::<i32>("key").unwrap(), Some(1));
}
