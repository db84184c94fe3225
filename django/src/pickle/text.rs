//! The text that protocols 0 and 1 write things in.

use std::borrow::Cow;

use super::error::Error;
use crate::BigInt;

/// An integer in decimal, as `I` and `L` have it.
pub(super) fn integer(line: &[u8]) -> Result<BigInt, Error> {
    let text = ascii(line)?.trim();
    let text = text.strip_suffix('L').unwrap_or(text);
    text.parse()
        .map_err(|_error| Error::malformed("an integer in it is none"))
}

pub(super) fn float(line: &[u8]) -> Result<f64, Error> {
    let number = ascii(line)?.trim().parse();
    number.map_err(|_error| Error::malformed("a float in it is none"))
}

/// An index of the memo.
pub(super) fn index(line: &[u8]) -> Result<u32, Error> {
    let number = ascii(line)?.trim().parse();
    number.map_err(|_error| Error::malformed("an index of the memo is no number"))
}

/// A text of Python 2 in quotes, with escapes.
pub(super) fn quoted(line: &[u8]) -> Result<String, Error> {
    let line = ascii(line)?.trim();
    let quote = line
        .chars()
        .next()
        .filter(|quote| ['\'', '"'].contains(quote));
    let inside = quote.and_then(|quote| line.strip_prefix(quote)?.strip_suffix(quote));
    let inside = inside.ok_or_else(|| Error::malformed("a text in it has no quotes"))?;
    let mut text = String::with_capacity(inside.len());
    let mut rest = inside.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        let unescaped = match rest.next() {
            Some(plain @ ('\\' | '\'' | '"')) => Some(plain),
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('x') => hex(&mut rest, 2).filter(char::is_ascii),
            _ => None,
        };
        text.push(unescaped.ok_or_else(|| Error::malformed("a text in it has an unknown escape"))?);
    }
    Ok(text)
}

/// Latin 1 with `\u` and `\U` escapes.
pub(super) fn escaped(line: &[u8]) -> Result<Cow<'_, str>, Error> {
    if line.is_ascii() && !line.contains(&b'\\') {
        return ascii(line).map(Cow::Borrowed);
    }
    let mut text = String::with_capacity(line.len());
    let mut rest = line.iter().copied().map(char::from);
    while let Some(c) = rest.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        let digits = match rest.clone().next() {
            Some('u') => 4,
            Some('U') => 8,
            _ => {
                text.push('\\');
                continue;
            }
        };
        rest.next();
        let unescaped = hex(&mut rest, digits);
        text.push(
            unescaped.ok_or_else(|| {
                Error::malformed("a text in it has an escape that is no character")
            })?,
        );
    }
    Ok(text.into())
}

fn hex(digits: &mut impl Iterator<Item = char>, count: usize) -> Option<char> {
    let number = (0..count).try_fold(0_u32, |number, _| {
        Some(number * 16 + digits.next()?.to_digit(16)?)
    });
    char::from_u32(number?)
}

pub(super) fn ascii(bytes: &[u8]) -> Result<&str, Error> {
    let text = std::str::from_utf8(bytes)
        .ok()
        .filter(|text| text.is_ascii());
    text.ok_or_else(|| Error::malformed("a text in it is not ASCII"))
}
