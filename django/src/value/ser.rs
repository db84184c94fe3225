use serde::{
    Serialize, Serializer,
    ser::{Error, SerializeMap, SerializeTuple},
};

use super::Value;
use crate::class;

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_none(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::BigInt(number) => number.serialize(serializer),
            Self::Float(number) => serializer.serialize_f64(*number),
            Self::Complex(real, imaginary) => {
                serializer.serialize_newtype_struct(class::COMPLEX, &(real, imaginary))
            }
            Self::Text(text) => serializer.serialize_str(text),
            Self::Safe(text) => text.serialize(serializer),
            Self::Bytes(bytes) => serializer.serialize_bytes(bytes),
            Self::ByteArray(bytes) => {
                serializer.serialize_newtype_struct(class::BYTEARRAY, &AsBytes(bytes))
            }
            Self::List(items) => serializer.collect_seq(items),
            Self::Tuple(items) => tuple(items, serializer),
            Self::Set(items) => serializer.serialize_newtype_struct(class::SET, items),
            Self::FrozenSet(items) => serializer.serialize_newtype_struct(class::FROZENSET, items),
            Self::Dict(entries) => dict(entries, serializer),
            Self::OrderedDict(entries) => {
                serializer.serialize_newtype_struct(class::ORDERED_DICT, &AsDict(entries))
            }
            Self::DateTime(date_time) => date_time.serialize(serializer),
            Self::Date(date) => date.serialize(serializer),
            Self::Time(time) => time.serialize(serializer),
            Self::TimeDelta(delta) => delta.serialize(serializer),
            Self::Decimal(decimal) => decimal.serialize(serializer),
            Self::Uuid(uuid) => uuid.serialize(serializer),
            Self::Opaque(_) => Err(S::Error::custom(OPAQUE)),
        }
    }
}

pub(super) const OPAQUE: &str = "an opaque object of Python can only be read";

struct AsBytes<'a>(&'a [u8]);

impl Serialize for AsBytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

struct AsDict<'a>(&'a [(Value, Value)]);

impl Serialize for AsDict<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        dict(self.0, serializer)
    }
}

fn tuple<S: Serializer>(items: &[Value], serializer: S) -> Result<S::Ok, S::Error> {
    let mut tuple = serializer.serialize_tuple(items.len())?;
    for item in items {
        tuple.serialize_element(item)?;
    }
    tuple.end()
}

fn dict<S: Serializer>(entries: &[(Value, Value)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(entries.len()))?;
    for (key, value) in entries {
        map.serialize_entry(key, value)?;
    }
    map.end()
}
