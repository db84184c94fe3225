//! What `set` promises.
#![expect(missing_docs, reason = "the names are the promises")]

use std::time::Duration;

use super::Subject;
use crate::Value;

pub fn the_value_is_replaced(cache: &Subject) {
    cache.set("key", Value::raw("one"), None);
    cache.set("key", Value::raw("two"), None);
    assert_eq!(cache.get("key"), Some(Value::raw("two")));
}

pub fn a_shorter_value_leaves_nothing_of_a_longer_one(cache: &Subject) {
    cache.set("key", Value::raw(vec![1; 10_000]), None);
    cache.set("key", Value::raw(vec![2; 10]), None);
    assert_eq!(cache.get("key"), Some(Value::raw(vec![2; 10])));
}

pub fn the_kind_is_replaced(cache: &Subject) {
    for value in [Value::Int(1), Value::raw("one"), Value::Int(-1)] {
        cache.set("key", value.clone(), None);
        assert_eq!(cache.get("key"), Some(value));
    }
}

pub fn the_lifetime_is_replaced_by_for_ever(cache: &Subject) {
    let short = cache.short();
    cache.set("key", Value::Int(1), Some(short));
    cache.set("key", Value::Int(2), None);
    cache.outlive(short);
    assert_eq!(cache.get("key"), Some(Value::Int(2)));
}

pub fn the_lifetime_is_replaced_by_a_shorter_one(cache: &Subject) {
    let short = cache.short();
    cache.set("key", Value::Int(1), None);
    cache.set("key", Value::Int(2), Some(short));
    assert_eq!(cache.get("key"), Some(Value::Int(2)));
    cache.outlive(short);
    assert_eq!(cache.get("key"), None);
}

pub fn a_lifetime_of_zero_removes_what_is_there(cache: &Subject) {
    cache.set("key", Value::Int(1), None);
    cache.set("key", Value::Int(2), Some(Duration::ZERO));
    assert_eq!(cache.get("key"), None);
    assert!(!cache.has_key("key"));
    assert!(!cache.delete("key"));
}

pub fn other_keys_stay_as_they_are(cache: &Subject) {
    cache.set("other", Value::Int(1), None);
    cache.set("key", Value::Int(2), None);
    assert_eq!(cache.get("other"), Some(Value::Int(1)));
}

pub fn an_expired_entry_can_be_set_again(cache: &Subject) {
    let short = cache.short();
    cache.set("key", Value::Int(1), Some(short));
    cache.outlive(short);
    cache.set("key", Value::Int(2), None);
    assert_eq!(cache.get("key"), Some(Value::Int(2)));
}
