use std::{fmt, str::FromStr};

use super::text::{ParseError, as_text};
use crate::class;

/// Python's `uuid.UUID`: 16 bytes.
///
/// ```
/// use cachemere_django::Uuid;
///
/// let uuid: Uuid = "12345678-1234-5678-1234-567812345678".parse().unwrap();
/// assert_eq!(uuid.as_bytes()[0], 0x12);
/// assert_eq!(uuid.to_string(), "12345678-1234-5678-1234-567812345678");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid([u8; 16]);

impl Uuid {
    /// The UUID of these bytes, the most significant one first.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes, the most significant one first.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, byte) in self.0.iter().enumerate() {
            let hyphen = if [4, 6, 8, 10].contains(&position) {
                "-"
            } else {
                ""
            };
            write!(f, "{hyphen}{byte:02x}")?;
        }
        Ok(())
    }
}

impl FromStr for Uuid {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let digits = text.replace('-', "");
        let is_hex = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = u128::from_str_radix(&digits, 16).ok().filter(|_| is_hex);
        number
            .map(|number| Self(number.to_be_bytes()))
            .ok_or(ParseError("a UUID in 32 hexadecimal digits"))
    }
}

as_text!(Uuid, class::UUID, "a UUID in 32 hexadecimal digits");
