use bytes::Bytes;
use cachemere_base::{Codec, Error, ErrorKind, Format, Result, Value};

use serde::{
    Deserializer,
    de::{
        self, DeserializeOwned, Unexpected, Visitor,
        value::{self, SeqDeserializer},
    },
    forward_to_deserialize_any,
};

use super::{Decode, Encode, Encoding, name_of};

/// Bytes that are stored as they are: not encoded, not compressed, and not copied on the way in or out.
///
/// ```
/// # fn main() -> cachemere::Result<()> {
/// # let caches = cachemere::Caches::from_toml("")?;
/// use cachemere::Raw;
///
/// caches["default"].set("logo", &Raw::from_static(b"\x89PNG"), 60)?;
/// let logo: Option<Raw> = caches["default"].get("logo")?;
/// assert_eq!(logo.unwrap().0, &b"\x89PNG"[..]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Raw(pub Bytes);

impl Raw {
    /// Bytes that live as long as the program.
    #[must_use]
    pub const fn from_static(bytes: &'static [u8]) -> Self {
        Self(Bytes::from_static(bytes))
    }
}

impl<B: Into<Bytes>> From<B> for Raw {
    fn from(bytes: B) -> Self {
        Self(bytes.into())
    }
}

impl Encode for Raw {
    fn encode(&self, _: &Encoding) -> Result<Value> {
        Ok(Value::Bytes {
            format: Format::RAW,
            data: self.0.clone(),
        })
    }
}

impl Decode for Raw {
    fn decode(value: Value) -> Result<Self> {
        #[cfg(feature = "django")]
        let value = match value {
            Value::Bytes { format, data } if format == PICKLE => {
                cachemere_django::stored::unpickled(data)
            }
            other => other,
        };
        let holds = match value {
            Value::Bytes { format, data } if format.codec == Codec::Raw => return Ok(Self(data)),
            Value::Bytes { format, .. } => name_of(format.codec),
            Value::Int(_) => "an integer",
        };
        Err(Error::new(
            ErrorKind::Decode,
            format!("holds {holds}, not raw bytes"),
        ))
    }
}

/// Python's `bytes`, where a Django site has the entries.
#[cfg(feature = "django")]
const PICKLE: Format = Format::new(Codec::Pickle, cachemere_base::Compression::None);

/// Raw bytes as a type that takes bytes.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    T::deserialize(Bare(bytes)).map_err(|_problem: value::Error| "read it as `Raw`".to_owned())
}

/// Bytes and nothing else: no text, whatever they are in UTF-8.
struct Bare<'a>(&'a [u8]);

impl<'de> Deserializer<'de> for Bare<'_> {
    type Error = value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, value::Error> {
        visitor.visit_bytes(self.0)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, value::Error> {
        Err(de::Error::invalid_type(Unexpected::Bytes(&[]), &visitor))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, value::Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, value::Error> {
        visitor.visit_seq(SeqDeserializer::new(self.0.iter().copied()))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, value::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, value::Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct tuple tuple_struct
        map struct enum identifier ignored_any
    }
}

/// Whatever is stored, decompressed but not decoded: for tools that look at a cache without knowing its types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored(pub Value);

impl Decode for Stored {
    fn decode(value: Value) -> Result<Self> {
        Ok(Self(value))
    }
}
