//! What `get` promises.
#![expect(missing_docs, reason = "the names are the promises")]

use super::Subject;
use crate::Value;

pub fn a_missing_key_is_none(cache: &Subject) {
    cache.set("other", Value::Int(1), None);
    assert_eq!(cache.get("key"), None);
}

pub fn integers_survive(cache: &Subject) {
    for number in [0, 1, -1, 255, i64::from(u32::MAX), i64::MIN, i64::MAX] {
        cache.set("key", Value::Int(number), None);
        assert_eq!(cache.get("key"), Some(Value::Int(number)));
    }
}

pub fn bytes_survive_in_every_format(cache: &Subject) {
    for format in cache.formats() {
        let data = "some data".into();
        let value = Value::Bytes { format, data };
        cache.set("key", value.clone(), None);
        assert_eq!(cache.get("key"), Some(value));
    }
}

pub fn empty_bytes_survive(cache: &Subject) {
    cache.set("key", Value::raw(""), None);
    assert_eq!(cache.get("key"), Some(Value::raw("")));
    assert!(cache.has_key("key"));
}

pub fn every_byte_survives(cache: &Subject) {
    let value = Value::raw((0..=u8::MAX).collect::<Vec<_>>());
    cache.set("key", value.clone(), None);
    assert_eq!(cache.get("key"), Some(value));
}

pub fn line_ends_survive_at_both_ends(cache: &Subject) {
    for text in ["\r\n", "\n", "\0", " ", "END\r\n", "\r\nEND\r\n", " 1 "] {
        cache.set("key", Value::raw(text), None);
        assert_eq!(cache.get("key"), Some(Value::raw(text)));
    }
}

pub fn bytes_that_look_like_a_number_stay_bytes(cache: &Subject) {
    for text in ["1", "-1", "0", "007"] {
        cache.set("key", Value::raw(text), None);
        assert_eq!(cache.get("key"), Some(Value::raw(text)));
    }
}

pub fn almost_a_mebibyte_survives(cache: &Subject) {
    let data: Vec<u8> = (0..=250).cycle().take((1 << 20) - (1 << 10)).collect();
    cache.set("key", Value::raw(data.clone()), None);
    assert!(cache.get("key") == Some(Value::raw(data)));
}

pub fn reading_changes_nothing(cache: &Subject) {
    cache.set("key", Value::raw("one"), None);
    for _ in 0..3 {
        assert_eq!(cache.get("key"), Some(Value::raw("one")));
    }
}

pub fn another_backend_reads_what_this_one_wrote(cache: &Subject) {
    cache.set("key", Value::Int(1), None);
    assert_eq!(cache.another().get("key"), Some(Value::Int(1)));
    cache.another().set("key", Value::Int(2), None);
    assert_eq!(cache.get("key"), Some(Value::Int(2)));
}
