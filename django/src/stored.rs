//! Between the values of a store and what Django keeps there: for the stores of `cachemere`.
//!
//! To a store, a value is an integer, raw bytes or a pickle; to Django's clients, some pickles are more than that.

use bytes::Bytes;
use cachemere_base::{Codec, Compression, Error, ErrorKind, Format, Key, Result, Settings, Value};

use crate::{BigInt, pickle};

/// The kinds that some of Django's clients tell apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plain {
    /// `int`, in decimal.
    Int(String),
    /// `str`, in UTF-8.
    Text(Bytes),
    /// `bytes`.
    Bytes(Bytes),
    /// Everything else.
    Pickle(Bytes),
}

/// Python writes no more digits than this.
const MOST_DIGITS: usize = 4300;

/// The kind of a value.
///
/// # Errors
/// [`Encode`](ErrorKind::Encode) for a value in an encoding that Django does not have.
pub fn plain(value: Value) -> Result<Plain> {
    match value {
        Value::Int(number) => Ok(Plain::Int(number.to_string())),
        Value::Bytes { format, data } => match (format.codec, format.compression) {
            (Codec::Raw, Compression::None) => Ok(Plain::Bytes(data)),
            (Codec::Pickle, Compression::None) => Ok(plain_of(data)),
            _ => Err(foreign()),
        },
    }
}

fn plain_of(data: Bytes) -> Plain {
    match pickle::plain(&data) {
        Some(pickle::Plain::Text(text)) => Plain::Text(data.slice(text)),
        Some(pickle::Plain::Bytes(bytes)) => Plain::Bytes(data.slice(bytes)),
        Some(pickle::Plain::Int(number)) => {
            let digits = number.to_string();
            if digits.len() <= MOST_DIGITS {
                Plain::Int(digits)
            } else {
                Plain::Pickle(data)
            }
        }
        None => Plain::Pickle(data),
    }
}

/// The value as a pickle.
///
/// # Errors
/// [`Encode`](ErrorKind::Encode) for a value in an encoding that Django does not have.
pub fn pickled(value: Value) -> Result<Bytes> {
    match value {
        Value::Int(number) => Ok(pickle::of_int(number).into()),
        Value::Bytes { format, data } => match (format.codec, format.compression) {
            (Codec::Raw, Compression::None) => Ok(pickle::of_bytes(&data).into()),
            (Codec::Pickle, Compression::None) => Ok(data),
            _ => Err(foreign()),
        },
    }
}

/// The value of a pickle: an integer or raw bytes where it is one.
#[must_use]
pub fn unpickled(data: Bytes) -> Value {
    match pickle::plain(&data) {
        Some(pickle::Plain::Bytes(bytes)) => Value::raw(data.slice(bytes)),
        Some(pickle::Plain::Int(number)) => match i64::try_from(&number) {
            Ok(number) => Value::Int(number),
            Err(_) => of_pickle(data),
        },
        _ => of_pickle(data),
    }
}

/// The value of a `str` in UTF-8.
#[must_use]
pub fn text(data: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(data).ok()?;
    Some(of_pickle(pickle::of_text(text).into()))
}

