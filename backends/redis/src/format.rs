//! How values are written on the server.
//!
//! An integer is bare decimal text, so that the server can count. Everything else is one byte, the tag of the value
//! with its high bit set, and the bytes: no digit and no sign begins like that.

use bytes::Bytes;
use cachemere_base::Value;
use redis::{RedisWrite, ToRedisArgs};

const MARK: u8 = 0x80;

/// A value as an argument of a command.
pub(crate) struct Encoded<'a>(pub(crate) &'a Value);

impl ToRedisArgs for Encoded<'_> {
    fn write_redis_args<W: ?Sized + RedisWrite>(&self, out: &mut W) {
        use std::io::Write;
        match self.0 {
            Value::Int(number) => out.write_arg_fmt(number),
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

/// The value of what the server has; `None` if it is nothing this version can read.
pub(crate) fn decoded(stored: &Bytes) -> Option<Value> {
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
        let mut arguments = Encoded(value).to_redis_args();
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
