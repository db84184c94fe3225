use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

use super::base64;

/// How deep a value may be nested, so that no bytes can exhaust the stack.
const MAX_DEPTH: usize = 256;

/// MessagePack as JSON.
pub(super) fn messagepack(bytes: &[u8]) -> Result<Value, rmp_serde::decode::Error> {
    let mut deserializer = rmp_serde::Deserializer::from_read_ref(bytes);
    deserializer.set_max_depth(MAX_DEPTH);
    Lenient::deserialize(&mut deserializer).map(|value| value.0)
}

/// A pickle as JSON.
pub(super) fn pickle(bytes: &[u8]) -> Result<Value, cachemere::django::pickle::Error> {
    cachemere::django::pickle::from_slice(bytes).map(|Lenient(value)| value)
}

/// Anything that describes itself, as JSON.
///
/// - Bytes are `{"base64": "…"}`.
/// - Numbers that JSON does not have are text: NaN, infinities, integers past 64 bits.
/// - Keys of maps that are not text are their JSON.
#[derive(Debug)]
struct Lenient(Value);

impl<'de> Deserialize<'de> for Lenient {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything).map(Self)
    }
}

struct Anything;

macro_rules! visit {
    ($($method:ident($value:ident: $type:ty) => $json:expr;)*) => {
        $(fn $method<E>(self, $value: $type) -> Result<Value, E> {
            Ok($json)
        })*
    };
}

impl<'de> Visitor<'de> for Anything {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    visit! {
        visit_bool(value: bool) => value.into();
        visit_i64(value: i64) => value.into();
        visit_u64(value: u64) => value.into();
        visit_i128(value: i128) => i64::try_from(value).map_or_else(|_| value.to_string().into(), Value::from);
        visit_u128(value: u128) => u64::try_from(value).map_or_else(|_| value.to_string().into(), Value::from);
        visit_f32(value: f32) => float(value.to_string().parse().unwrap_or_else(|_| value.into()));
        visit_f64(value: f64) => float(value);
        visit_str(value: &str) => value.into();
        visit_string(value: String) => value.into();
        visit_bytes(value: &[u8]) => base64::json(value);
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Value, D::Error> {
        inner.deserialize_any(self)
    }

    /// An extension of MessagePack: its number and its bytes.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Value, D::Error> {
        inner.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Lenient(member)) = members.next_element()? {
            list.push(member);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((Lenient(key), Lenient(value))) = entries.next_entry()? {
            let key = match key {
                Value::String(text) => text,
                other => other.to_string(),
            };
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

fn float(value: f64) -> Value {
    Number::from_f64(value).map_or_else(|| value.to_string().into(), Value::Number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(bytes: &[u8]) -> Value {
        messagepack(bytes).unwrap()
    }

    #[test]
    fn what_json_has_is_the_same() {
        let value = json!({ "z": [null, true, -1, u64::MAX, 0.1, "é"], "a": {} });
        assert_eq!(
            shown(&rmp_serde::to_vec_named(&value).unwrap()).to_string(),
            value.to_string()
        );
    }

    #[test]
    fn bytes_are_base64() {
        assert_eq!(shown(b"\xc4\x03foo"), json!({ "base64": "Zm9v" }));
    }

    #[test]
    fn numbers_that_json_does_not_have_are_text() {
        let numbers = (f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.1_f32);
        assert_eq!(
            shown(&rmp_serde::to_vec(&numbers).unwrap()),
            json!(["NaN", "inf", "-inf", 0.1])
        );
    }

    #[test]
    fn keys_that_are_no_text_are_their_json() {
        assert_eq!(
            shown(b"\x83\x01\xc3\x92\x01\x02\xc0\xc0\x07"),
            json!({ "1": true, "[1,2]": null, "null": 7 })
        );
    }

    #[test]
    fn an_extension_is_its_number_and_its_bytes() {
        assert_eq!(shown(b"\xd4\x05f"), json!([5, { "base64": "Zg==" }]));
    }

    #[test]
    fn a_bottomless_value_is_an_error_and_no_overflow() {
        let mut bytes = vec![0x91; 1_000_000];
        bytes.push(0xc0);
        assert!(messagepack(&bytes).is_err());
    }
}
