//! What `clear` promises.
#![expect(missing_docs, reason = "the names are the promises")]

use super::Subject;
use crate::Value;

pub fn everything_is_gone(cache: &Subject) {
    cache.set("a", Value::Int(1), None);
    cache.set("prefix:2:b", Value::raw("two"), None);
    cache.set("c", Value::Int(3), Some(cache.short() * 100));
    cache.clear();
    assert_eq!(
        cache.get_many(&["a", "prefix:2:b", "c"]),
        [None, None, None]
    );
    assert!(!cache.has_key("a"));
}

pub fn an_empty_store_is_cleared_without_error(cache: &Subject) {
    cache.clear();
    cache.clear();
    assert_eq!(cache.get("key"), None);
}

pub fn a_cleared_store_goes_on(cache: &Subject) {
    cache.set("key", Value::Int(1), None);
    cache.clear();
    assert_eq!(cache.incr("key", 1), None);
    assert!(!cache.touch("key", None));
    assert!(!cache.delete("key"));
    assert!(cache.add("key", Value::Int(2), None));
    assert_eq!(cache.get("key"), Some(Value::Int(2)));
}

pub fn another_backend_sees_it_cleared(cache: &Subject) {
    cache.set("key", Value::Int(1), None);
    cache.another().clear();
    assert_eq!(cache.get("key"), None);
}
