//! What `get_with_ttl` promises.
#![expect(missing_docs, reason = "the names are the promises")]

use std::time::Duration;

use super::Subject;
use crate::{Remaining, Value};

const HOUR: Duration = Duration::from_secs(3600);

/// Less than this may have passed since an entry was written, where time is real.
const SLACK: Duration = Duration::from_secs(60);

#[track_caller]
fn lives_for(cache: &Subject, key: &str, lifetime: Duration) {
    match cache.remaining(key) {
        Remaining::Unknown => assert!(!cache.tells_remaining(), "the lifetime is unknown"),
        remaining if cache.travels() => assert_eq!(remaining, Remaining::For(lifetime)),
        Remaining::For(left) => {
            let longest = lifetime + cache.short() * 2;
            assert!(
                left > lifetime.saturating_sub(SLACK) && left <= longest,
                "{left:?}"
            );
        }
        Remaining::Never => panic!("the entry never expires"),
    }
}

#[track_caller]
fn lives_for_ever(cache: &Subject, key: &str) {
    match cache.remaining(key) {
        Remaining::Unknown => assert!(!cache.tells_remaining(), "the lifetime is unknown"),
        remaining => assert_eq!(remaining, Remaining::Never),
    }
}

pub fn a_missing_key_is_none(cache: &Subject) {
    assert_eq!(cache.get_with_ttl("key"), None);
}

pub fn the_value_comes_with_it(cache: &Subject) {
    for value in [Value::Int(-1), Value::raw("one"), Value::raw("")] {
        cache.set("key", value.clone(), Some(HOUR));
        assert_eq!(
            cache.get_with_ttl("key").map(|(value, _)| value),
            Some(value)
        );
    }
}

pub fn an_expired_key_is_none(cache: &Subject) {
    let short = cache.short();
    cache.set("key", Value::Int(1), Some(short));
    cache.outlive(short);
    assert_eq!(cache.get_with_ttl("key"), None);
}

pub fn a_lifetime_is_told(cache: &Subject) {
    cache.set("set", Value::Int(1), Some(HOUR));
    cache.add("added", Value::Int(1), Some(HOUR));
    cache.set_many(&[("many", Value::Int(1))], Some(HOUR));
    for key in ["set", "added", "many"] {
        lives_for(cache, key, HOUR);
    }
}

pub fn for_ever_is_told(cache: &Subject) {
    cache.set("set", Value::Int(1), None);
    cache.add("added", Value::Int(1), None);
    cache.set_many(&[("many", Value::Int(1))], None);
    for key in ["set", "added", "many"] {
        lives_for_ever(cache, key);
    }
}

pub fn a_lifetime_gets_shorter(cache: &Subject) {
    let passed = cache.short();
    cache.set("key", Value::Int(1), Some(HOUR));
    cache.advance(passed);
    lives_for(cache, "key", HOUR - passed);
}

pub fn touch_changes_it(cache: &Subject) {
    cache.set("key", Value::Int(1), None);
    cache.touch("key", Some(HOUR));
    lives_for(cache, "key", HOUR);
    cache.touch("key", Some(HOUR * 2));
    lives_for(cache, "key", HOUR * 2);
    cache.touch("key", None);
    lives_for_ever(cache, "key");
}

pub fn set_replaces_it(cache: &Subject) {
    cache.set("key", Value::Int(1), Some(HOUR));
    cache.set("key", Value::Int(1), Some(HOUR * 2));
    lives_for(cache, "key", HOUR * 2);
    cache.set("key", Value::Int(1), None);
    lives_for_ever(cache, "key");
}

pub fn incr_keeps_it(cache: &Subject) {
    let passed = cache.short();
    cache.set("key", Value::Int(1), Some(HOUR));
    cache.set("lasting", Value::Int(1), None);
    cache.advance(passed);
    for delta in [1, 0, -3] {
        cache.incr("key", delta);
        cache.incr("lasting", delta);
        lives_for(cache, "key", HOUR - passed);
        lives_for_ever(cache, "lasting");
    }
}

pub fn an_add_in_vain_keeps_it(cache: &Subject) {
    cache.set("key", Value::Int(1), Some(HOUR));
    cache.add("key", Value::Int(2), None);
    lives_for(cache, "key", HOUR);
}

pub fn reading_keeps_it(cache: &Subject) {
    let passed = cache.short();
    cache.set("key", Value::Int(1), Some(HOUR));
    cache.advance(passed);
    cache.get("key");
    cache.has_key("key");
    cache.get_many(&["key"]);
    lives_for(cache, "key", HOUR - passed);
}
