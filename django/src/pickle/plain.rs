//! A pickle of nothing but an integer, a text or bytes.

use std::ops::Range;

use super::{opcode::*, output::Output};
use crate::BigInt;

/// What a pickle of one plain value holds.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Plain {
    Int(BigInt),
    /// Where its UTF-8 is.
    Text(Range<usize>),
    /// Where they are.
    Bytes(Range<usize>),
}

/// The plain value of a pickle; `None` if it holds something else.
pub(crate) fn plain(pickle: &[u8]) -> Option<Plain> {
    let mut at = 0;
    if let [PROTO, 0..=5, ..] = pickle {
        at += 2;
    }
    if pickle.get(at) == Some(&FRAME) {
        at += 9;
    }
    let opcode = *pickle.get(at)?;
    at += 1;
    let width = match opcode {
        SHORT_BINUNICODE | SHORT_BINBYTES | LONG1 => 1,
        BINUNICODE | BINBYTES | LONG4 => 4,
        BINUNICODE8 | BINBYTES8 => 8,
        _ => 0,
    };
    let length = match (opcode, width) {
        (BININT1, _) => 1,
        (BININT2, _) => 2,
        (BININT, _) => 4,
        (_, 0) => return None,
        (_, width) => number(pickle.get(at..at + width)?)?,
    };
    at += width;
    let content = at..at.checked_add(length)?;
    let bytes = pickle.get(content.clone())?;
    if !is_end(&pickle[content.end..]) {
        return None;
    }
    Some(match opcode {
        SHORT_BINUNICODE | BINUNICODE | BINUNICODE8 => {
            std::str::from_utf8(bytes).ok()?;
            Plain::Text(content)
        }
        SHORT_BINBYTES | BINBYTES | BINBYTES8 => Plain::Bytes(content),
        BININT1 | BININT2 => Plain::Int(BigInt::from_le_bytes(&[bytes, &[0]].concat())),
        _ if length > BigInt::MOST_BYTES => return None,
        _ => Plain::Int(BigInt::from_le_bytes(bytes)),
    })
}

/// Whether nothing follows but that the value is remembered.
fn is_end(rest: &[u8]) -> bool {
    matches!(
        rest,
        [STOP] | [MEMOIZE, STOP] | [BINPUT, _, STOP] | [LONG_BINPUT, _, _, _, _, STOP]
    )
}

/// A length, little endian.
fn number(bytes: &[u8]) -> Option<usize> {
    let mut number = [0; 8];
    number[..bytes.len()].copy_from_slice(bytes);
    usize::try_from(u64::from_le_bytes(number)).ok()
}

pub(crate) fn of_int(number: i64) -> Vec<u8> {
    of(|output| output.int(number))
}

pub(crate) fn of_big(number: &BigInt) -> Vec<u8> {
    of(|output| output.big(number))
}

pub(crate) fn of_text(text: &str) -> Vec<u8> {
    of(|output| output.text(text))
}

pub(crate) fn of_bytes(bytes: &[u8]) -> Vec<u8> {
    of(|output| output.bytes(bytes))
}

fn of(write: impl FnOnce(&mut Output)) -> Vec<u8> {
    let mut output = Output::new();
    write(&mut output);
    output.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pickle_that_is_not_plain_is_none() {
        for pickle in [
            &b""[..],
            b"\x80\x05N.",
            b"\x80\x05]\x94.",
            b"\x80\x05K",
            b"\x80\x05K\x01",
            b"\x80\x05K\x01K\x02.",
            b"\x8d\xff\xff\xff\xff\xff\xff\xff\xff.",
            b"\x8c\x01\xff\x94.",
        ] {
            assert_eq!(plain(pickle), None, "{pickle:?}");
        }
    }

    #[test]
    fn a_plain_pickle_is_what_the_machine_makes_of_it() {
        for number in [0, 255, 256, 65_535, 65_536, -1, i64::MAX, i64::MIN] {
            assert_eq!(plain(&of_int(number)), Some(Plain::Int(number.into())));
            assert_eq!(super::super::from_slice::<i64>(&of_int(number)), Ok(number));
        }
        for length in [0, 255, 256, 70_000] {
            let text = "x".repeat(length);
            let pickle = of_text(&text);
            let Some(Plain::Text(at)) = plain(&pickle) else {
                panic!("not a text");
            };
            assert_eq!(&pickle[at], text.as_bytes());
        }
    }
}
