//! How values are written on the server.
//!
//! An integer is bare decimal text, so that the server can count. Everything else is one byte, the tag of the value
//! with its high bit set, and the bytes: no digit and no sign begins like that.
//!
//! Where a Django site shares the server, everything else is what the site writes: see `django`.

use bytes::Bytes;
#[cfg(feature = "django")]
use cachemere_base::Codec;
use cachemere_base::{Result, Value};
use redis::{RedisWrite, ToRedisArgs};

const MARK: u8 = 0x80;

/// Whose format the server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    Own,
    /// That of a Django site which encodes so.
    #[cfg(feature = "django")]
    Django(Codec),
}

impl Wire {
    /// The value of what the server has; `None` if it is nothing this version can read, and is to be removed.
    pub(crate) fn decoded(self, stored: &Bytes) -> Option<Value> {
        match self {
            Self::Own => decoded(stored),
            #[cfg(feature = "django")]
            Self::Django(codec) => Some(crate::django::decoded(stored, codec)),
        }
    }

    /// A value as it goes to the server, where a Django site has a form of its own for it.
    pub(crate) fn outgoing(self, value: Value) -> Result<Value> {
        match self {
            Self::Own => Ok(value),
            #[cfg(feature = "django")]
            Self::Django(codec) => crate::django::outgoing(value, codec),
        }
    }
}

/// A value as an argument of a command.
pub(crate) struct Encoded<'a>(pub(crate) &'a Value, pub(crate) Wire);

impl ToRedisArgs for Encoded<'_> {
    fn write_redis_args<W: ?Sized + RedisWrite>(&self, out: &mut W) {
        use std::io::Write;
        match self.0 {
            Value::Int(number) => out.write_arg_fmt(number),
            #[cfg(feature = "django")]
            Value::Bytes { data, .. } if self.1 != Wire::Own => out.write_arg(data),
            Value::Bytes { format, data } => {
                let mut argument = out.writer_for_next_arg();
                let written = argument.write_all(&[format.to_byte() | MARK]);
                let written = written.and_then(|()| argument.write_all(data));
                written.expect("writing to memory does not fail");
            }
        }
    }
}

impl redis::ToSingleRedisArg for Encoded<'_> {}

fn decoded(stored: &Bytes) -> Option<Value> {
    let first = *stored.first()?;
    if first & MARK == 0 {
        return canonical(stored).map(Value::Int);
    }
    match first & !MARK {
        0 => None,
        tag => Value::from_parts(tag, stored.slice(1..)),
    }
}

/// An integer as the server itself would take it for one.
fn canonical(text: &[u8]) -> Option<i64> {
    let number: i64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    (text == number.to_string().as_bytes()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: &Value) -> Bytes {
        let mut arguments = Encoded(value, Wire::Own).to_redis_args();
        arguments.remove(0).into()
    }

    #[test]
    fn every_value_survives() {
        for value in [
            Value::Int(i64::MIN),
            Value::Int(7),
            Value::raw(""),
            Value::raw("7"),
            Value::raw("\u{80}"),
        ] {
            assert_eq!(decoded(&written(&value)), Some(value));
        }
    }

    #[test]
    fn an_integer_is_bare_decimal() {
        assert_eq!(written(&Value::Int(-42)), "-42");
    }

    #[test]
    fn no_tag_begins_like_a_number() {
        for format in (0..=u8::MAX).filter_map(cachemere_base::Format::from_byte) {
            let data = Bytes::from_static(b"1");
            let first = written(&Value::Bytes { format, data })[0];
            assert!(!first.is_ascii(), "{format:?}");
        }
    }

    #[test]
    fn what_is_neither_is_nothing() {
        for foreign in [
            "",
            "hello",
            "1.5",
            "+1",
            "007",
            "-0",
            " 1",
            "9223372036854775808",
            "12_3",
        ] {
            assert_eq!(
                decoded(&Bytes::from_static(foreign.as_bytes())),
                None,
                "{foreign}"
            );
        }
        assert_eq!(
            decoded(&Bytes::from_static(b"\x80\x05K\x01.")),
            None,
            "a pickle"
        );
        assert_eq!(decoded(&Bytes::from_static(b"\xff")), None);
    }
}
