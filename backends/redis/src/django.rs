//! What a Django site has on the server: its own cache, or django-redis with one of its serializers and compressors.
//!
//! Integers are bare decimal text, everything else is the bytes of the serializer, compressed perhaps, with nothing beside
//! them.

use bytes::Bytes;
use cachemere_base::{Codec, Compression, Error, ErrorKind, Format, Result, Settings, Value};
use cachemere_django::{
    compression,
    stored::{self, Plain},
};

use crate::format::Wire;

/// The format of a Django site that encodes as SERIALIZER says.
pub(crate) fn wire(settings: &Settings) -> Result<Wire> {
    match settings.codec() {
        codec @ (Codec::Pickle | Codec::Json | Codec::MessagePack) => Ok(Wire::Django(codec)),
        _ => {
            let message =
                "django-redis has no such serializer; it has pickle, json and messagepack";
            Err(Error::setting("OPTIONS.SERIALIZER", message))
        }
    }
}

/// The value as bytes that are written as they are, or an integer.
pub(crate) fn outgoing(value: Value, codec: Codec) -> Result<Value> {
    let Value::Bytes { format, .. } = &value else {
        return Ok(value);
    };
    let is_plain = format.compression == Compression::None;
    match format.codec {
        Codec::Pickle if is_plain => match stored::plain(value.clone())? {
            Plain::Int(digits) => Ok(Value::raw(digits)),
            _ => Ok(value),
        },
        Codec::Raw if codec == Codec::Pickle => stored::pickled(value).map(Value::raw),
        encoded if encoded == codec => Ok(value),
        _ => {
            let message =
                "the value is in an encoding that the SERIALIZER of the site does not read";
            Err(Error::new(ErrorKind::Encode, message))
        }
    }
}

/// The value of what a site or [`outgoing`] wrote. What is neither an integer nor compressed is taken for what the
/// serializer wrote: that it is not comes out where it is decoded.
pub(crate) fn decoded(held: &Bytes, codec: Codec) -> Value {
    if let Some(integer) = stored::integer(held) {
        return integer;
    }
    let data = held.clone();
    match (codec, compression::recognized(held)) {
        (Codec::Pickle, Compression::None) => stored::unpickled(data),
        (codec, compression) => Value::Bytes {
            format: Format::new(codec, compression),
            data,
        },
    }
}

#[cfg(test)]
mod tests {
    use cachemere_django::pickle;

    use super::*;

    fn golden() -> serde_json::Value {
        let golden = include_str!("../../../tests/golden/django-golden.json");
        serde_json::from_str(golden).unwrap()
    }

    fn unhex(hex: &str) -> Vec<u8> {
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        (0..hex.len()).step_by(2).map(byte).collect()
    }

    fn written(value: Value, codec: Codec) -> Bytes {
        outgoing(value, codec).unwrap().into_bytes()
    }

    #[test]
    fn what_django_wrote_is_written_again_byte_for_byte() {
        let mut written_again = 0;
        for vector in golden()["values"].as_array().unwrap() {
            let Some(raw) = vector["redis_raw_hex"].as_str() else {
                continue;
            };
            let raw = Bytes::from(unhex(raw));
            let value = decoded(&raw, Codec::Pickle);
            let is_small = vector["redis_is_plain_int"] == true && raw.len() <= 18;
            assert!(
                !is_small || matches!(value, Value::Int(_)),
                "{}",
                vector["name"]
            );
            assert_eq!(written(value, Codec::Pickle), raw, "{}", vector["name"]);
            written_again += 1;
        }
        assert_eq!(written_again, 76);
    }

    #[test]
    fn an_integer_of_any_size_is_decimal() {
        let big: cachemere_django::BigInt = "18446744073709551616".parse().unwrap();
        let value = stored::of_pickle(pickle::to_vec(&big).unwrap().into());
        assert_eq!(written(value, Codec::Pickle), "18446744073709551616");
        assert_eq!(written(Value::Int(-42), Codec::Json), "-42");
    }

    #[test]
    fn foreign_bytes_are_what_the_serializer_says() {
        let held = Bytes::from_static(b"{\"a\": 1}");
        let Value::Bytes { format, data } = decoded(&held, Codec::Json) else {
            panic!("an integer");
        };
        assert_eq!(format, Format::new(Codec::Json, Compression::None));
        assert_eq!(data, held);
        assert_eq!(decoded(&" 12_3 ".into(), Codec::Json), Value::Int(123));
    }

    #[test]
    fn raw_bytes_are_bytes_of_python_and_nothing_to_json() {
        assert_eq!(
            written(Value::raw("x"), Codec::Pickle),
            pickle::to_vec(&Raw(b"x")).unwrap()
        );
        let error = outgoing(Value::raw("x"), Codec::Json).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encode);
    }

    struct Raw(&'static [u8]);

    impl serde::Serialize for Raw {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(self.0)
        }
    }
}
