//! What `touch` promises.
#![expect(missing_docs, reason = "the names are the promises")]

use std::time::Duration;

use super::Subject;
use crate::Value;

pub fn a_missing_key_is_false_and_stays_missing(cache: &Subject) {
    assert!(!cache.touch("key", None));
    assert!(!cache.touch("key", Some(Duration::from_secs(10))));
    assert_eq!(cache.get("key"), None);
}

pub fn an_expired_key_is_false_and_stays_gone(cache: &Subject) {
    let short = cache.short();
    cache.set("key", Value::Int(1), Some(short));
    cache.outlive(short);
    assert!(!cache.touch("key", None));
    assert_eq!(cache.get("key"), None);
}

pub fn a_lifetime_is_extended(cache: &Subject) {
    let short = cache.short();
    cache.set("key", Value::Int(1), Some(short));
    assert!(cache.touch("key", Some(short * 10)));
    cache.outlive(short);
    assert_eq!(cache.get("key"), Some(Value::Int(1)));
}

pub fn a_lifetime_is_shortened(cache: &Subject) {
    let short = cache.short();
    cache.set("key", Value::Int(1), Some(Duration::from_secs(1000)));
    assert!(cache.touch("key", Some(short)));
    assert_eq!(cache.get("key"), Some(Value::Int(1)));
    cache.outlive(short);
    assert_eq!(cache.get("key"), None);
}

pub fn an_entry_without_expiry_gets_one(cache: &Subject) {
    let short = cache.short();
    cache.set("key", Value::Int(1), None);
    assert!(cache.touch("key", Some(short)));
    cache.outlive(short);
    assert_eq!(cache.get("key"), None);
}

pub fn an_entry_is_made_to_stay_for_ever(cache: &Subject) {
    let short = cache.short();
    cache.set("key", Value::Int(1), Some(short));
    assert!(cache.touch("key", None));
    cache.outlive(short);
    assert_eq!(cache.get("key"), Some(Value::Int(1)));
}

pub fn for_ever_on_an_entry_without_expiry_is_true(cache: &Subject) {
    cache.set("key", Value::Int(1), None);
    assert!(cache.touch("key", None));
    assert!(cache.touch("key", None));
}

pub fn the_same_lifetime_again_is_true(cache: &Subject) {
    let lifetime = Some(Duration::from_secs(1000));
    cache.set("key", Value::Int(1), lifetime);
    assert!(cache.touch("key", lifetime));
    assert!(cache.touch("key", lifetime));
}

pub fn a_lifetime_of_zero_is_true_and_the_entry_gone(cache: &Subject) {
    cache.set("key", Value::Int(1), None);
    assert!(cache.touch("key", Some(Duration::ZERO)));
    assert_eq!(cache.get("key"), None);
    assert!(!cache.touch("key", Some(Duration::ZERO)));
    assert!(cache.add("key", Value::Int(2), None));
}

pub fn the_value_stays_as_it_is(cache: &Subject) {
    for value in [Value::Int(-1), Value::raw("one"), Value::raw("")] {
        cache.set("key", value.clone(), None);
        cache.touch("key", Some(Duration::from_secs(1000)));
        assert_eq!(cache.get("key"), Some(value));
    }
}

pub fn other_keys_keep_their_lifetime(cache: &Subject) {
    let short = cache.short();
    cache.set("key", Value::Int(1), None);
    cache.set("other", Value::Int(2), None);
    cache.touch("key", Some(short));
    cache.outlive(short);
    assert_eq!(cache.get("other"), Some(Value::Int(2)));
}
