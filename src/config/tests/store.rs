use std::collections::BTreeMap;

use cachemere_base::{Backend, Context, Error, ErrorKind, Key, Open, Result, Settings, Ttl, Value};
use serde::Deserialize;

/// A backend that shows what it was opened with.
#[derive(Debug)]
pub(crate) struct Store {
    opened: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) struct Options {
    max_bytes: u32,
    shards: Option<u8>,
    password: Option<String>,
    mode: Mode,
    nodes: Vec<String>,
    #[serde(rename = "no_delay")]
    no_delay: bool,
    #[serde(rename = "behaviors")]
    behaviors: Behaviors,
    labels: BTreeMap<String, String>,
    ratio: f64,
    even: Even,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    #[default]
    Fast,
    Safe,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Behaviors {
    ketama: bool,
    dead_timeout: u16,
}

#[derive(Debug, Default, Deserialize)]
#[serde(try_from = "u32")]
struct Even(#[expect(dead_code, reason = "shown by Debug")] u32);

impl TryFrom<u32> for Even {
    type Error = String;

    fn try_from(number: u32) -> Result<Self, String> {
        match number % 2 {
            0 => Ok(Self(number)),
            _ => Err(format!("{number} is not even")),
        }
    }
}

impl Open for Store {
    const NAMES: &'static [&'static str] = &[
        "locmem",
        "dummy",
        "django.core.cache.backends.locmem.LocMemCache",
    ];
    type Options = Options;

    fn open(settings: &Settings, options: Options, _: &Context) -> Result<Self> {
        for location in settings.locations() {
            if location.starts_with("bad") {
                let message = format!("cannot be at {location}");
                return Err(Error::setting("LOCATION", message));
            }
        }
        if matches!(options.mode, Mode::Safe) && settings.locations().is_empty() {
            return Err(Error::setting("LOCATION", "is needed to be safe"));
        }
        if options.max_bytes == 13 {
            return Err(Error::setting("OPTIONS.MAX_BYTES", "13 is refused"));
        }
        if options.shards == Some(0) {
            return Err(Error::new(ErrorKind::Config, "no shards"));
        }
        let opened = format!("{:?} {options:?}", settings.locations());
        Ok(Self { opened })
    }
}

impl Backend for Store {
    fn get(&self, _: &Key) -> Result<Option<Value>> {
        Ok(Some(Value::raw(self.opened.clone())))
    }

    fn set(&self, _: &Key, _: Value, _: Ttl) -> Result<()> {
        Ok(())
    }

    fn add(&self, _: &Key, _: Value, _: Ttl) -> Result<bool> {
        Ok(true)
    }

    fn touch(&self, _: &Key, _: Ttl) -> Result<bool> {
        Ok(false)
    }

    fn delete(&self, _: &Key) -> Result<bool> {
        Ok(false)
    }

    fn incr(&self, _: &Key, _: i64) -> Result<Option<i64>> {
        Ok(None)
    }

    fn clear(&self) -> Result<()> {
        Ok(())
    }
}
