use bytes::Bytes;

/// An encoded value, as a store keeps it.
///
/// Integers stay integers, so that a store can count: they are kept as bare decimal text where the store counts itself.
/// Everything else is bytes with their [`Format`] beside them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A 64-bit signed integer.
    Int(i64),
    /// Encoded bytes.
    Bytes {
        /// How to read them.
        format: Format,
        /// The bytes, compressed if the format says so.
        data: Bytes,
    },
}

impl Value {
    /// Bytes that are stored as they are.
    #[must_use]
    pub fn raw(data: impl Into<Bytes>) -> Self {
        Self::Bytes {
            format: Format::RAW,
            data: data.into(),
        }
    }

    /// How many bytes the value takes: 8 for an integer.
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::Int(_) => size_of::<i64>(),
            Self::Bytes { data, .. } => data.len(),
        }
    }

    /// One byte that says what the bytes of [`into_bytes`](Self::into_bytes) are: 0 for an integer in decimal.
    #[must_use]
    pub fn tag(&self) -> u8 {
        match self {
            Self::Int(_) => 0,
            Self::Bytes { format, .. } => format.to_byte(),
        }
    }

    /// The bytes to store beside the [`tag`](Self::tag).
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        match self {
            Self::Int(number) => number.to_string().into(),
            Self::Bytes { data, .. } => data,
        }
    }

    /// The value of a tag and bytes that a store kept; `None` if they are nothing this version can read.
    #[must_use]
    pub fn from_parts(tag: u8, data: Bytes) -> Option<Self> {
        if tag == 0 {
            return std::str::from_utf8(&data)
                .ok()?
                .trim_end()
                .parse()
                .ok()
                .map(Self::Int);
        }
        Format::from_byte(tag).map(|format| Self::Bytes { format, data })
    }
}

/// How bytes are to be read: decompressed, then decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Format {
    /// The encoding.
    pub codec: Codec,
    /// The compression around it.
    pub compression: Compression,
}

impl Format {
    /// Bytes as they are.
    pub const RAW: Self = Self::new(Codec::Raw, Compression::None);

    /// This encoding in this compression.
    #[must_use]
    pub const fn new(codec: Codec, compression: Compression) -> Self {
        Self { codec, compression }
    }

    /// The format in one byte, never 0: the codec in the low half, the compression in the high half.
    #[must_use]
    pub const fn to_byte(self) -> u8 {
        self.codec as u8 | (self.compression as u8) << 4
    }

    /// The format of a byte, `None` if this version does not know it.
    #[must_use]
    pub const fn from_byte(byte: u8) -> Option<Self> {
        let codec = match byte & 0x0f {
            1 => Codec::Raw,
            2 => Codec::MessagePack,
            3 => Codec::Json,
            4 => Codec::Postcard,
            5 => Codec::Pickle,
            _ => return None,
        };
        let compression = match byte >> 4 {
            0 => Compression::None,
            1 => Compression::Zstd,
            2 => Compression::Lz4,
            3 => Compression::Zlib,
            4 => Compression::ZstdFrame,
            5 => Compression::Lz4Frame,
            _ => return None,
        };
        Some(Self::new(codec, compression))
    }
}

/// How a value becomes bytes. The numbers are stored and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum Codec {
    /// Not encoded: bytes as the user gave them.
    Raw = 1,
    /// MessagePack, structs as maps.
    MessagePack = 2,
    /// JSON.
    Json = 3,
    /// postcard, which does not describe itself.
    Postcard = 4,
    /// Python's pickle.
    Pickle = 5,
}

/// How encoded bytes are compressed. The numbers are stored and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum Compression {
    /// Not at all.
    None = 0,
    /// Zstandard, after four bytes of the original length, little endian.
    Zstd = 1,
    /// An LZ4 block, after four bytes of the original length, little endian.
    Lz4 = 2,
    /// zlib, RFC 1950, as others write it: no length before it.
    Zlib = 3,
    /// A Zstandard frame, as others write it.
    ZstdFrame = 4,
    /// An LZ4 frame, as others write it.
    Lz4Frame = 5,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_survives_its_byte_and_none_is_zero() {
        let known: Vec<_> = (0..=255)
            .filter_map(|byte| Some((byte, Format::from_byte(byte)?)))
            .collect();
        assert_eq!(known.len(), 30);
        for (byte, format) in known {
            assert_eq!(format.to_byte(), byte);
            assert_ne!(byte, 0);
        }
    }

    #[test]
    fn an_integer_survives_its_parts_and_trailing_blanks() {
        let value = Value::Int(i64::MIN);
        assert_eq!(
            Value::from_parts(value.tag(), value.clone().into_bytes()),
            Some(value)
        );
        assert_eq!(
            Value::from_parts(0, Bytes::from_static(b"9 ")),
            Some(Value::Int(9))
        );
        assert_eq!(Value::from_parts(0, Bytes::from_static(b"nine")), None);
    }
}
