//! The vectors that were measured with Django.

use cachemere_django::{Value, pickle};
use serde_json::Value as Json;

fn golden() -> Vec<Json> {
    let text = include_str!("../../../tests/golden/django-golden.json");
    let mut golden: Json = serde_json::from_str(text).unwrap();
    let Json::Array(values) = golden["values"].take() else {
        panic!("no list");
    };
    assert_eq!(values.len(), 80);
    values
}

fn unhex(hex: &str) -> Vec<u8> {
    let digits = hex.as_bytes().chunks(2);
    let byte = |digits| u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap();
    digits.map(byte).collect()
}

fn text(json: &Json) -> String {
    json.as_str().unwrap().to_owned()
}

fn int(decimal: &str) -> Value {
    match decimal.parse() {
        Ok(number) => Value::Int(number),
        Err(_) => Value::BigInt(decimal.parse().unwrap()),
    }
}

/// The value that a vector describes.
fn described(value: &Json) -> Value {
    let items = || -> Vec<Value> {
        match &value["items"] {
            Json::Array(items) => items.iter().map(described).collect(),
            Json::String(range) if range == "range(1001)" => (0..1001).map(Value::Int).collect(),
            other => panic!("{other}"),
        }
    };
    match value["py"].as_str().unwrap() {
        "NoneType" => Value::None,
        "bool" => Value::Bool(value["json"].as_bool().unwrap()),
        "int" => int(value["dec"].as_str().unwrap()),
        "float" => Value::Float(value["repr"].as_str().unwrap().parse().unwrap()),
        "str" => Value::Text(text(&value["json"])),
        "bytes" => Value::Bytes(unhex(value["hex"].as_str().unwrap())),
        "bytearray" => Value::ByteArray(unhex(value["hex"].as_str().unwrap())),
        "list" => Value::List(items()),
        "tuple" => Value::Tuple(items()),
        "dict" => {
            let entries = value["items"].as_array().unwrap().iter();
            let entry = |entry: &Json| (described(&entry[0]), described(&entry[1]));
            Value::Dict(entries.map(entry).collect())
        }
        _ => by_repr(value["repr"].as_str().unwrap()),
    }
}

fn by_repr(repr: &str) -> Value {
    match repr {
        "{1}" => Value::Set(vec![Value::Int(1)]),
        "set()" => Value::Set(vec![]),
        "frozenset({1})" => Value::FrozenSet(vec![Value::Int(1)]),
        "datetime.datetime(2023, 11, 14, 22, 13, 20, 123456)" => {
            Value::DateTime("2023-11-14T22:13:20.123456".parse().unwrap())
        }
        "datetime.datetime(2023, 11, 14, 22, 13, 20, tzinfo=datetime.timezone.utc)" => {
            Value::DateTime("2023-11-14T22:13:20Z".parse().unwrap())
        }
        "datetime.date(2023, 11, 14)" => Value::Date("2023-11-14".parse().unwrap()),
        "datetime.time(1, 2, 3)" => Value::Time("01:02:03".parse().unwrap()),
        "datetime.timedelta(days=1, seconds=2, microseconds=3)" => {
            Value::TimeDelta("P1DT2.000003S".parse().unwrap())
        }
        "Decimal('1.50')" => Value::Decimal("1.50".parse().unwrap()),
        "UUID('12345678-1234-5678-1234-567812345678')" => {
            Value::Uuid("12345678-1234-5678-1234-567812345678".parse().unwrap())
        }
        "(1+2j)" => Value::Complex(1.0, 2.0),
        "'<b>hi</b>'" => Value::Safe("<b>hi</b>".into()),
        other => panic!("{other}"),
    }
}

/// Equal, also where a float is no number.
fn same(a: &Value, b: &Value) -> bool {
    format!("{a:?}") == format!("{b:?}")
}

#[test]
fn what_django_pickled_is_read_as_what_it_was() {
    let mut read = 0;
    for vector in golden() {
        let Some(hex) = vector["pickle5_hex"].as_str() else {
            continue;
        };
        let value: Value = pickle::from_slice(&unhex(hex)).unwrap();
        let expected = described(&vector["value"]);
        assert!(same(&value, &expected), "{}: {value:?}", vector["name"]);
        read += 1;
    }
    assert_eq!(read, 76);
}

#[test]
fn what_is_written_is_what_django_writes_byte_for_byte() {
    // the same object twice, which a value does not tell from two that are equal
    let shared = ["list same str object twice", "datetime utc", "complex"];
    for vector in golden() {
        let name = vector["name"].as_str().unwrap();
        let Some(hex) = vector["pickle5_hex"].as_str() else {
            continue;
        };
        let written = pickle::to_vec(&described(&vector["value"])).unwrap();
        if shared.contains(&name) {
            let value: Value = pickle::from_slice(&written).unwrap();
            assert_eq!(value, described(&vector["value"]), "{name}");
        } else {
            assert_eq!(written, unhex(hex), "{name}");
        }
    }
}

#[test]
fn frames_and_groups_of_large_values_are_djangos() {
    let strings = ["x", "y", "z"].map(|c| Value::Text(c.repeat(40_000)));
    let large = [
        (
            "list 1001 ints",
            Value::List((0..1001).map(Value::Int).collect()),
        ),
        ("str 70000 x (framing)", Value::Text("x".repeat(70_000))),
        ("bytes 70000 x (framing)", Value::Bytes(vec![b'x'; 70_000])),
        (
            "list of 3 x 40000-char distinct strs (framing)",
            Value::List(strings.into()),
        ),
    ];
    let golden = golden();
    for (name, value) in large {
        let vector = golden.iter().find(|vector| vector["name"] == name).unwrap();
        let length = vector.get("pickle5_len").or(vector.get("pickle5_hex_len"));
        let (head, tail) = (
            text(&vector["pickle5_head_hex"]),
            text(&vector["pickle5_tail_hex"]),
        );
        let written = pickle::to_vec(&value).unwrap();
        assert_eq!(
            Some(written.len() as u64),
            length.and_then(Json::as_u64),
            "{name}"
        );
        assert!(written.starts_with(&unhex(&head)), "{name}");
        assert!(written.ends_with(&unhex(&tail)), "{name}");
        assert_eq!(
            pickle::from_slice::<Value>(&written).unwrap(),
            value,
            "{name}"
        );
    }
}

#[test]
fn a_stored_response_is_an_object_with_its_attributes() {
    let text = include_str!("../../../tests/golden/django-golden.json");
    let golden: Json = serde_json::from_str(text).unwrap();
    let pages = &golden["page_cache"]["response_pickles_now_1700000000_cache_page_60"];
    let pickled = unhex(pages["plain"]["pickle_hex"].as_str().unwrap());
    let Value::Opaque(response) = pickle::from_slice(&pickled).unwrap() else {
        panic!("not opaque");
    };
    assert_eq!(response.class, "django.http.response.HttpResponse");
    let body = Value::List(vec![Value::Bytes(b"Hello World 1".to_vec())]);
    assert_eq!(response.attribute("_container"), Some(&body));
    let Some(Value::Opaque(cookies)) = response.attribute("cookies") else {
        panic!("not opaque");
    };
    assert_eq!(cookies.class, "http.cookies.SimpleCookie");
}
