//! Which keys a store tells apart.
#![expect(missing_docs, reason = "the names are the promises")]

use super::Subject;
use crate::Value;

/// Every key that the store takes is an entry of its own, for every verb.
#[track_caller]
fn are_told_apart(cache: &Subject, keys: &[&str]) {
    let keys: Vec<_> = keys
        .iter()
        .copied()
        .filter(|key| cache.takes(key))
        .collect();
    let numbered = |from| keys.iter().copied().zip(from..);

    for (key, number) in numbered(0) {
        assert!(
            cache.add(key, Value::Int(number), None),
            "{key:?} was taken"
        );
    }
    for (key, number) in numbered(0) {
        assert_eq!(cache.incr(key, 100), Some(number + 100), "{key:?}");
    }
    all_are(cache, numbered(100));
    for (key, number) in numbered(200) {
        cache.set(key, Value::Int(number), None);
    }
    all_are(cache, numbered(200));
    let entries: Vec<_> = numbered(300)
        .map(|(key, number)| (key, Value::Int(number)))
        .collect();
    assert_eq!(cache.set_many(&entries, None), []);
    all_are(cache, numbered(300));
    for key in &keys {
        assert!(
            cache.has_key(key) && cache.touch(key, None),
            "{key:?} is gone"
        );
        assert!(cache.delete(key), "{key:?} was gone");
        assert!(!cache.has_key(key), "{key:?} is still there");
    }
}

#[track_caller]
fn all_are<'a>(cache: &Subject, expected: impl Iterator<Item = (&'a str, i64)>) {
    let (keys, values): (Vec<_>, Vec<_>) = expected
        .map(|(key, number)| (key, Some(Value::Int(number))))
        .unzip();
    for (key, value) in keys.iter().zip(&values) {
        assert_eq!(cache.get(key), *value, "{key:?}");
    }
    assert_eq!(cache.get_many(&keys), values);
}

pub fn of_one_character(cache: &Subject) {
    assert!(cache.takes("a") && cache.takes("~"));
    are_told_apart(
        cache,
        &["a", "b", "0", "/", ".", "~", "%", "*", "?", "\\", "é"],
    );
}

pub fn of_unicode(cache: &Subject) {
    let keys = [
        "ключ",
        "キー",
        "مفتاح",
        "🗝",
        "clé",
        "cle\u{301}",
        "\u{a0}",
        "ß",
        "ss",
    ];
    assert!(keys.iter().all(|key| cache.takes(key)));
    are_told_apart(cache, &keys);
}

pub fn that_differ_in_case(cache: &Subject) {
    let keys = ["Key", "key", "KEY", "ÉTÉ", "été", "ı", "i", "I", "İ"];
    assert!(keys.iter().all(|key| cache.takes(key)));
    are_told_apart(cache, &keys);
}

pub fn of_up_to_250_characters(cache: &Subject) {
    for length in [63, 64, 65, 249, 250] {
        let (a, b) = long(length);
        assert!(cache.takes(&a) && cache.takes(&b), "{length} characters");
        are_told_apart(cache, &[&a, &b]);
    }
}

pub fn of_more_than_250_characters(cache: &Subject) {
    for length in [251, 255, 256, 1024, 10_000] {
        let (a, b) = long(length);
        are_told_apart(cache, &[&a, &b]);
    }
}

pub fn of_many_characters_of_several_bytes(cache: &Subject) {
    for length in [30, 84, 250, 1000] {
        let shared = "清".repeat(length - 1);
        are_told_apart(cache, &[&format!("{shared}a"), &format!("{shared}清")]);
    }
}

/// Two keys of this length that differ in the last character.
fn long(length: usize) -> (String, String) {
    let shared = "k".repeat(length - 1);
    (format!("{shared}a"), format!("{shared}b"))
}

pub fn with_blanks(cache: &Subject) {
    are_told_apart(cache, &["a b", " a b", "a b ", "a  b", "ab", "ab ", " "]);
}

pub fn with_control_characters(cache: &Subject) {
    let keys = [
        "a\nb", "a\r\nb", "a\tb", "a\u{7f}b", "a\u{1}b", "ab", "ab\n",
    ];
    are_told_apart(cache, &keys);
}

pub fn with_a_nul(cache: &Subject) {
    are_told_apart(cache, &["a\0", "a\0b", "a", "\0"]);
}

pub fn with_colons(cache: &Subject) {
    are_told_apart(
        cache,
        &[":1:key", "1:key", ":1key", "::key", "prefix:1:a:b", ":"],
    );
}

pub fn that_look_like_paths(cache: &Subject) {
    let keys = [
        "..",
        "../key",
        "/etc/passwd",
        "a/b",
        "a//b",
        "a\\b",
        "C:",
        "con",
    ];
    are_told_apart(cache, &keys);
}

pub fn that_look_like_patterns_or_statements(cache: &Subject) {
    let keys = [
        "%", "_", "*", "a*", "a%", "[a]", "';--", "\"", "`", "$1", "?", "{a}", "{a}b",
    ];
    are_told_apart(cache, &keys);
}

pub fn one_is_the_start_of_another(cache: &Subject) {
    are_told_apart(cache, &["k", "ke", "key", "key1", "key10"]);
}
