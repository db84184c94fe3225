//! What `has_key` promises.
#![expect(missing_docs, reason = "the names are the promises")]

use super::Subject;
use crate::Value;

pub fn an_entry_is_there_whatever_its_value(cache: &Subject) {
    for value in [Value::Int(0), Value::raw(""), Value::raw("one")] {
        cache.set("key", value, None);
        assert!(cache.has_key("key"));
    }
}

pub fn a_missing_key_is_not_there(cache: &Subject) {
    cache.set("other", Value::Int(1), None);
    assert!(!cache.has_key("key"));
}

pub fn an_entry_is_there_until_it_expires(cache: &Subject) {
    let short = cache.short();
    cache.set("key", Value::Int(1), Some(short));
    assert!(cache.has_key("key"));
    cache.outlive(short);
    assert!(!cache.has_key("key"));
}
