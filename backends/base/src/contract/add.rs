//! What `add` promises.
#![expect(missing_docs, reason = "the names are the promises")]

use std::time::Duration;

use super::Subject;
use crate::Value;

pub fn a_free_key_is_taken(cache: &Subject) {
    assert!(cache.add("key", Value::raw("one"), None));
    assert_eq!(cache.get("key"), Some(Value::raw("one")));
}

pub fn a_taken_key_keeps_its_value(cache: &Subject) {
    cache.set("key", Value::raw("one"), None);
    assert!(!cache.add("key", Value::raw("two"), None));
    assert!(!cache.add("key", Value::Int(3), None));
    assert_eq!(cache.get("key"), Some(Value::raw("one")));
}

pub fn an_integer_takes_a_key(cache: &Subject) {
    assert!(cache.add("key", Value::Int(i64::MIN), None));
    assert!(!cache.add("key", Value::Int(0), None));
    assert_eq!(cache.get("key"), Some(Value::Int(i64::MIN)));
}

pub fn a_taken_key_keeps_its_lifetime(cache: &Subject) {
    let short = cache.short();
    cache.set("key", Value::Int(1), Some(short));
    cache.set("lasting", Value::Int(1), None);
    assert!(!cache.add("key", Value::Int(2), None));
    assert!(!cache.add("lasting", Value::Int(2), Some(short)));
    cache.outlive(short);
    assert_eq!(cache.get("key"), None);
    assert_eq!(cache.get("lasting"), Some(Value::Int(1)));
}

pub fn an_expired_key_is_free(cache: &Subject) {
    let short = cache.short();
    cache.set("key", Value::Int(1), Some(short));
    cache.outlive(short);
    assert!(cache.add("key", Value::Int(2), None));
    assert_eq!(cache.get("key"), Some(Value::Int(2)));
}

pub fn an_added_entry_expires(cache: &Subject) {
    let short = cache.short();
    assert!(cache.add("key", Value::Int(1), Some(short)));
    assert_eq!(cache.get("key"), Some(Value::Int(1)));
    cache.outlive(short);
    assert_eq!(cache.get("key"), None);
    assert!(cache.add("key", Value::Int(2), Some(short)));
}

pub fn a_lifetime_of_zero_takes_a_free_key_and_is_gone(cache: &Subject) {
    for _ in 0..2 {
        assert!(cache.add("key", Value::Int(1), Some(Duration::ZERO)));
        assert_eq!(cache.get("key"), None);
    }
}

pub fn a_lifetime_of_zero_leaves_a_taken_key_alone(cache: &Subject) {
    cache.set("key", Value::Int(1), None);
    assert!(!cache.add("key", Value::Int(2), Some(Duration::ZERO)));
    assert_eq!(cache.get("key"), Some(Value::Int(1)));
}

pub fn a_deleted_key_is_free(cache: &Subject) {
    cache.set("key", Value::Int(1), None);
    cache.delete("key");
    assert!(cache.add("key", Value::Int(2), None));
}

pub fn another_backend_finds_the_key_taken(cache: &Subject) {
    assert!(cache.add("key", Value::Int(1), None));
    assert!(!cache.another().add("key", Value::Int(2), None));
}
