//! What a Django site has on the server, through pymemcache or pylibmc: flags that say what is beside them.

use bytes::Bytes;
use cachemere_base::{Compression, Result, Value};
use cachemere_django::{
    compression,
    stored::{self, Plain},
};

use crate::format::{DJANGO_INTEGER as INTEGER, Stored};

const BYTES: u32 = 0;
const PICKLE: u32 = 1;
/// An integer too, of Python 2.
const LONG: u32 = 4;
/// Compressed, whatever it is besides.
const ZLIB: u32 = 8;
const TEXT: u32 = 16;

pub(crate) fn to_stored(value: Value) -> Result<Stored> {
    let (flags, data) = match stored::plain(value)? {
        Plain::Int(digits) => (INTEGER, digits.into()),
        Plain::Text(text) => (TEXT, text),
        Plain::Bytes(bytes) => (BYTES, bytes),
        Plain::Pickle(pickle) => (PICKLE, pickle),
    };
    Ok(Stored { flags, data })
}

pub(crate) fn of_integer(number: i64) -> Stored {
    Stored {
        flags: INTEGER,
        data: number.to_string().into(),
    }
}

/// What is not what its flags say is taken for a pickle: that it is none comes out where it is decoded.
pub(crate) fn from_stored(flags: u32, data: &Bytes) -> Value {
    if flags & ZLIB != 0 {
        return match compression::decompress(data, Compression::Zlib) {
            Ok(plain) => from_stored(flags & !ZLIB, &plain.into()),
            Err(_) => stored::of_pickle(data.clone()),
        };
    }
    let read = if flags & TEXT != 0 {
        stored::text(data)
    } else if flags & (INTEGER | LONG) != 0 {
        stored::integer(data)
    } else if flags & PICKLE != 0 {
        Some(stored::unpickled(data.clone()))
    } else {
        Some(Value::raw(data.clone()))
    };
    read.unwrap_or_else(|| stored::of_pickle(data.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unhex(hex: &str) -> Vec<u8> {
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        (0..hex.len()).step_by(2).map(byte).collect()
    }

    #[test]
    fn what_django_wrote_is_written_again_byte_for_byte() {
        let golden = include_str!("../../../tests/golden/django-golden.json");
        let golden: serde_json::Value = serde_json::from_str(golden).unwrap();
        let mut written_again = 0;
        for vector in golden["values"].as_array().unwrap() {
            let (Some(flags), Some(raw)) = (
                vector["memcached_flags"].as_u64(),
                vector["memcached_raw_hex"].as_str(),
            ) else {
                continue;
            };
            let raw = Bytes::from(unhex(raw));
            let value = from_stored(flags.try_into().unwrap(), &raw);
            let stored = to_stored(value).unwrap();
            let name = &vector["name"];
            assert_eq!(
                (u64::from(stored.flags), stored.data),
                (flags, raw),
                "{name}"
            );
            written_again += 1;
        }
        assert_eq!(written_again, 76);
    }

    #[test]
    fn compressed_values_are_read() {
        let text = "to be or not to be, ".repeat(100);
        let zlib = compression::compress(text.as_bytes(), Compression::Zlib).unwrap();
        let value = from_stored(TEXT | ZLIB, &zlib.into());
        assert_eq!(Some(value), stored::text(text.as_bytes()));
    }

    #[test]
    fn what_is_not_what_its_flags_say_is_no_integer_and_no_text() {
        for (flags, data) in [
            (INTEGER, &b"one"[..]),
            (TEXT, b"\xff"),
            (TEXT | ZLIB, b"plain"),
        ] {
            let value = from_stored(flags, &Bytes::from_static(data));
            assert_eq!(value, stored::of_pickle(Bytes::from_static(data)));
        }
    }
}
