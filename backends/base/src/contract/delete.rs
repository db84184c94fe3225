//! What `delete` promises.
#![expect(missing_docs, reason = "the names are the promises")]

use super::Subject;
use crate::Value;

pub fn an_entry_is_gone(cache: &Subject) {
    cache.set("key", Value::raw("one"), None);
    assert!(cache.delete("key"));
    assert_eq!(cache.get("key"), None);
    assert!(!cache.has_key("key"));
}

pub fn a_missing_key_is_false(cache: &Subject) {
    assert!(!cache.delete("key"));
    cache.set("key", Value::Int(1), None);
    cache.delete("key");
    assert!(!cache.delete("key"));
}

pub fn an_expired_key_is_false(cache: &Subject) {
    let short = cache.short();
    cache.set("key", Value::Int(1), Some(short));
    cache.outlive(short);
    assert!(!cache.delete("key"));
}

pub fn other_keys_stay(cache: &Subject) {
    cache.set("key", Value::Int(1), None);
    cache.set("other", Value::Int(2), None);
    cache.delete("key");
    assert_eq!(cache.get("other"), Some(Value::Int(2)));
}

pub fn a_deleted_entry_leaves_no_lifetime_behind(cache: &Subject) {
    let short = cache.short();
    cache.set("key", Value::Int(1), Some(short));
    cache.delete("key");
    cache.set("key", Value::Int(2), None);
    cache.outlive(short);
    assert_eq!(cache.get("key"), Some(Value::Int(2)));
}
