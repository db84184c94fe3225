//! When entries expire.
#![expect(missing_docs, reason = "the names are the promises")]

use std::time::Duration;

use super::Subject;
use crate::{Remaining, Value};

const MILLISECOND: Duration = Duration::from_millis(1);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[track_caller]
fn store_in_every_way(cache: &Subject, ttl: Option<Duration>) {
    cache.set("set", Value::Int(1), ttl);
    assert!(cache.add("added", Value::Int(1), ttl));
    assert_eq!(cache.set_many(&[("many", Value::Int(1))], ttl), []);
    cache.set("touched", Value::Int(1), None);
    assert!(cache.touch("touched", ttl));
}

#[track_caller]
fn all_are(there: bool, cache: &Subject) {
    for key in ["set", "added", "many", "touched"] {
        assert_eq!(cache.has_key(key), there, "has_key of `{key}`");
        assert_eq!(cache.get(key).is_some(), there, "get of `{key}`");
    }
}

/// Where time is real, the end of a long lifetime is not waited for.
#[track_caller]
fn lives_exactly(cache: &Subject, lifetime: Duration) {
    store_in_every_way(cache, Some(lifetime));
    all_are(true, cache);
    if cache.travels() {
        cache.advance(lifetime - MILLISECOND);
        all_are(true, cache);
        cache.advance(MILLISECOND);
        all_are(false, cache);
    }
}

pub fn a_lifetime_of_zero_is_over_at_once(cache: &Subject) {
    store_in_every_way(cache, Some(Duration::ZERO));
    all_are(false, cache);
}

pub fn an_entry_is_there_until_its_lifetime_is_over(cache: &Subject) {
    let short = cache.short();
    store_in_every_way(cache, Some(short));
    all_are(true, cache);
    cache.outlive(short);
    all_are(false, cache);
}

pub fn a_lifetime_is_exact(cache: &Subject) {
    lives_exactly(cache, Duration::from_secs(100));
}

pub fn an_entry_without_lifetime_stays(cache: &Subject) {
    store_in_every_way(cache, None);
    cache.outlive(cache.short());
    all_are(true, cache);
}

pub fn a_fraction_of_a_second_is_a_lifetime(cache: &Subject) {
    let half = Duration::from_millis(500);
    store_in_every_way(cache, Some(half));
    all_are(true, cache);
    cache.outlive(half);
    all_are(false, cache);
}

pub fn a_fraction_beside_seconds_is_kept(cache: &Subject) {
    lives_exactly(cache, Duration::from_millis(100_200));
}

pub fn thirty_days_and_a_second_are_a_lifetime(cache: &Subject) {
    lives_exactly(cache, DAY * 30 + Duration::from_secs(1));
}

pub fn twenty_years_are_a_lifetime(cache: &Subject) {
    lives_exactly(cache, DAY * 365 * 20);
}

pub fn a_hundred_years_are_a_lifetime(cache: &Subject) {
    lives_exactly(cache, DAY * 365 * 100);
}

pub fn the_longest_lifetime_is_for_ever(cache: &Subject) {
    store_in_every_way(cache, Some(Duration::MAX));
    all_are(true, cache);
    if cache.tells_remaining() {
        assert_eq!(cache.remaining("set"), Remaining::Never);
    }
    if cache.travels() {
        cache.advance(DAY * 365 * 1000);
        all_are(true, cache);
    }
}

pub fn an_expired_entry_is_none_for_every_verb(cache: &Subject) {
    type IsNone = fn(&Subject, &str) -> bool;

    let short = cache.short();
    let verbs: [(&str, IsNone); 8] = [
        ("get", |cache, key| cache.get(key).is_none()),
        ("get_with_ttl", |cache, key| {
            cache.get_with_ttl(key).is_none()
        }),
        ("get_many", |cache, key| cache.get_many(&[key]) == [None]),
        ("has_key", |cache, key| !cache.has_key(key)),
        ("touch", |cache, key| !cache.touch(key, None)),
        ("delete", |cache, key| !cache.delete(key)),
        ("incr", |cache, key| cache.incr(key, 1).is_none()),
        ("add", |cache, key| cache.add(key, Value::Int(2), None)),
    ];
    for (key, _) in verbs {
        cache.set(key, Value::Int(1), Some(short));
    }
    cache.outlive(short);
    for (key, is_none) in verbs {
        assert!(is_none(cache, key), "{key}");
    }
}
