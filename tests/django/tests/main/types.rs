//! What Rust calls a value, and what Python then says it is.

use cachemere::{
    Raw, Remaining,
    django::{BigInt, DateTime, SafeString, Value},
};

use crate::site::{Site, on_every_store};

on_every_store! {
    types_are_pythons
    an_entry_of_djangos_is_added_touched_and_deleted_as_one_of_ours
}

fn types_are_pythons(site: &Site) {
    let cache = site.cache();
    cache.set("text", "Ada", 60).unwrap();
    cache.set("raw", &Raw::from_static(b"\0\xff"), 60).unwrap();
    cache.set("list", &vec![1, 2], 60).unwrap();
    cache.set("tuple", &(1, "a", None::<u8>), 60).unwrap();
    cache.set("big", &u128::MAX, 60).unwrap();
    let when: DateTime = "2026-11-26T12:00:00Z".parse().unwrap();
    cache.set("when", &when, 60).unwrap();
    cache.set("safe", &SafeString::from("<b>"), 60).unwrap();
    assert_eq!(
        site.ask(&[
            "get", "text", "raw", "list", "tuple", "big", "when", "safe", "missing"
        ])
        .lines()
        .collect::<Vec<_>>(),
        [
            "str 'Ada'",
            "bytes b'\\x00\\xff'",
            "list [1, 2]",
            "tuple (1, 'a', None)",
            "int 340282366920938463463374607431768211455",
            "datetime datetime.datetime(2026, 11, 26, 12, 0, tzinfo=datetime.timezone.utc)",
            "SafeString '<b>'",
            "NoneType None",
        ]
    );
    assert!(matches!(
        cache.ttl("text").unwrap(),
        Some(Remaining::For(_))
    ));
}

fn an_entry_of_djangos_is_added_touched_and_deleted_as_one_of_ours(site: &Site) {
    let cache = site.cache();
    let big = "36893488147419103232";
    site.ask(&["set", "big", big]);
    lives_ten_minutes(site, "big");
    assert!(!cache.add("big", &1, None).unwrap());
    assert_eq!(cache.get("big").unwrap(), big.parse::<u128>().ok());
    assert_eq!(cache.get("big").unwrap(), big.parse::<BigInt>().ok());
    assert!(cache.touch("big", 60).unwrap());
    assert!(cache.version(2).add("big", &2, None).unwrap());
    assert!(cache.delete("big").unwrap());
    assert_eq!(site.ask(&["get", "big"]), "NoneType None");
    assert!(cache.add("big", &1, 60).unwrap());
    assert_eq!(site.ask(&["get", "big"]), "int 1");
}

/// What Django gives an entry, which may be a while ago on a busy machine.
fn lives_ten_minutes(site: &Site, key: &str) {
    let Some(Remaining::For(time)) = site.cache().ttl(key).unwrap() else {
        panic!("no lifetime");
    };
    assert!((300..=601).contains(&time.as_secs()), "{time:?}");
}

#[test]
fn lifetimes_are_told_in_the_time_zone_of_the_site() {
    let site = Site::on_sqlite_in_local_time();
    site.ask(&["set", "text", "'hello'"]);
    lives_ten_minutes(&site, "text");
    site.cache().set("ours", "hello", 600).unwrap();
    assert_eq!(site.ask(&["get", "ours"]), "str 'hello'");
}

#[test]
fn an_object_of_an_unknown_class_names_its_class() {
    let site = Site::on_redis();
    site.ask(&["set", "address", "ipaddress.ip_address('127.0.0.1')"]);
    let value: Option<Value> = site.cache().get("address").unwrap();
    let Some(Value::Opaque(object)) = value else {
        panic!("not opaque");
    };
    assert_eq!(object.class, "ipaddress.IPv4Address");
    let error = site.cache().get::<String>("address").unwrap_err();
    assert!(error.message().contains("ipaddress.IPv4Address"), "{error}");
    assert!(site.cache().has_key("address").unwrap());
}
