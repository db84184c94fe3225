use std::sync::Arc;

use cachemere_base::{Backend, Context, ErrorKind, Key, Open, Settings, Store, Value};
use cachemere_memcached::{Memcached, Options};
use cachemere_servers::Memcached as Server;
use tokio::runtime::Runtime;

use crate::place::{options, try_open};

fn names_of(location: &str) -> String {
    match try_open([location], Options::default()) {
        Ok(store) => {
            let debug = format!("{store:?}");
            let names = debug.split("name: \"").skip(1);
            names
                .filter_map(|rest| rest.split('"').next())
                .collect::<Vec<_>>()
                .join(" ")
        }
        Err(error) => format!("{}: {}", error.setting_path().unwrap(), error.message()),
    }
}

#[test]
fn a_location_is_one_server_or_several() {
    for (location, names) in [
        ("127.0.0.1:11211", "127.0.0.1:11211"),
        ("cache.example", "cache.example:11211"),
        ("a:1;b:2,c:3", "a:1 b:2 c:3"),
        ("a:1, b:2", "a:1 b:2"),
        ("[::1]", "[::1]:11211"),
        ("[::1]:11212", "[::1]:11212"),
        ("::1", "[::1]:11211"),
        ("unix:/tmp/memcached.sock", "unix:/tmp/memcached.sock"),
        ("unix:///tmp/memcached.sock", "unix:/tmp/memcached.sock"),
        ("/tmp/memcached.sock", "unix:/tmp/memcached.sock"),
    ] {
        assert_eq!(names_of(location), names, "{location}");
    }
}

#[test]
fn a_location_that_is_none_is_an_error_that_says_what_would_work() {
    for location in [
        "a:1,",
        "",
        ";",
        "a:b",
        "a:99999",
        ":11211",
        "a:0",
        "memcached://a:1",
        "a:1;a:1",
    ] {
        let error = names_of(location);
        assert!(error.starts_with("LOCATION: "), "{location}: {error}");
    }
    let none = Settings::new("default", "memcached");
    let error = Memcached::open(&none, Options::default(), &Context::default()).unwrap_err();
    assert_eq!(error.setting_path(), Some("LOCATION"));
}

#[test]
fn a_server_is_reached_by_its_address_of_the_sixth_version_and_by_its_name() {
    let server = Server::with(&["-l", "::1"]);
    let runtime = Runtime::new().unwrap();
    for host in ["[::1]", "localhost"] {
        let location = format!("{host}:{}", server.port());
        let store = Arc::new(try_open([location], Options::default()).unwrap());
        store.set(&Key::new("key"), Value::Int(1), None).unwrap();
        let store = Store::new(store);
        let found = runtime.block_on(store.aget(Key::new("key"))).unwrap();
        assert_eq!(found, Some(Value::Int(1)), "{host}");
    }
}

#[test]
fn the_options_of_djangos_pages_are_taken() {
    let text = "allow_unicode_keys = true\ndefault_noreply = false\nserde = 'pymemcache.serde.pickle_serde'\n\
        no_delay = true\nmax_pool_size = 4\nuse_pooling = true";
    try_open(["127.0.0.1:11211"], options(text)).unwrap();
    let text = "binary = true\nusername = 'user'\npassword = 'pass'\n[behaviors]\nketama = true";
    try_open(["127.0.0.1:11211"], options(text)).unwrap();
}

#[test]
fn unknown_options_are_errors_that_name_them() {
    for (text, name) in [
        ("no_dealy = true", "no_dealy"),
        ("behaviors.ketma = true", "ketma"),
    ] {
        let error = toml::from_str::<Options>(text).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn options_that_cannot_work_are_errors_that_name_them() {
    for (text, name) in [
        ("max_pool_size = 0", "max_pool_size"),
        ("timeout = 0", "timeout"),
        ("timeout = nan", "timeout"),
        ("connect_timeout = -1", "connect_timeout"),
        ("retry_timeout = 'never'", "retry_timeout"),
        ("dead_timeout = inf", "dead_timeout"),
    ] {
        let error = toml::from_str::<Options>(text).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
    for (text, setting) in [
        (
            "behaviors.connect_timeout = 0",
            "OPTIONS.behaviors.connect_timeout",
        ),
        (
            "behaviors.receive_timeout = 90000000000",
            "OPTIONS.behaviors.receive_timeout",
        ),
    ] {
        let error = try_open(["127.0.0.1"], options(text)).unwrap_err();
        assert_eq!(
            (error.kind(), error.setting_path()),
            (ErrorKind::Config, Some(setting))
        );
    }
}

#[test]
fn options_without_effect_are_noted() {
    let settings = Settings::new("default", "memcached")
        .with_location(["127.0.0.1"])
        .with_given([
            "MAX_ENTRIES",
            "serde",
            "use_pooling",
            "timeout",
            "behaviors",
        ]);
    let options =
        options("serde = 'x'\nuse_pooling = false\n[behaviors]\nketama = true\nhash = 'md5'");
    let store = Memcached::open(&settings, options, &Context::default()).unwrap();
    let names = ["MAX_ENTRIES", "use_pooling", "serde", "behaviors.hash"];
    assert_eq!(
        store.notes(),
        names.map(|name| format!("`OPTIONS.{name}` has no effect on memcached"))
    );
}
