//! What `incr` promises.
#![expect(missing_docs, reason = "the names are the promises")]

use super::Subject;
use crate::{ErrorKind, Value};

pub fn the_sum_is_returned_and_stored(cache: &Subject) {
    cache.set("key", Value::Int(41), None);
    assert_eq!(cache.incr("key", 1), Some(42));
    assert_eq!(cache.get("key"), Some(Value::Int(42)));
    assert_eq!(cache.incr("key", 10), Some(52));
    assert_eq!(cache.incr("key", -10), Some(42));
    assert_eq!(cache.get("key"), Some(Value::Int(42)));
}

pub fn the_sum_may_be_negative(cache: &Subject) {
    cache.set("key", Value::Int(1), None);
    assert_eq!(cache.incr("key", -3), Some(-2));
    assert_eq!(cache.get("key"), Some(Value::Int(-2)));
    assert_eq!(cache.incr("key", -1), Some(-3));
    assert_eq!(cache.incr("key", 4), Some(1));
    assert_eq!(cache.get("key"), Some(Value::Int(1)));
}

pub fn a_sum_with_fewer_digits_is_stored_whole(cache: &Subject) {
    cache.set("key", Value::Int(1000), None);
    assert_eq!(cache.incr("key", -991), Some(9));
    assert_eq!(cache.get("key"), Some(Value::Int(9)));
}

pub fn zero_changes_nothing(cache: &Subject) {
    for number in [i64::MIN, -1, 0, 1, i64::MAX] {
        cache.set("key", Value::Int(number), None);
        assert_eq!(cache.incr("key", 0), Some(number));
        assert_eq!(cache.get("key"), Some(Value::Int(number)));
    }
}

pub fn the_ends_of_the_range_are_reached(cache: &Subject) {
    cache.set("key", Value::Int(i64::MAX - 1), None);
    assert_eq!(cache.incr("key", 1), Some(i64::MAX));
    cache.set("key", Value::Int(i64::MIN + 1), None);
    assert_eq!(cache.incr("key", -1), Some(i64::MIN));
    cache.set("key", Value::Int(-1), None);
    assert_eq!(cache.incr("key", i64::MAX), Some(i64::MAX - 1));
    cache.set("key", Value::Int(0), None);
    assert_eq!(cache.incr("key", i64::MIN), Some(i64::MIN));
    assert_eq!(cache.get("key"), Some(Value::Int(i64::MIN)));
}

pub fn a_missing_key_is_none_and_stays_missing(cache: &Subject) {
    assert_eq!(cache.incr("key", 1), None);
    assert_eq!(cache.incr("key", -1), None);
    assert_eq!(cache.incr("key", 0), None);
    assert_eq!(cache.get("key"), None);
    assert!(cache.add("key", Value::Int(1), None));
}

pub fn an_expired_key_is_none_and_stays_gone(cache: &Subject) {
    let short = cache.short();
    cache.set("key", Value::Int(1), Some(short));
    cache.outlive(short);
    assert_eq!(cache.incr("key", 1), None);
    assert_eq!(cache.get("key"), None);
}

pub fn bytes_are_no_integer_and_stay_as_they_are(cache: &Subject) {
    for text in ["one", "", "1.5", "\0\0\0\0\0\0\0\0"] {
        cache.set("key", Value::raw(text), None);
        assert_eq!(cache.incr_error("key", 1), ErrorKind::NotAnInteger);
        assert_eq!(cache.incr_error("key", -1), ErrorKind::NotAnInteger);
        assert_eq!(cache.get("key"), Some(Value::raw(text)));
    }
}

pub fn digits_in_bytes_are_no_integer_and_stay_as_they_are(cache: &Subject) {
    for text in ["1", "-1", "18446744073709551615"] {
        cache.set("key", Value::raw(text), None);
        assert_eq!(cache.incr_error("key", 1), ErrorKind::NotAnInteger);
        assert_eq!(cache.get("key"), Some(Value::raw(text)));
    }
}

pub fn a_sum_past_the_range_is_an_error_and_changes_nothing(cache: &Subject) {
    for (number, delta) in [
        (i64::MAX, 1),
        (i64::MAX, i64::MAX),
        (1, i64::MAX),
        (i64::MIN, -1),
        (i64::MIN, i64::MIN),
        (-1, i64::MIN),
    ] {
        cache.set("key", Value::Int(number), None);
        assert_eq!(cache.incr_error("key", delta), ErrorKind::Overflow);
        assert_eq!(cache.get("key"), Some(Value::Int(number)));
    }
}

pub fn the_lifetime_stays_as_it_is(cache: &Subject) {
    let short = cache.short();
    cache.set("up", Value::Int(1), Some(short));
    cache.set("down", Value::Int(1), Some(short));
    cache.set("lasting", Value::Int(1), None);
    cache.incr("up", 1);
    cache.incr("down", -2);
    cache.incr("lasting", 1);
    cache.outlive(short);
    assert_eq!(cache.get("up"), None);
    assert_eq!(cache.get("down"), None);
    assert_eq!(cache.get("lasting"), Some(Value::Int(2)));
}

pub fn another_backend_counts_on(cache: &Subject) {
    cache.set("key", Value::Int(1), None);
    assert_eq!(cache.incr("key", 1), Some(2));
    assert_eq!(cache.another().incr("key", 1), Some(3));
    assert_eq!(cache.incr("key", 1), Some(4));
}
