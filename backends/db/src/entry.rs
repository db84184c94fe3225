use bytes::Bytes;
use cachemere_base::{Expiry, Key, Value};
use xxhash_rust::xxh3::xxh3_64;

use crate::Bound;

/// What names the row of a key, which carries the key itself.
pub(crate) type Digest = i64;

/// A key, as statements ask for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) digest: Digest,
    pub(crate) key: &'a str,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(key: &'a Key) -> Self {
        Self {
            digest: digest(key.as_bytes()),
            key,
        }
    }

    /// digest, cache_key
    pub(crate) fn values(&self) -> [Bound<'_>; 2] {
        [Bound::Int(self.digest), Bound::Bytes(self.key.as_bytes())]
    }
}

/// The digest of a key.
pub(crate) fn digest(key: &[u8]) -> Digest {
    xxh3_64(key).cast_signed()
}

/// A row that is to be stored.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    pub(crate) asked: Asked<'a>,
    pub(crate) expires: i64,
    /// The tag of the value: 0 for an integer, which is in `number`.
    pub(crate) format: i64,
    pub(crate) number: i64,
    pub(crate) value: Bytes,
    /// What counts for MAX_BYTES.
    pub(crate) size: i64,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(key: &'a Key, value: Value, expires: i64) -> Self {
        let size = (key.len() + value.size()) as i64;
        let format = value.tag().into();
        let (number, value) = match value {
            Value::Int(number) => (number, Bytes::new()),
            bytes => (0, bytes.into_bytes()),
        };
        Self {
            asked: Asked::new(key),
            expires,
            format,
            number,
            value,
            size,
        }
    }

    /// digest, cache_key, expires, bucket, format, number, size, value
    pub(crate) fn values(&self) -> [Bound<'_>; 8] {
        let [digest, key] = self.asked.values();
        [
            digest,
            key,
            Bound::Int(self.expires),
            Bound::Int(bucket(self.expires)),
            Bound::Int(self.format),
            Bound::Int(self.number),
            Bound::Int(self.size),
            Bound::Bytes(&self.value),
        ]
    }
}

/// The row of a key.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// `None` if this version cannot read it.
    pub(crate) value: Option<Value>,
    pub(crate) expires: i64,
}

impl Found {
    pub(crate) fn new(expires: i64, format: i64, number: i64, value: Bytes) -> Self {
        let tag = u8::try_from(format).ok();
        let value = match tag {
            Some(0) => Some(Value::Int(number)),
            tag => tag.and_then(|tag| Value::from_parts(tag, value)),
        };
        Self { value, expires }
    }
}

/// The column `bucket` of a row that expires then.
pub(crate) fn bucket(expires: i64) -> i64 {
    expires >> 12
}

/// The number that is stored for an expiry: the largest one for never.
pub(crate) fn stored(expiry: Expiry) -> i64 {
    i64::try_from(expiry.to_millis()).unwrap_or(i64::MAX)
}

/// The expiry of a stored number; what is before 1970 is long over.
pub(crate) fn expiry(stored: i64) -> Expiry {
    match stored {
        i64::MAX => Expiry::NEVER,
        stored => Expiry::from_millis(u64::try_from(stored).unwrap_or(0)),
    }
}
