use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

const GOLDEN: &str = include_str!("../../golden/django-golden.json");

/// What Django did, in one section of what was recorded of it.
pub(super) fn golden(section: &str) -> Value {
    let mut golden: Value = serde_json::from_str(GOLDEN).unwrap();
    golden[section].take()
}

/// What Django did, one by one.
pub(super) fn cases(section: &str, name: &str) -> Vec<Value> {
    let mut section = golden(section);
    let Value::Array(cases) = section[name].take() else {
        panic!("`{name}` is not a list")
    };
    cases
}

/// Headers with one value, or without it.
pub(super) fn headers(name: &'static str, value: &Value) -> HeaderMap {
    let value = value.as_str();
    let entry = |text| {
        (
            HeaderName::from_static(name),
            HeaderValue::from_str(text).unwrap(),
        )
    };
    value.map(entry).into_iter().collect()
}

/// The value of a header; nothing for one that is not there.
pub(super) fn value<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}
