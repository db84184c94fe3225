use std::{fmt, str::FromStr};

use super::text::{ParseError, as_text};
use crate::class;

/// A Python `int` of any size.
///
/// ```
/// use cachemere_django::BigInt;
///
/// let big: BigInt = "18446744073709551616".parse().unwrap();
/// assert_eq!(i128::try_from(&big), Ok(1 << 64));
/// assert_eq!(BigInt::from(-7_i64).to_string(), "-7");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BigInt(num_bigint::BigInt);

impl BigInt {
    /// A pickle with a larger one is refused: numbers of this size are still fast to show and to parse.
    pub(crate) const MOST_BYTES: usize = 16 << 10;
    /// What the largest of them has.
    const MOST_DIGITS: usize = 39_457;

    /// From two's complement, little endian, as pickle has it.
    pub(crate) fn from_le_bytes(bytes: &[u8]) -> Self {
        Self(num_bigint::BigInt::from_signed_bytes_le(bytes))
    }

    /// In two's complement, little endian, in as few bytes as can be.
    pub(crate) fn to_le_bytes(&self) -> Vec<u8> {
        self.0.to_signed_bytes_le()
    }
}

impl From<i64> for BigInt {
    fn from(number: i64) -> Self {
        Self(number.into())
    }
}

impl From<i128> for BigInt {
    fn from(number: i128) -> Self {
        Self(number.into())
    }
}

macro_rules! narrowed {
    ($($type:ty)*) => {
        $(impl TryFrom<&BigInt> for $type {
            type Error = ParseError;

            fn try_from(number: &BigInt) -> Result<Self, ParseError> {
                let fits = Self::try_from(&number.0);
                fits.map_err(|_error| ParseError(concat!("an integer that fits `", stringify!($type), "`")))
            }
        })*
    };
}

narrowed! { i64 u64 i128 u128 }

impl fmt::Display for BigInt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for BigInt {
    type Err = ParseError;

    /// Decimal digits and perhaps a sign; at most 39 457 of them.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        let is_fit = (1..=Self::MOST_DIGITS).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = is_fit.then(|| text.parse().ok()).flatten();
        number.map(Self).ok_or(ParseError("an integer"))
    }
}

as_text!(BigInt, class::INT, "an integer", or_number: true);
