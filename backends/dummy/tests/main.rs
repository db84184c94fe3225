//! What the dummy cache answers: Django's DummyCacheTests, below keys and values.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::{sync::Arc, time::Duration};

use cachemere_base::{
    Asynchrony, Backend, Context, Key, KeyCheck, KeyProblem, Open, Settings, Store, Value,
};
use cachemere_dummy::{Dummy, Options};
use serde::{
    Deserialize,
    de::value::{Error, MapDeserializer},
};

fn settings() -> Settings {
    Settings::new("default", "dummy")
}

fn open(settings: &Settings) -> Dummy {
    Dummy::open(settings, Options::default(), &Context::default()).unwrap()
}

/// A dummy cache in which `key` was set.
fn filled() -> (Dummy, Key) {
    let (cache, key) = (open(&settings()), Key::new(":1:key"));
    cache.set(&key, Value::Int(42), None).unwrap();
    (cache, key)
}

#[test]
fn what_was_set_is_missing() {
    let (cache, key) = filled();
    assert_eq!(cache.get(&key).unwrap(), None);
    assert_eq!(cache.get_with_ttl(&key).unwrap(), None);
    assert!(!cache.has_key(&key).unwrap());
}

#[test]
fn add_is_true_again_and_again() {
    let (cache, key) = filled();
    for ttl in [None, Some(Duration::from_secs(1)), Some(Duration::ZERO)] {
        assert!(cache.add(&key, Value::raw("value"), ttl).unwrap());
        assert_eq!(cache.get(&key).unwrap(), None);
    }
}

#[test]
fn delete_and_touch_are_false() {
    let (cache, key) = filled();
    assert!(!cache.delete(&key).unwrap());
    assert!(!cache.touch(&key, None).unwrap());
}

#[test]
fn there_is_never_anything_to_increment() {
    let (cache, key) = filled();
    assert_eq!(cache.incr(&key, 1).unwrap(), None);
    assert_eq!(cache.incr(&key, -1).unwrap(), None);
}

#[test]
fn many_are_accepted_and_missing() {
    let cache = open(&settings());
    let keys = [Key::new("a"), Key::new("ключ")];
    let entries = keys.iter().cloned().map(|key| (key, Value::Int(1)));
    assert_eq!(cache.set_many(entries.collect(), None).unwrap(), []);
    assert_eq!(cache.get_many(&keys).unwrap(), [None, None]);
    cache.delete_many(&keys).unwrap();
}

#[test]
fn clear_and_close_do_nothing() {
    let (cache, key) = filled();
    cache.clear().unwrap();
    cache.close().unwrap();
    assert_eq!(cache.get(&key).unwrap(), None);
}

#[test]
fn unportable_keys_are_warned_of() {
    let cache = open(&settings());
    let problems = vec![KeyProblem::Character(' ')];
    assert_eq!(
        cache.check_key(&Key::new(":1:key with spaces")),
        KeyCheck::Warn(problems)
    );
}

#[test]
fn asynchronous_calls_are_answered_at_once() {
    let cache = Store::new(Arc::new(open(&settings())));
    assert!(matches!(cache.asynchronous(), Asynchrony::Inline));
    let added = pollster::block_on(cache.aadd(Key::new("key"), Value::Int(1), None));
    assert!(added.unwrap());
}

#[test]
fn it_says_that_it_stores_nothing() {
    assert!(open(&settings()).stores_nothing());
}

#[test]
fn any_location_is_accepted() {
    let cache = open(&settings().with_location(["a", "b"]));
    assert_eq!(cache.notes(), [] as [&str; 0]);
}

#[test]
fn options_without_effect_are_noted_where_they_are_given() {
    let cache = open(&settings().with_given(["CULL_FREQUENCY"]));
    assert_eq!(
        cache.notes(),
        ["`CULL_FREQUENCY` has no effect: the dummy cache keeps nothing"]
    );
    let cache = open(&settings().with_given(["MAX_ENTRIES", "CULL_FREQUENCY"]));
    assert_eq!(cache.notes().len(), 2);
}

#[test]
fn an_option_of_its_own_is_unknown() {
    let options = MapDeserializer::<_, Error>::new([("MAX_BYTES", 1)].into_iter());
    let error = Options::deserialize(options).unwrap_err();
    assert!(error.to_string().contains("MAX_BYTES"), "{error}");
}

#[test]
fn django_s_name_is_one_of_its_names() {
    assert_eq!(
        Dummy::NAMES,
        ["dummy", "django.core.cache.backends.dummy.DummyCache"]
    );
}
