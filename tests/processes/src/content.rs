use cachemere_base::Value;

/// A value that tells its key and its version, and of which every part differs from that of another version.
#[must_use]
pub fn content(key: &str, version: u64) -> Value {
    Value::raw(text(key, version).into_bytes())
}

/// The version of a value, if it is whole and that of its key.
///
/// # Panics
/// If it is not.
pub fn check(key: &str, value: &Value) -> u64 {
    let Value::Bytes { data, .. } = value else {
        panic!("{key} holds a number");
    };
    let found = std::str::from_utf8(data).unwrap();
    let version = found.split('|').nth(1).unwrap().parse().unwrap();
    assert!(found == text(key, version), "{key} holds a torn value");
    version
}

fn text(key: &str, version: u64) -> String {
    let length = match version % 16 {
        0 => 20_000,
        rest => rest * 40,
    };
    let line = format!("{key}|{version}|");
    line.repeat((length as usize).div_ceil(line.len()).max(2))
}
