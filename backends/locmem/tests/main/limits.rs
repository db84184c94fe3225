use std::{num::NonZeroU64, time::Duration};

use cachemere_base::{Backend, Context, ErrorKind, Key, Open, Result, Value};
use cachemere_locmem::{LocMem, Options};

use crate::settings;

const MAX_BYTES: u64 = 100;

fn try_open(max_bytes: u64) -> Result<LocMem> {
    let mut options = Options::default();
    options.max_bytes = NonZeroU64::new(max_bytes);
    LocMem::open(&settings(), options, &Context::default())
}

fn open() -> LocMem {
    try_open(MAX_BYTES).unwrap()
}

/// A value that takes this many bytes together with a key of one byte.
fn taking(bytes: usize) -> Value {
    Value::raw(vec![0; bytes - 1])
}

fn live(cache: &LocMem, keys: &[&str]) -> Vec<String> {
    let live = |key: &&&str| cache.has_key(&Key::new(key)).unwrap();
    keys.iter().filter(live).map(ToString::to_string).collect()
}

#[test]
fn the_least_recently_used_make_room() {
    let cache = open();
    for key in ["a", "b", "c", "d"] {
        cache.set(&Key::new(key), taking(25), None).unwrap();
    }
    cache.get(&Key::new("a")).unwrap();
    cache.set(&Key::new("e"), taking(50), None).unwrap();
    assert_eq!(live(&cache, &["a", "b", "c", "d", "e"]), ["a", "d", "e"]);
}

#[test]
fn a_replaced_value_makes_room_for_its_successor() {
    let cache = open();
    cache.set(&Key::new("a"), taking(40), None).unwrap();
    for _ in 0..5 {
        cache.set(&Key::new("b"), taking(60), None).unwrap();
    }
    assert_eq!(live(&cache, &["a", "b"]), ["a", "b"]);
}

#[test]
fn deleted_and_expired_entries_make_room() {
    let cache = open();
    cache.set(&Key::new("a"), taking(40), None).unwrap();
    for _ in 0..5 {
        cache.set(&Key::new("b"), taking(60), None).unwrap();
        cache.delete(&Key::new("b")).unwrap();
        cache
            .set(&Key::new("c"), taking(60), Some(Duration::ZERO))
            .unwrap();
    }
    assert_eq!(live(&cache, &["a", "b", "c"]), ["a"]);
}

#[test]
fn an_entry_of_just_the_maximum_is_kept_alone() {
    let cache = open();
    cache.set(&Key::new("a"), taking(1), None).unwrap();
    cache.set(&Key::new("b"), taking(100), None).unwrap();
    assert_eq!(live(&cache, &["a", "b"]), ["b"]);
}

#[test]
fn a_value_over_the_maximum_is_refused_and_the_old_one_gone() {
    let cache = open();
    cache.set(&Key::new("a"), taking(10), None).unwrap();
    cache.set(&Key::new("b"), taking(10), None).unwrap();
    let error = cache.set(&Key::new("a"), taking(101), None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert_eq!(
        error.to_string(),
        "`a` takes 101 bytes, MAX_BYTES allows 100"
    );
    assert_eq!(live(&cache, &["a", "b"]), ["b"]);
}

#[test]
fn an_added_value_over_the_maximum_is_refused_where_the_key_is_free() {
    let cache = open();
    cache.set(&Key::new("a"), taking(10), None).unwrap();
    assert!(!cache.add(&Key::new("a"), taking(101), None).unwrap());
    let error = cache.add(&Key::new("b"), taking(101), None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert_eq!(live(&cache, &["a", "b"]), ["a"]);
}

#[test]
fn set_many_tells_which_values_were_refused() {
    let cache = open();
    let entries = [("a", 10), ("b", 101), ("c", 10), ("d", 200)];
    let entries = entries.map(|(key, bytes)| (Key::new(key), taking(bytes)));
    assert_eq!(cache.set_many(entries.into(), None).unwrap(), [1, 3]);
    assert_eq!(live(&cache, &["a", "b", "c", "d"]), ["a", "c"]);
}

#[test]
fn integers_take_eight_bytes() {
    let cache = try_open(18).unwrap();
    cache
        .set(&Key::new("a"), Value::Int(i64::MAX), None)
        .unwrap();
    cache.set(&Key::new("b"), Value::Int(0), None).unwrap();
    assert_eq!(live(&cache, &["a", "b"]), ["a", "b"]);
}

#[test]
fn a_cleared_store_has_its_room_again() {
    let cache = open();
    cache.set(&Key::new("a"), taking(100), None).unwrap();
    cache.clear().unwrap();
    cache.set(&Key::new("a"), taking(50), None).unwrap();
    cache.set(&Key::new("b"), taking(50), None).unwrap();
    assert_eq!(live(&cache, &["a", "b"]), ["a", "b"]);
}
