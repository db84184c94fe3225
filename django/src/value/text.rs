use std::{fmt, marker::PhantomData, str::FromStr};

use serde::{
    Deserializer,
    de::{self, Unexpected},
};

/// Gives a type that is shown and parsed as text serde's traits: a newtype of its text, named as its Python class is, by
/// which the pickle serializer knows it. Other formats see the text.
macro_rules! as_text {
    ($type:ident, $class:expr, $expected:literal) => {
        as_text!($type, $class, $expected, or_number: false);
    };
    ($type:ident, $class:expr, $expected:literal, or_number: $or_number:literal) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_newtype_struct($class, &self.to_string())
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let visitor = crate::value::text::Visitor::new($expected, $or_number);
                deserializer.deserialize_newtype_struct($class, visitor)
            }
        }
    };
}
pub(super) use as_text;

/// Parses the text of a newtype.
pub(super) struct Visitor<T> {
    expected: &'static str,
    or_number: bool,
    value: PhantomData<T>,
}

impl<T> Visitor<T> {
    pub(super) fn new(expected: &'static str, or_number: bool) -> Self {
        Self {
            expected,
            or_number,
            value: PhantomData,
        }
    }

    fn visit_number<E: de::Error>(self, text: &str) -> Result<T, E>
    where
        T: FromStr,
    {
        let number = self.or_number.then(|| text.parse().ok()).flatten();
        number.ok_or_else(|| E::invalid_type(Unexpected::Other("integer"), &self))
    }
}

impl<'de, T: FromStr> de::Visitor<'de> for Visitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expected)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<T, D::Error> {
        inner.deserialize_str(self)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
        self.visit_number(&number.to_string())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
        self.visit_number(&number.to_string())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse()
            .map_err(|_error| E::invalid_value(Unexpected::Other("another text"), &self))
    }
}

/// Why a text is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseError(pub(crate) &'static str);

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}", self.0)
    }
}

impl std::error::Error for ParseError {}

/// The number that `text` is in so many decimal digits.
pub(super) fn digits<T: FromStr>(text: &str, count: usize) -> Option<T> {
    let is_plain = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| text.parse().ok()).flatten()
}

/// Millionths in up to six digits after a point.
pub(super) fn micros(text: &str) -> Option<u32> {
    let missing = 6_usize.checked_sub(text.len())?;
    let number: u32 = digits(text, text.len())?;
    (!text.is_empty()).then(|| number * 10_u32.pow(u32::try_from(missing).unwrap_or(0)))
}
