//! What `close` and `identity` promise.
#![expect(missing_docs, reason = "the names are the promises")]

use super::Subject;
use crate::Value;

pub fn a_closed_store_works_on(cache: &Subject) {
    cache.set("key", Value::Int(1), None);
    cache.close();
    assert_eq!(cache.get("key"), Some(Value::Int(1)));
    cache.close();
    cache.close();
    cache.set("key", Value::Int(2), None);
    assert_eq!(cache.incr("key", 1), Some(3));
}

pub fn a_store_can_be_closed_before_it_is_used(cache: &Subject) {
    cache.close();
    assert!(cache.add("key", Value::Int(1), None));
}

pub fn the_identity_of_a_store_stays_the_same(cache: &Subject) {
    let identity = cache.identity();
    cache.set("key", Value::Int(1), None);
    cache.close();
    assert_eq!(cache.identity(), identity);
}
