//! A store that fails: errors by default, misses by `ON_ERROR`, and never a wrong answer.

use cachemere::{
    Cache, Caches, ErrorKind,
    base::{Backend, Context, Error, Key, Open, Result, Settings, Ttl, Value},
};
use serde::Deserialize;

#[derive(Debug)]
struct Down;

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct NoOptions {}

fn refused<T>() -> Result<T> {
    Err(Error::new(
        ErrorKind::Unavailable,
        "connection refused (127.0.0.1:1)",
    ))
}

impl Backend for Down {
    fn get(&self, _: &Key) -> Result<Option<Value>> {
        refused()
    }

    fn set(&self, _: &Key, _: Value, _: Ttl) -> Result<()> {
        refused()
    }

    fn add(&self, _: &Key, _: Value, _: Ttl) -> Result<bool> {
        refused()
    }

    fn touch(&self, _: &Key, _: Ttl) -> Result<bool> {
        refused()
    }

    fn delete(&self, _: &Key) -> Result<bool> {
        refused()
    }

    fn incr(&self, key: &Key, _: i64) -> Result<Option<i64>> {
        if key.contains("panic") {
            panic!("a bug")
        } else {
            refused()
        }
    }

    fn clear(&self) -> Result<()> {
        refused()
    }
}

impl Open for Down {
    const NAMES: &'static [&'static str] = &["tests.Down"];
    type Options = NoOptions;

    fn open(_: &Settings, _: NoOptions, _: &Context) -> Result<Self> {
        Ok(Self)
    }
}

pub(crate) fn down() -> Caches {
    let toml = "[CACHES.default]\nBACKEND = 'tests.Down'\n\
                [CACHES.miss]\nBACKEND = 'tests.Down'\nOPTIONS.ON_ERROR = 'miss'\n\
                [CACHES.ignore]\nBACKEND = 'tests.Down'\nOPTIONS.ignore_exc = true\n";
    Caches::builder()
        .toml(toml)
        .backend::<Down>()
        .build()
        .unwrap()
}

fn kinds(cache: &Cache) -> Vec<Option<ErrorKind>> {
    vec![
        cache.get::<u8>("k").err(),
        cache.get_many::<u8, _>(["k"]).err(),
        cache.has_key("k").err(),
        cache.ttl("k").err(),
        cache.set("k", &1, 1).err(),
        cache.set_many([("k", 1)], 1).err(),
        cache.touch("k", 1).err(),
        cache.delete("k").err(),
        cache.delete_many(["k"]).err(),
        cache.get_or_set("k", || 1, 1).err(),
        cache.add("k", &1, 1).err(),
        cache.incr("k", 1).err(),
        cache.incr_version("k", 1).err(),
        cache.clear().err(),
    ]
    .into_iter()
    .map(|error| error.map(|error| error.kind()))
    .collect()
}

#[test]
fn faults_are_errors_by_default_that_name_the_cache_and_the_cause() {
    let caches = down();
    assert_eq!(
        kinds(&caches["default"]),
        [Some(ErrorKind::Unavailable); 14]
    );
    let error = caches["default"].get::<u8>("k").unwrap_err();
    assert_eq!(
        error.to_string(),
        "cache `default` (tests.Down): connection refused (127.0.0.1:1)"
    );
    assert_eq!(caches["default"].counters().faults(), 0);
}

#[test]
fn on_error_miss_makes_misses_of_reads_and_counts_them_but_locks_and_counters_stay_errors() {
    let caches = down();
    for alias in ["miss", "ignore"] {
        let cache = &caches[alias];
        let unavailable = Some(ErrorKind::Unavailable);
        let expected = [[None; 10].as_slice(), [unavailable; 4].as_slice()].concat();
        assert_eq!(kinds(cache), expected, "{alias}");
        assert!(
            cache.counters().faults() >= 10,
            "{}",
            cache.counters().faults()
        );
        assert_eq!(cache.get::<u8>("k").unwrap(), None);
        assert!(cache.get_many::<u8, _>(["k"]).unwrap().is_empty());
        assert!(
            !cache.has_key("k").unwrap()
                && !cache.touch("k", 1).unwrap()
                && !cache.delete("k").unwrap()
        );
        assert_eq!(cache.set_many([("a", 1), ("b", 2)], 1).unwrap(), ["a", "b"]);
        assert_eq!(cache.get_or_set("k", || 5, 1).unwrap(), 5);
    }
}

#[test]
fn the_asynchronous_twins_do_the_same() {
    let caches = down();
    pollster::block_on(async {
        assert_eq!(
            caches["default"].aget::<u8>("k").await.unwrap_err().kind(),
            ErrorKind::Unavailable
        );
        let cache = &caches["miss"];
        assert_eq!(cache.aget::<u8>("k").await.unwrap(), None);
        cache.aset("k", &1, 1).await.unwrap();
        assert_eq!(cache.aset_many([("a", 1)], 1).await.unwrap(), ["a"]);
        assert!(!cache.atouch("k", 1).await.unwrap() && !cache.adelete("k").await.unwrap());
        assert_eq!(cache.aget_or_set("k", async || 5, 1).await.unwrap(), 5);
        assert_eq!(
            cache.aadd("k", &1, 1).await.unwrap_err().kind(),
            ErrorKind::Unavailable
        );
        assert_eq!(
            cache.aincr("k", 1).await.unwrap_err().kind(),
            ErrorKind::Unavailable
        );
        assert_eq!(
            cache.aclear().await.unwrap_err().kind(),
            ErrorKind::Unavailable
        );
    });
}

#[test]
fn a_backend_that_panics_is_an_error_of_the_asynchronous_api() {
    let caches = down();
    let error = pollster::block_on(caches["default"].aincr("panic", 1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panicked);
}

#[test]
fn values_that_are_damaged_are_misses_removed_and_counted() {
    use cachemere::base::{Codec, Compression, Format};

    #[derive(Debug)]
    struct Torn(cachemere::backends::LocMem);

    impl cachemere::base::Wrap for Torn {
        type Inner = cachemere::backends::LocMem;

        fn inner(&self) -> &Self::Inner {
            &self.0
        }

        fn set(&self, key: &Key, _: Value, ttl: Ttl) -> Result<()> {
            let format = Format::new(Codec::MessagePack, Compression::Zstd);
            Backend::set(
                &self.0,
                key,
                Value::Bytes {
                    format,
                    data: vec![1; 20].into(),
                },
                ttl,
            )
        }
    }

    impl Open for Torn {
        const NAMES: &'static [&'static str] = &["tests.Torn"];
        type Options = cachemere::backends::locmem::Options;

        fn open(settings: &Settings, options: Self::Options, context: &Context) -> Result<Self> {
            cachemere::backends::LocMem::open(settings, options, context).map(Self)
        }
    }

    let caches = Caches::builder()
        .toml("[CACHES.default]\nBACKEND='tests.Torn'")
        .backend::<Torn>()
        .build()
        .unwrap();
    let cache = &caches["default"];
    cache.set("a", &"x", 60).unwrap();
    cache.set("b", &"x", 60).unwrap();
    assert_eq!(cache.get::<String>("a").unwrap(), None);
    assert!(!cache.has_key("a").unwrap());
    assert!(cache.get_many::<String, _>(["b"]).unwrap().is_empty());
    assert!(!cache.has_key("b").unwrap());
    assert_eq!(cache.counters().damaged(), 2);
}
