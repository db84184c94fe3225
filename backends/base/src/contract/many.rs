//! What `get_many`, `set_many` and `delete_many` promise.
#![expect(missing_docs, reason = "the names are the promises")]

use std::time::Duration;

use super::Subject;
use crate::Value;

pub fn values_come_in_the_order_of_the_keys(cache: &Subject) {
    cache.set("a", Value::Int(1), None);
    cache.set("b", Value::raw("two"), None);
    cache.set("c", Value::Int(3), None);
    let values = [
        Some(Value::Int(3)),
        None,
        Some(Value::Int(1)),
        Some(Value::raw("two")),
    ];
    assert_eq!(cache.get_many(&["c", "missing", "a", "b"]), values);
}

pub fn a_key_asked_for_twice_comes_twice(cache: &Subject) {
    cache.set("a", Value::Int(1), None);
    cache.set("b", Value::Int(2), None);
    let (a, b) = (Some(Value::Int(1)), Some(Value::Int(2)));
    assert_eq!(
        cache.get_many(&["a", "b", "a", "none", "none", "a"]),
        [a.clone(), b, a.clone(), None, None, a]
    );
}

pub fn no_keys_give_no_values(cache: &Subject) {
    cache.set("key", Value::Int(1), None);
    assert_eq!(cache.get_many(&[]), []);
}

pub fn missing_keys_are_none(cache: &Subject) {
    assert_eq!(cache.get_many(&["a", "b"]), [None, None]);
}

pub fn expired_entries_are_none(cache: &Subject) {
    let short = cache.short();
    cache.set("a", Value::Int(1), Some(short));
    cache.set("b", Value::Int(2), None);
    cache.outlive(short);
    assert_eq!(cache.get_many(&["a", "b"]), [None, Some(Value::Int(2))]);
}

pub fn several_are_stored(cache: &Subject) {
    cache.set("b", Value::raw("old"), None);
    let entries = [
        ("a", Value::Int(1)),
        ("b", Value::raw("two")),
        ("c", Value::raw("")),
    ];
    assert_eq!(cache.set_many(&entries, None), []);
    for (key, value) in entries {
        assert_eq!(cache.get(key), Some(value));
    }
}

pub fn a_thousand_are_stored_read_and_deleted(cache: &Subject) {
    let names: Vec<_> = (0..1000).map(|n| format!("key-{n}")).collect();
    let keys: Vec<_> = names.iter().map(String::as_str).collect();
    let entries: Vec<_> = keys.iter().copied().zip((0..).map(Value::Int)).collect();
    assert_eq!(cache.set_many(&entries, None), []);
    let values: Vec<_> = entries.into_iter().map(|(_, value)| Some(value)).collect();
    assert_eq!(cache.get_many(&keys), values);
    cache.delete_many(&keys);
    assert_eq!(cache.get_many(&keys), vec![None; 1000]);
}

pub fn nothing_to_store_is_no_error(cache: &Subject) {
    assert_eq!(cache.set_many(&[], None), []);
    assert_eq!(cache.set_many(&[], Some(Duration::ZERO)), []);
}

pub fn the_last_of_two_values_for_a_key_wins(cache: &Subject) {
    let entries = [
        ("a", Value::Int(1)),
        ("b", Value::Int(2)),
        ("a", Value::raw("three")),
    ];
    assert_eq!(cache.set_many(&entries, None), []);
    assert_eq!(cache.get("a"), Some(Value::raw("three")));
    assert_eq!(cache.get("b"), Some(Value::Int(2)));
}

pub fn the_lifetime_holds_for_all(cache: &Subject) {
    let short = cache.short();
    cache.set("a", Value::Int(0), None);
    let entries = [("a", Value::Int(1)), ("b", Value::raw("two"))];
    assert_eq!(cache.set_many(&entries, Some(short)), []);
    assert!(cache.has_key("a") && cache.has_key("b"));
    cache.outlive(short);
    assert_eq!(cache.get_many(&["a", "b"]), [None, None]);
}

pub fn no_lifetime_replaces_the_one_there_was(cache: &Subject) {
    let short = cache.short();
    cache.set("a", Value::Int(0), Some(short));
    assert_eq!(cache.set_many(&[("a", Value::Int(1))], None), []);
    cache.outlive(short);
    assert_eq!(cache.get("a"), Some(Value::Int(1)));
}

pub fn a_lifetime_of_zero_removes_what_is_there(cache: &Subject) {
    cache.set("a", Value::Int(0), None);
    let entries = [("a", Value::Int(1)), ("b", Value::Int(2))];
    assert_eq!(cache.set_many(&entries, Some(Duration::ZERO)), []);
    assert_eq!(cache.get_many(&["a", "b"]), [None, None]);
}

pub fn several_are_deleted_and_others_stay(cache: &Subject) {
    for key in ["a", "b", "c"] {
        cache.set(key, Value::Int(1), None);
    }
    cache.delete_many(&["a", "missing", "c", "a"]);
    assert_eq!(
        cache.get_many(&["a", "b", "c"]),
        [None, Some(Value::Int(1)), None]
    );
}

pub fn nothing_to_delete_is_no_error(cache: &Subject) {
    cache.set("key", Value::Int(1), None);
    cache.delete_many(&[]);
    cache.delete_many(&["missing"]);
    assert_eq!(cache.get("key"), Some(Value::Int(1)));
}
