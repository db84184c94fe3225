//! Bytes that are anything: read without a panic, and never as what they are not where that can be told.

use std::{collections::HashMap, sync::Mutex};

use cachemere::{
    Caches, ErrorKind, Raw,
    base::{Backend, Context, Format, Key, Open, Result, Settings, Ttl, Value},
};
use serde::{Deserialize, de::IgnoredAny};

/// What the store has to say.
static TOLD: Mutex<Option<Value>> = Mutex::new(None);

/// A store that answers with whatever it was told to.
#[derive(Debug)]
struct Told;

impl Backend for Told {
    fn get(&self, _: &Key) -> Result<Option<Value>> {
        Ok(TOLD.lock().unwrap().clone())
    }

    fn set(&self, _: &Key, value: Value, _: Ttl) -> Result<()> {
        *TOLD.lock().unwrap() = Some(value);
        Ok(())
    }

    fn add(&self, _: &Key, _: Value, _: Ttl) -> Result<bool> {
        Ok(false)
    }

    fn touch(&self, _: &Key, _: Ttl) -> Result<bool> {
        Ok(true)
    }

    fn delete(&self, _: &Key) -> Result<bool> {
        Ok(TOLD.lock().unwrap().take().is_some())
    }

    fn incr(&self, _: &Key, _: i64) -> Result<Option<i64>> {
        Ok(None)
    }

    fn clear(&self) -> Result<()> {
        Ok(())
    }
}

impl Open for Told {
    const NAMES: &'static [&'static str] = &["tests.Told"];
    type Options = HashMap<String, String>;

    fn open(_: &Settings, _: Self::Options, _: &Context) -> Result<Self> {
        Ok(Self)
    }
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only read into")]
struct Record {
    name: String,
    tags: Vec<String>,
    nested: HashMap<String, Option<Box<Self>>>,
    choice: Choice,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "only read into")]
enum Choice {
    Nothing,
    Number(f64),
    Both { left: u8, right: i128 },
}

/// xorshift64: the same bytes in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn bytes(&mut self) -> Vec<u8> {
        let length = self.next() % 48;
        (0..length).map(|_| self.next().to_le_bytes()[3]).collect()
    }
}

#[test]
fn any_bytes_in_any_format_are_read_without_a_panic() {
    let caches = Caches::builder()
        .toml("[CACHES.default]\nBACKEND = 'tests.Told'")
        .backend::<Told>()
        .build()
        .unwrap();
    let cache = &caches["default"];
    let formats: Vec<_> = (0..=255).filter_map(Format::from_byte).collect();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for _ in 0..2_000 {
        let bytes = random.bytes();
        for format in &formats {
            let mut outcomes = Vec::new();
            let mut look = |read: &dyn Fn() -> Option<ErrorKind>| {
                *TOLD.lock().unwrap() = Some(Value::Bytes {
                    format: *format,
                    data: bytes.clone().into(),
                });
                outcomes.push(read());
            };
            look(&|| cache.get::<Record>("key").err().map(|error| error.kind()));
            look(&|| {
                cache
                    .get::<serde_json::Value>("key")
                    .err()
                    .map(|error| error.kind())
            });
            look(&|| {
                cache
                    .get::<(u8, String, Vec<i64>)>("key")
                    .err()
                    .map(|error| error.kind())
            });
            look(&|| {
                cache
                    .get::<IgnoredAny>("key")
                    .err()
                    .map(|error| error.kind())
            });
            look(&|| cache.get::<Raw>("key").err().map(|error| error.kind()));
            assert!(
                outcomes
                    .iter()
                    .flatten()
                    .all(|kind| *kind == ErrorKind::Decode),
                "{format:?} {bytes:?}"
            );
        }
    }
}
