//! Integers stay integers: found by a serializer that knows nothing else, read by a deserializer that has nothing else.

use std::fmt;

use serde::{
    Serialize, Serializer,
    de::{self, DeserializeOwned, Visitor},
    forward_to_deserialize_any,
    ser::{self, Impossible},
};

use cachemere_base::{Error, ErrorKind, Result};

use super::detail::without_values;

/// The integer that `value` serializes as, if it is one that fits, bare or inside `Some` or a newtype.
pub(super) fn probe<T: Serialize + ?Sized>(value: &T, human_readable: bool) -> Option<i64> {
    value.serialize(Probe { human_readable }).ok()
}

/// The integer as a `T`.
///
/// - It does not say whether it was written for humans or not: the compact form is tried first, as most codecs are.
/// - One that an integer type cannot hold is an overflow, and no value of another type: `get_or_set` must not take a
///   counter that outgrew its type for something to be replaced.
pub(super) fn decode<T: DeserializeOwned>(number: i64) -> Result<T> {
    let read = |human_readable| {
        T::deserialize(Integer {
            number,
            human_readable,
        })
    };
    read(false)
        .or_else(|mismatch| read(true).map_err(|_second| mismatch))
        .map_err(|mismatch| {
            let name = std::any::type_name::<T>();
            if mismatch.does_not_fit {
                return Error::new(
                    ErrorKind::Overflow,
                    format!("holds an integer that does not fit a `{name}`"),
                );
            }
            let detail = without_values(&mismatch.message);
            Error::new(
                ErrorKind::Decode,
                format!("holds an integer, not a `{name}`: {detail}"),
            )
        })
}

/// Why an integer is not what was asked for.
#[derive(Debug)]
struct Mismatch {
    message: String,
    does_not_fit: bool,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Mismatch {}

impl de::Error for Mismatch {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self {
            message: message.to_string(),
            does_not_fit: false,
        }
    }
}

struct Probe {
    human_readable: bool,
}

#[derive(Debug)]
struct NotAnInteger;

impl fmt::Display for NotAnInteger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an integer")
    }
}

impl std::error::Error for NotAnInteger {}

impl ser::Error for NotAnInteger {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

type Nothing = Impossible<i64, NotAnInteger>;

macro_rules! integers {
    ($($method:ident: $type:ty;)*) => {
        $(fn $method(self, number: $type) -> Result<i64, NotAnInteger> {
            i64::try_from(number).map_err(|_error| NotAnInteger)
        })*
    };
}

macro_rules! refuse {
    ($($method:ident($($type:ty),*) -> $output:ty;)*) => {
        $(fn $method(self, $(_: $type),*) -> Result<$output, NotAnInteger> {
            Err(NotAnInteger)
        })*
    };
}

impl Serializer for Probe {
    type Ok = i64;
    type Error = NotAnInteger;
    type SerializeSeq = Nothing;
    type SerializeTuple = Nothing;
    type SerializeTupleStruct = Nothing;
    type SerializeTupleVariant = Nothing;
    type SerializeMap = Nothing;
    type SerializeStruct = Nothing;
    type SerializeStructVariant = Nothing;

    fn is_human_readable(&self) -> bool {
        self.human_readable
    }

    integers! {
        serialize_i8: i8;
        serialize_i16: i16;
        serialize_i32: i32;
        serialize_i64: i64;
        serialize_i128: i128;
        serialize_u8: u8;
        serialize_u16: u16;
        serialize_u32: u32;
        serialize_u64: u64;
        serialize_u128: u128;
    }

    refuse! {
        serialize_bool(bool) -> i64;
        serialize_f32(f32) -> i64;
        serialize_f64(f64) -> i64;
        serialize_char(char) -> i64;
        serialize_str(&str) -> i64;
        serialize_bytes(&[u8]) -> i64;
        serialize_none() -> i64;
        serialize_unit() -> i64;
        serialize_unit_struct(&'static str) -> i64;
        serialize_unit_variant(&'static str, u32, &'static str) -> i64;
        serialize_seq(Option<usize>) -> Nothing;
        serialize_tuple(usize) -> Nothing;
        serialize_tuple_struct(&'static str, usize) -> Nothing;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> Nothing;
        serialize_map(Option<usize>) -> Nothing;
        serialize_struct(&'static str, usize) -> Nothing;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> Nothing;
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<i64, NotAnInteger> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<i64, NotAnInteger> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<i64, NotAnInteger> {
        Err(NotAnInteger)
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, _: &T) -> Result<i64, NotAnInteger> {
        Err(NotAnInteger)
    }
}

/// Visits as self-describing formats do: what is not negative as `u64`, which hand-written visitors expect.
struct Integer {
    number: i64,
    human_readable: bool,
}

macro_rules! only_if_it_fits {
    ($($method:ident: $type:ty;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
            if <$type>::try_from(self.number).is_err() {
                return Err(Mismatch { message: String::new(), does_not_fit: true });
            }
            self.deserialize_any(visitor)
        })*
    };
}

impl<'de> de::Deserializer<'de> for Integer {
    type Error = Mismatch;

    fn is_human_readable(&self) -> bool {
        self.human_readable
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match u64::try_from(self.number) {
            Ok(number) => visitor.visit_u64(number),
            Err(_) => visitor.visit_i64(self.number),
        }
    }

    only_if_it_fits! {
        deserialize_i8: i8;
        deserialize_i16: i16;
        deserialize_i32: i32;
        deserialize_u8: u8;
        deserialize_u16: u16;
        deserialize_u32: u32;
        deserialize_u64: u64;
        deserialize_u128: u128;
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i64 i128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct enum
        identifier ignored_any
    }
}
