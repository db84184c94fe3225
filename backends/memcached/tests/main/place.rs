use std::time::{Duration, Instant};

use cachemere_base::{Backend, Context, Error, ErrorKind, Key, Open, Result, Settings, Value};
use cachemere_memcached::{Memcached, Options};

/// A backend for these servers.
pub(crate) fn open<S: Into<String>>(
    servers: impl IntoIterator<Item = S>,
    options: Options,
) -> Memcached {
    try_open(servers, options).unwrap()
}

pub(crate) fn try_open<S: Into<String>>(
    servers: impl IntoIterator<Item = S>,
    options: Options,
) -> Result<Memcached> {
    let settings = Settings::new("default", "memcached").with_location(servers);
    Memcached::open(&settings, options, &Context::default())
}

/// A backend for one server, with these options as `caches.toml` has them.
pub(crate) fn connect(server: &str, text: &str) -> Memcached {
    open([server], options(text))
}

pub(crate) fn options(text: &str) -> Options {
    toml::from_str(text).unwrap()
}

/// A value that tells its key.
pub(crate) fn value_of(key: &str) -> Value {
    Value::raw(format!("the value of {key}"))
}

/// One round of writing and reading, which may fail but is never wrong. Returns the first error.
pub(crate) fn round(store: &Memcached, name: &str) -> Result<()> {
    let names: Vec<_> = (0..4).map(|n| format!("{name}-{n}")).collect();
    let keys: Vec<_> = names.iter().map(|name| Key::new(name)).collect();
    let outcomes = [
        store.set(&keys[0], value_of(&names[0]), None),
        is_right(&names[0], store.get(&keys[0])),
        store
            .set_many(
                keys.iter()
                    .map(|key| (key.clone(), value_of(key)))
                    .collect(),
                None,
            )
            .map(|failed| assert_eq!(failed, [])),
        store.get_many(&keys).map(|values| {
            for (name, value) in names.iter().zip(values) {
                is_right(name, Ok(value)).unwrap();
            }
        }),
    ];
    outcomes.into_iter().collect()
}

/// A read gave the value of its key or nothing.
pub(crate) fn is_right(name: &str, read: Result<Option<Value>>) -> Result<()> {
    read.map(|value| {
        if let Some(value) = value {
            assert_eq!(value, value_of(name), "of {name}");
        }
    })
}

/// Waits until a round succeeds.
#[track_caller]
pub(crate) fn resumes(store: &Memcached) {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        match round(store, "resumed") {
            Ok(()) => return,
            Err(error) => assert!(Instant::now() < deadline, "work does not resume: {error}"),
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// An error of a store at fault, which names the server.
#[track_caller]
pub(crate) fn is_fault_of(error: &Error, server: &str) {
    assert!(error.is_fault(), "{error:?}");
    assert!(error.message().contains(server), "{error:?}");
    assert_ne!(error.kind(), ErrorKind::Panicked);
}
