use std::{fmt, str::FromStr};

use super::text::{ParseError, as_text};
use crate::class;

/// Python's `decimal.Decimal`, as its text: digits as they were given, trailing zeros included.
///
/// ```
/// use cachemere_django::Decimal;
///
/// let price: Decimal = "19.90".parse().unwrap();
/// assert_eq!(price.as_str(), "19.90");
/// assert!("nineteen".parse::<Decimal>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decimal(Box<str>);

impl Decimal {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Decimal {
    type Err = ParseError;

    /// What Python's `str` makes of one: a number with a point and an exponent, `Infinity`, `NaN`, `sNaN`.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        if is_decimal(text) {
            Ok(Self(text.into()))
        } else {
            Err(ParseError("a decimal such as 19.90"))
        }
    }
}

fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(diagnosis) = unsigned
        .strip_prefix('s')
        .unwrap_or(unsigned)
        .strip_prefix("NaN")
    {
        return all_digits(diagnosis);
    }
    if unsigned == "Infinity" {
        return true;
    }
    let (number, exponent) = match unsigned.split_once(['E', 'e']) {
        Some((number, exponent)) => (number, exponent),
        None => (unsigned, "0"),
    };
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    !exponent.is_empty()
        && all_digits(exponent)
        && whole.len() + fraction.len() > 0
        && all_digits(whole)
        && all_digits(fraction)
}

as_text!(Decimal, class::DECIMAL, "a decimal such as 19.90", or_number: true);
