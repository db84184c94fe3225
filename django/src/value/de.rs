use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{EnumAccess, Error, MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor},
};

use super::{BigInt, Opaque, Value};
use crate::class;

/// The name by which the pickle deserializer knows that a [`Value`] is wanted: what has a class then comes as the enum
/// variant of that name.
pub(crate) const VALUE: &str = "cachemere_django::Value";
/// The variant of everything that has no other.
pub(crate) const OPAQUE: &str = "object";

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(VALUE, Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Value, D::Error> {
        inner.deserialize_any(self)
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::None)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::None)
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Value, D::Error> {
        Value::deserialize(inner)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Int(number))
    }

    fn visit_i128<E: Error>(self, number: i128) -> Result<Value, E> {
        Ok(match i64::try_from(number) {
            Ok(number) => Value::Int(number),
            Err(_) => Value::BigInt(number.into()),
        })
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        self.visit_i128(number.into())
    }

    fn visit_u128<E: Error>(self, number: u128) -> Result<Value, E> {
        match i128::try_from(number) {
            Ok(number) => self.visit_i128(number),
            Err(_) => Ok(Value::BigInt(BigInt::from_le_bytes(
                &[&number.to_le_bytes()[..], &[0]].concat(),
            ))),
        }
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Float(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::Text(text))
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Value, E> {
        Ok(Value::Bytes(bytes.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Value, A::Error> {
        entries(map).map(Value::Dict)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Value, A::Error> {
        let (class, variant) = access.variant::<String>()?;
        Ok(match class.as_str() {
            class::INT => Value::BigInt(variant.newtype_variant()?),
            class::COMPLEX => {
                let (real, imaginary) = variant.newtype_variant()?;
                Value::Complex(real, imaginary)
            }
            class::SAFE_STRING => Value::Safe(variant.newtype_variant()?),
            class::BYTEARRAY => match variant.newtype_variant::<Bytes>()? {
                Bytes(bytes) => Value::ByteArray(bytes),
            },
            class::TUPLE => Value::Tuple(variant.newtype_variant()?),
            class::SET => Value::Set(variant.newtype_variant()?),
            class::FROZENSET => Value::FrozenSet(variant.newtype_variant()?),
            class::ORDERED_DICT => match variant.newtype_variant::<Entries>()? {
                Entries(entries) => Value::OrderedDict(entries),
            },
            class::DATETIME => Value::DateTime(variant.newtype_variant()?),
            class::DATE => Value::Date(variant.newtype_variant()?),
            class::TIME => Value::Time(variant.newtype_variant()?),
            class::TIMEDELTA => Value::TimeDelta(variant.newtype_variant()?),
            class::DECIMAL => Value::Decimal(variant.newtype_variant()?),
            class::UUID => Value::Uuid(variant.newtype_variant()?),
            OPAQUE => Value::Opaque(variant.newtype_variant()?),
            _ => return Err(A::Error::invalid_type(Unexpected::Enum, &Self)),
        })
    }
}

fn entries<'de, A: MapAccess<'de>>(mut map: A) -> Result<Vec<(Value, Value)>, A::Error> {
    let mut entries = Vec::new();
    while let Some(entry) = map.next_entry()? {
        entries.push(entry);
    }
    Ok(entries)
}

/// The entries of a map, in their order.
struct Entries(Vec<(Value, Value)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Map;

        impl<'de> Visitor<'de> for Map {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Entries, A::Error> {
                entries(map).map(Entries)
            }
        }

        deserializer.deserialize_map(Map)
    }
}

struct Bytes(Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Copy;

        impl Visitor<'_> for Copy {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_owned()))
            }
        }

        deserializer.deserialize_bytes(Copy)
    }
}

/// As the pickle deserializer has it, in five parts.
impl<'de> Deserialize<'de> for Opaque {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Parts;

        impl<'de> Visitor<'de> for Parts {
            type Value = Opaque;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Opaque, A::Error> {
                let lacks = || A::Error::invalid_length(0, &Self);
                Ok(Opaque {
                    class: parts.next_element()?.ok_or_else(lacks)?,
                    args: parts.next_element()?.ok_or_else(lacks)?,
                    state: parts.next_element()?.ok_or_else(lacks)?,
                    items: parts.next_element()?.ok_or_else(lacks)?,
                    entries: parts.next_element::<Entries>()?.ok_or_else(lacks)?.0,
                })
            }
        }

        deserializer.deserialize_tuple(5, Parts)
    }
}
