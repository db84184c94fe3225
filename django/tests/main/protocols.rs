//! Every protocol that Python writes. `protocols.json` has what CPython 3.11 wrote: a name, the protocol, the pickle.

use cachemere_django::{Value, pickle};

pub(super) fn vectors() -> Vec<((String, u8), Vec<u8>)> {
    let vectors: Vec<(String, u8, String)> =
        serde_json::from_str(include_str!("protocols.json")).unwrap();
    let unhex = |hex: &str| -> Vec<u8> {
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        (0..hex.len()).step_by(2).map(byte).collect()
    };
    vectors
        .into_iter()
        .map(|(name, protocol, hex)| ((name, protocol), unhex(&hex)))
        .collect()
}

#[test]
fn a_value_is_the_same_in_every_protocol() {
    let vectors = vectors();
    for same in vectors.chunk_by(|((a, _), _), ((b, _), _)| a == b) {
        let ((name, protocol), newest) = same.last().unwrap();
        assert_eq!(*protocol, 5);
        let newest: Value = pickle::from_slice(newest).unwrap();
        assert!(!matches!(newest, Value::Opaque(_)), "{name}");
        for ((name, protocol), pickled) in same {
            let value: Value = pickle::from_slice(pickled).unwrap();
            assert_eq!(value, newest, "{name} in protocol {protocol}");
        }
    }
}

#[test]
fn what_is_read_is_what_was_pickled() {
    let find = |wanted: &str| {
        let vectors = vectors();
        let found = vectors.iter().find(|((name, _), _)| name == wanted);
        pickle::from_slice::<Value>(&found.unwrap().1).unwrap()
    };
    for (name, text) in [
        ("datetime offset", "2023-11-14T22:13:20-05:30"),
        ("datetime zone", "2023-10-29T02:30:00[Europe/Berlin]"),
    ] {
        assert_eq!(find(name), Value::DateTime(text.parse().unwrap()));
    }
    assert_eq!(
        find("timedelta"),
        Value::TimeDelta("-P1DT5S".parse().unwrap())
    );
    assert_eq!(find("decimal"), Value::Decimal("-1.50E+5".parse().unwrap()));
    let Value::OrderedDict(entries) = find("ordered") else {
        panic!("no OrderedDict");
    };
    assert_eq!(entries[0].0, Value::Text("b".into()));
    let Value::List(texts) = find("texts") else {
        panic!("no list");
    };
    assert_eq!(texts[4], Value::Text("a\nb\\u0041\0'\"".into()));
}
