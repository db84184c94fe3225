//! A backend and a key function of an application's own, registered at link time and named in the configuration.
//!
//! `cargo run --example custom_backend` uses them; `cargo test --example custom_backend` runs the behaviour suite that
//! every store of cachemere passes.

use std::{collections::HashMap, sync::Arc};

use cachemere::{
    Caches, DEFAULT_TIMEOUT, Version,
    base::{
        Asynchrony, Backend, Clock, Context, Error, ErrorKind, Expiry, Key, Open, Remaining,
        Result, Settings, Ttl, Value,
    },
};
use parking_lot::Mutex;
use serde::Deserialize;

/// A map behind a lock. It never culls.
#[derive(Debug)]
struct Drawer {
    label: String,
    max_entries_given: bool,
    clock: Arc<dyn Clock>,
    entries: Mutex<HashMap<Key, (Value, Expiry)>>,
}

/// What `OPTIONS` may say.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "SCREAMING_SNAKE_CASE")]
struct Options {
    /// A word for the front of the drawer.
    label: String,
}

impl Open for Drawer {
    const NAMES: &'static [&'static str] = &["myapp.cache.Drawer"];
    type Options = Options;

    fn open(settings: &Settings, options: Options, context: &Context) -> Result<Self> {
        if options.label.len() > 20 {
            return Err(Error::setting(
                "OPTIONS.LABEL",
                "is longer than the 20 bytes that fit on a drawer",
            ));
        }
        Ok(Self {
            label: options.label,
            max_entries_given: settings.is_given("MAX_ENTRIES"),
            clock: context.clock(),
            entries: Mutex::default(),
        })
    }
}

impl Drawer {
    /// Calls `found` with the live entry of a key.
    fn with<T>(&self, key: &Key, found: impl FnOnce(&mut (Value, Expiry), u64) -> T) -> Option<T> {
        let now = self.clock.now();
        let mut entries = self.entries.lock();
        let entry = entries
            .get_mut(key)
            .filter(|(_, expiry)| !expiry.is_past(now))?;
        Some(found(entry, now))
    }
}

impl Backend for Drawer {
    fn get(&self, key: &Key) -> Result<Option<Value>> {
        Ok(self.with(key, |(value, _), _| value.clone()))
    }

    fn set(&self, key: &Key, value: Value, ttl: Ttl) -> Result<()> {
        let expiry = Expiry::after(ttl, self.clock.now());
        self.entries.lock().insert(key.clone(), (value, expiry));
        Ok(())
    }

    fn add(&self, key: &Key, value: Value, ttl: Ttl) -> Result<bool> {
        let now = self.clock.now();
        let mut entries = self.entries.lock();
        if entries
            .get(key)
            .is_some_and(|(_, expiry)| !expiry.is_past(now))
        {
            return Ok(false);
        }
        entries.insert(key.clone(), (value, Expiry::after(ttl, now)));
        Ok(true)
    }

    fn touch(&self, key: &Key, ttl: Ttl) -> Result<bool> {
        Ok(self
            .with(key, |(_, expiry), now| *expiry = Expiry::after(ttl, now))
            .is_some())
    }

    fn delete(&self, key: &Key) -> Result<bool> {
        let removed = self.entries.lock().remove(key);
        Ok(removed.is_some_and(|(_, expiry)| !expiry.is_past(self.clock.now())))
    }

    fn incr(&self, key: &Key, delta: i64) -> Result<Option<i64>> {
        let sum = self.with(key, |(value, _), _| {
            let Value::Int(number) = value else {
                return Err(Error::new(
                    ErrorKind::NotAnInteger,
                    format!("key {} holds no integer", key.shown()),
                ));
            };
            let too_large = || {
                Error::new(
                    ErrorKind::Overflow,
                    format!("key {} would overflow", key.shown()),
                )
            };
            *number = number.checked_add(delta).ok_or_else(too_large)?;
            Ok(*number)
        });
        sum.transpose()
    }

    fn clear(&self) -> Result<()> {
        self.entries.lock().clear();
        Ok(())
    }

    fn get_with_ttl(&self, key: &Key) -> Result<Option<(Value, Remaining)>> {
        Ok(self.with(key, |(value, expiry), now| {
            (value.clone(), expiry.remaining(now))
        }))
    }

    fn asynchronous(&self) -> Asynchrony<'_> {
        Asynchrony::Inline
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = vec![format!("the drawer is labelled `{}`", self.label)];
        if self.max_entries_given {
            notes.push("OPTIONS.MAX_ENTRIES has no effect: a drawer never culls".to_owned());
        }
        notes
    }
}

fn short_keys(key: &str, prefix: &str, version: &Version) -> String {
    format!("{prefix}{version}/{key}")
}

cachemere::register_backend!("myapp.cache.Drawer", Drawer);
cachemere::register_key_function!("myapp.keys.short", short_keys);

fn main() -> Result<()> {
    let caches = Caches::from_toml(
        r#"
        [CACHES.default]
        BACKEND = "myapp.cache.Drawer"
        KEY_FUNCTION = "myapp.keys.short"
        OPTIONS = { LABEL = "socks", MAX_ENTRIES = 10 }
        "#,
    )?;
    let cache = &caches["default"];
    cache.set("colour", "blue", DEFAULT_TIMEOUT)?;
    println!(
        "{} is {:?}",
        cache.make_key("colour"),
        cache.get::<String>("colour")?
    );
    for report in caches.check() {
        println!(
            "{}: {:?} {:?}",
            report.description.alias, report.result, report.description.notes
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use cachemere::base::{Backend, Context, ManualClock, Open, Settings, contract::Fixture};

    use super::{Drawer, Options};

    struct Drawers {
        clock: Arc<ManualClock>,
        drawer: Arc<Drawer>,
    }

    impl Fixture for Drawers {
        fn open(settings: Settings) -> Self {
            let clock = Arc::new(ManualClock::default());
            let time: Arc<ManualClock> = Arc::clone(&clock);
            let drawer = Drawer::open(
                &settings,
                Options {
                    label: "tests".into(),
                },
                &Context::new(time),
            )
            .unwrap();
            Self {
                clock,
                drawer: Arc::new(drawer),
            }
        }

        fn backend(&self) -> Arc<dyn Backend> {
            let drawer: Arc<Drawer> = Arc::clone(&self.drawer);
            drawer
        }

        fn advance(&self, by: Duration) {
            self.clock.advance(by);
        }

        fn culls(&self) -> bool {
            false
        }
    }

    cachemere::base::contract!(Drawers);

    #[test]
    fn the_label_is_on_the_drawer() {
        let fixture = Drawers::open(Settings::new("default", "myapp.cache.Drawer"));
        assert_eq!(fixture.drawer.notes(), ["the drawer is labelled `tests`"]);
    }
}
