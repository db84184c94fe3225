//! Types of Rust and what they are to Python.

use std::collections::{BTreeMap, HashMap};

use cachemere_django::{BigInt, DateTime, Decimal, SafeString, Uuid, Value, pickle};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

fn value_of<T: Serialize + ?Sized>(value: &T) -> Value {
    pickle::from_slice(&pickle::to_vec(value).unwrap()).unwrap()
}

fn read<T: DeserializeOwned>(value: &Value) -> Result<T, pickle::Error> {
    pickle::from_slice(&pickle::to_vec(value).unwrap())
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

#[derive(Serialize, Deserialize, PartialEq, Debug)]
enum Shape {
    Point,
    Circle(u8),
    Box(u8, u8),
    Named { name: String },
}

#[test]
fn variants_are_their_name_or_a_dict_of_one_entry() {
    let one = |name, value| Value::Dict(vec![(text(name), value)]);
    let named = Shape::Named { name: "n".into() };
    for (shape, expected) in [
        (Shape::Point, text("Point")),
        (Shape::Circle(1), one("Circle", Value::Int(1))),
        (
            Shape::Box(1, 2),
            one("Box", Value::Tuple(vec![Value::Int(1), Value::Int(2)])),
        ),
        (named, one("Named", one("name", text("n")))),
    ] {
        assert_eq!(value_of(&shape), expected);
        assert_eq!(read::<Shape>(&expected).unwrap(), shape);
    }
}

#[test]
fn options_are_none_or_the_value() {
    assert_eq!(value_of(&None::<u8>), Value::None);
    assert_eq!(value_of(&Some(1)), Value::Int(1));
    assert_eq!(read::<Option<u8>>(&Value::None).unwrap(), None);
    assert_eq!(read::<Option<u8>>(&Value::Int(1)).unwrap(), Some(1));
}

#[test]
fn integers_of_any_size_are_integers() {
    let wide = u128::MAX.to_string();
    assert_eq!(value_of(&u128::MAX), Value::BigInt(wide.parse().unwrap()));
    assert_eq!(
        value_of(&u64::MAX),
        Value::BigInt(u64::MAX.to_string().parse().unwrap())
    );
    assert_eq!(read::<u128>(&value_of(&u128::MAX)).unwrap(), u128::MAX);
    assert_eq!(read::<i128>(&value_of(&i128::MIN)).unwrap(), i128::MIN);
    assert_eq!(read::<u64>(&value_of(&u64::MAX)).unwrap(), u64::MAX);
    let huge: BigInt = "9".repeat(1000).parse().unwrap();
    assert_eq!(read::<BigInt>(&Value::BigInt(huge.clone())).unwrap(), huge);
    assert_eq!(read::<BigInt>(&Value::Int(7)).unwrap(), BigInt::from(7_i64));
}

#[test]
fn an_integer_that_does_not_fit_is_an_overflow_and_another_type_is_not() {
    assert!(read::<u8>(&Value::Int(256)).unwrap_err().is_overflow());
    assert!(read::<u64>(&Value::Int(-1)).unwrap_err().is_overflow());
    assert!(read::<i64>(&value_of(&u64::MAX)).unwrap_err().is_overflow());
    assert!(!read::<u8>(&text("1")).unwrap_err().is_overflow());
}

#[test]
fn what_has_a_class_is_its_text_to_a_string() {
    let zoned: DateTime = "2026-11-26T12:00:00.5+01:00".parse().unwrap();
    assert_eq!(
        read::<String>(&Value::DateTime(zoned)).unwrap(),
        "2026-11-26T12:00:00.500000+01:00"
    );
    assert_eq!(read::<String>(&Value::Safe("<b>".into())).unwrap(), "<b>");
    assert_eq!(
        read::<String>(&Value::Decimal("1.50".parse().unwrap())).unwrap(),
        "1.50"
    );
}

#[test]
fn types_with_a_class_are_fields_of_types() {
    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Product {
        id: Uuid,
        html: SafeString,
        prices: BTreeMap<u32, Decimal>,
        added: Option<DateTime>,
        extra: Value,
    }
    let product = Product {
        id: Uuid::from_bytes([7; 16]),
        html: "<i>".into(),
        prices: [(1, "9.90".parse().unwrap())].into(),
        added: Some("2026-11-26T12:00:00[Europe/Berlin]".parse().unwrap()),
        extra: Value::Set(vec![Value::Tuple(vec![Value::None])]),
    };
    let value = value_of(&product);
    assert_eq!(value.get("id"), Some(&Value::Uuid(product.id)));
    assert_eq!(value.get("extra"), Some(&product.extra));
    assert!(matches!(value.get("added"), Some(Value::DateTime(_))));
    assert_eq!(read::<Product>(&value).unwrap(), product);
}

#[test]
fn sequences_of_any_kind_are_sequences() {
    let items = vec![Value::Int(1), Value::Int(2)];
    for value in [
        Value::List(items.clone()),
        Value::Tuple(items.clone()),
        Value::Set(items.clone()),
        Value::FrozenSet(items),
        Value::Bytes(vec![1, 2]),
        Value::ByteArray(vec![1, 2]),
    ] {
        assert_eq!(read::<Vec<u8>>(&value).unwrap(), [1, 2], "{value:?}");
        assert_eq!(read::<(u8, u8)>(&value).unwrap(), (1, 2), "{value:?}");
    }
    assert!(read::<(u8,)>(&Value::Tuple(vec![Value::None, Value::None])).is_err());
}

#[test]
fn a_value_may_stand_inside_a_type() {
    let value = Value::Dict(vec![
        (text("a"), Value::Tuple(vec![])),
        (text("b"), Value::Int(1)),
    ]);
    let map: HashMap<String, Value> = read(&value).unwrap();
    assert_eq!(map["a"], Value::Tuple(vec![]));
}

#[test]
fn an_opaque_object_names_its_class_and_is_an_error_to_other_types() {
    let pickled = b"\x80\x04cshop.models\nProduct\n)\x81}X\x02\x00\x00\x00idK\x07sb.";
    let Value::Opaque(object) = pickle::from_slice(pickled).unwrap() else {
        panic!("not opaque");
    };
    assert_eq!(object.class, "shop.models.Product");
    assert_eq!(object.attribute("id"), Some(&Value::Int(7)));
    let error = pickle::from_slice::<HashMap<String, u8>>(pickled).unwrap_err();
    assert_eq!(
        error.to_string(),
        "it has an object of `shop.models.Product`, which only a `Value` can be"
    );
    let error = pickle::to_vec(&Value::Opaque(object)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "an opaque object of Python can only be read"
    );
}

#[test]
fn an_opaque_object_in_a_field_that_nobody_wants_is_passed_over() {
    #[derive(Deserialize)]
    struct Row {
        id: u8,
    }
    let pickled = b"\x80\x04}(X\x01\x00\x00\x00xcos\nsystem\nX\x02\x00\x00\x00idK\x07u.";
    assert_eq!(pickle::from_slice::<Row>(pickled).unwrap().id, 7);
}

#[test]
fn other_formats_see_text() {
    let date_time: DateTime = "2026-11-26T12:00:00Z".parse().unwrap();
    let json = serde_json::to_string(&(date_time.clone(), Uuid::from_bytes([0; 16]))).unwrap();
    assert_eq!(
        json,
        r#"["2026-11-26T12:00:00+00:00","00000000-0000-0000-0000-000000000000"]"#
    );
    let back: (DateTime, Uuid) = serde_json::from_str(&json).unwrap();
    assert_eq!(back.0, date_time);
    let any: Value = serde_json::from_str(r#"{"a": [1, 1.5, null, true, "x"]}"#).unwrap();
    let items = vec![
        Value::Int(1),
        Value::Float(1.5),
        Value::None,
        Value::Bool(true),
        text("x"),
    ];
    assert_eq!(any, Value::Dict(vec![(text("a"), Value::List(items))]));
}