/// The value of an `int` as Python reads one: with white space around it, a sign, and `_` between digits.
#[must_use]
pub fn integer(text: &[u8]) -> Option<Value> {
    if text.len() > 2 * MOST_DIGITS {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?;
    let text = text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b');
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_grouped = digits
        .split('_')
        .all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
    if !is_grouped || digits.len() > MOST_DIGITS {
        return None;
    }
    let text = text.replace('_', "");
    if let Ok(number) = text.parse() {
        return Some(Value::Int(number));
    }
    let number: BigInt = text.parse().ok()?;
    Some(of_pickle(pickle::of_big(&number).into()))
}

/// The sum of a stored integer and `delta`; `key` is for messages.
///
/// # Errors
/// [`NotAnInteger`](ErrorKind::NotAnInteger) for another value, [`Overflow`](ErrorKind::Overflow) past 64 bits.
pub fn counted(value: &Value, delta: i64, key: &Key) -> Result<i64> {
    let Value::Int(number) = value else {
        let message = format!("{} does not hold an integer", key.shown());
        return Err(Error::new(ErrorKind::NotAnInteger, message));
    };
    number.checked_add(delta).ok_or_else(|| {
        let message = format!("{} would not fit a 64-bit signed integer", key.shown());
        Error::new(ErrorKind::Overflow, message)
    })
}

/// The value of bytes that are taken for a pickle.
#[must_use]
pub fn of_pickle(data: Bytes) -> Value {
    Value::Bytes {
        format: Format::new(Codec::Pickle, Compression::None),
        data,
    }
}

/// Refuses a SERIALIZER and a COMPRESSOR where Django has one way to write values.
///
/// # Errors
/// That name the setting.
pub fn only_pickle(settings: &Settings) -> Result<()> {
    if settings.codec() != Codec::Pickle {
        let message = "Django has pickle here; leave it out";
        return Err(Error::setting("OPTIONS.SERIALIZER", message));
    }
    if settings.is_given("COMPRESSOR") {
        let message = "Django has one way to write values here; leave it out";
        return Err(Error::setting("OPTIONS.COMPRESSOR", message));
    }
    Ok(())
}

fn foreign() -> Error {
    Error::new(
        ErrorKind::Encode,
        "the value is in an encoding that Django does not have",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &crate::Value) -> Value {
        of_pickle(pickle::to_vec(value).unwrap().into())
    }

    #[test]
    fn an_integer_is_read_as_python_reads_it() {
        for (text, number) in [
            ("42", 42),
            (" -7\n", -7),
            ("+1", 1),
            ("12_3", 123),
            ("9 ", 9),
        ] {
            assert_eq!(integer(text.as_bytes()), Some(Value::Int(number)), "{text}");
        }
        for text in [
            "",
            "hello",
            "1.5",
            "_1",
            "1_",
            "1__2",
            "--1",
            "0x1",
            "\u{80}\u{5}N.",
        ] {
            assert_eq!(integer(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn an_integer_of_any_size_is_its_digits_and_back() {
        for digits in [
            "9223372036854775808",
            "-9223372036854775809",
            &"7".repeat(4300),
        ] {
            let value = integer(digits.as_bytes()).unwrap();
            assert_eq!(value, of(&crate::Value::BigInt(digits.parse().unwrap())));
            assert_eq!(plain(value).unwrap(), Plain::Int(digits.to_owned()));
        }
        assert_eq!(integer("7".repeat(4301).as_bytes()), None);
    }

    #[test]
    fn plain_values_are_told_from_pickles() {
        let text = of(&crate::Value::Text("hello".into()));
        assert_eq!(plain(text).unwrap(), Plain::Text("hello".into()));
        let safe = of(&crate::Value::Safe("hello".into()));
        assert!(matches!(plain(safe).unwrap(), Plain::Pickle(_)));
        assert_eq!(plain(Value::raw("x")).unwrap(), Plain::Bytes("x".into()));
        assert_eq!(plain(Value::Int(-7)).unwrap(), Plain::Int("-7".into()));
    }

    #[test]
    fn integers_and_bytes_survive_as_pickles() {
        for value in [
            Value::Int(i64::MIN),
            Value::Int(0),
            Value::raw(""),
            Value::raw(vec![7; 300]),
        ] {
            let pickled = pickled(value.clone()).unwrap();
            assert_eq!(unpickled(pickled), value);
        }
    }

    #[test]
    fn an_encoding_of_our_own_is_refused() {
        let format = Format::new(Codec::Json, Compression::None);
        let data = Bytes::from_static(b"{}");
        let error = pickled(Value::Bytes { format, data }).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Encode);
    }
}
