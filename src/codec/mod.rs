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
    #[inline]
    fn decode(value: Value) -> Result<Self> {
        let (format, data) = match &value {
            Value::Int(number) => return integer::decode(*number),
            Value::Bytes { format, data } => (format, data),
        };
        if format.compression != Compression::None {
            return Err(mismatch::<T>(format.codec, "its compression is damaged"));
        }
        let mismatch = |problem: String| mismatch::<T>(format.codec, &problem);
        match format.codec {
            Codec::MessagePack => messagepack::decode(data).map_err(mismatch),
            Codec::Json => json::decode(data).map_err(mismatch),
            Codec::Postcard => postcard::decode(data).map_err(mismatch),
            Codec::Raw => raw::decode(data).map_err(mismatch),
            #[cfg(feature = "django")]
            Codec::Pickle => pickle::decode(data)?.map_err(mismatch),
            _ => Err(mismatch("this version cannot read it".to_owned())),
        }
    }
}

/// The error that bytes of this codec are not a `T`.
#[cold]
fn mismatch<T>(codec: Codec, problem: &str) -> Error {
    let (holds, name) = (name_of(codec), std::any::type_name::<T>());
    Error::new(
        ErrorKind::Decode,
        format!("holds {holds} that is not a `{name}`: {problem}"),
    )
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
