//! Values and bytes: one file a format, one for compression, one for integers.

mod compression;
mod detail;
mod finite;
mod integer;
mod json;
mod messagepack;
#[cfg(feature = "django")]
mod pickle;
mod postcard;
mod raw;

use cachemere_base::{Codec, Compression, Error, ErrorKind, Format, Result, Value};
use serde::{Serialize, de::DeserializeOwned};

pub(crate) use compression::decompress;
pub use raw::{Raw, Stored};

/// How an alias encodes: SERIALIZER, COMPRESSOR and COMPRESSOR_MIN_SIZE.
#[derive(Clone, Copy, Debug)]
pub struct Encoding {
    pub(crate) codec: Codec,
    pub(crate) compression: Compression,
    pub(crate) min_size: usize,
}

/// A value that can be stored: everything that is [`Serialize`], and [`Raw`] bytes.
///
/// A serde integer that fits `i64` (also inside `Some` or a newtype) is stored as an integer, so that the store can
/// count on it; everything else is encoded as the alias' SERIALIZER says.
pub trait Encode {
    #[doc(hidden)]
    fn encode(&self, encoding: &Encoding) -> Result<Value>;
}

/// A value that can be read back: everything that is [`DeserializeOwned`], [`Raw`] bytes, and whatever is [`Stored`].
pub trait Decode: Sized {
    /// The value of something that is not compressed.
    #[doc(hidden)]
    fn decode(value: Value) -> Result<Self>;
}

/// What SERIALIZER may say, the default first.
pub(crate) const SERIALIZERS: [(&str, Codec); 4] = [
    ("messagepack", Codec::MessagePack),
    ("msgpack", Codec::MessagePack),
    ("json", Codec::Json),
    ("postcard", Codec::Postcard),
];

/// What SERIALIZER may say where a Django site has the entries, Django's own first.
pub(crate) const DJANGO_SERIALIZERS: [(&str, Codec); 4] = [
    ("pickle", Codec::Pickle),
    ("json", Codec::Json),
    ("messagepack", Codec::MessagePack),
    ("msgpack", Codec::MessagePack),
];

impl<T: Serialize + ?Sized> Encode for T {
    fn encode(&self, encoding: &Encoding) -> Result<Value> {
        let codec = encoding.codec;
        if let Some(number) = integer::probe(self, matches!(codec, Codec::Json | Codec::Pickle)) {
            return Ok(Value::Int(number));
        }
        let encoded = match codec {
            Codec::MessagePack => messagepack::encode(self),
            Codec::Json => json::encode(self),
            Codec::Postcard => postcard::encode(self),
            #[cfg(feature = "django")]
            Codec::Pickle => pickle::encode(self),
            _ => Err("this version cannot write it".to_owned()),
        };
        let encoded = encoded.map_err(|problem| {
            let (name, codec) = (std::any::type_name::<T>(), name_of(codec));
            Error::new(
                ErrorKind::Encode,
                format!("a `{name}` cannot be stored as {codec}: {problem}"),
            )
        })?;
        let (data, compression) =
            compression::compress(encoded, encoding.compression, encoding.min_size)?;
        Ok(Value::Bytes {
            format: Format::new(codec, compression),
            data,
        })
    }
}

impl<T: DeserializeOwned> Decode for T {
    fn decode(value: Value) -> Result<Self> {
        let (holds, decoded) = match &value {
            Value::Int(number) => return integer::decode(*number),
            Value::Bytes { format, .. } if format.compression != Compression::None => {
                let problem = "its compression is damaged".to_owned();
                (name_of(format.codec), Err(problem))
            }
            #[cfg(feature = "django")]
            Value::Bytes { format, data } if format.codec == Codec::Pickle => {
                ("a pickle", pickle::decode(data)?)
            }
            Value::Bytes { format, data } => {
                let decoded = match format.codec {
                    Codec::MessagePack => messagepack::decode(data),
                    Codec::Json => json::decode(data),
                    Codec::Postcard => postcard::decode(data),
                    Codec::Raw => raw::decode(data),
                    _ => Err("this version cannot read it".to_owned()),
                };
                (name_of(format.codec), decoded)
            }
        };
        decoded.map_err(|problem| {
            let name = std::any::type_name::<T>();
            Error::new(
                ErrorKind::Decode,
                format!("holds {holds} that is not a `{name}`: {problem}"),
            )
        })
    }
}

fn name_of(codec: Codec) -> &'static str {
    match codec {
        Codec::Raw => "raw bytes",
        Codec::MessagePack => "MessagePack",
        Codec::Json => "JSON",
        Codec::Postcard => "postcard",
        Codec::Pickle => "a pickle",
        _ => "an unknown encoding",
    }
}
