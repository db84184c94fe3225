use bytes::Bytes;
use cachemere_base::{Codec, Error, ErrorKind, Format, Result, Value};

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

/// Whatever is stored, decompressed but not decoded: for tools that look at a cache without knowing its types.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored(pub Value);

impl Decode for Stored {
    fn decode(value: Value) -> Result<Self> {
        Ok(Self(value))
    }
}
