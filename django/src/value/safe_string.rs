use std::{convert::Infallible, fmt, str::FromStr};

use super::text::as_text;
use crate::class;

/// Django's `SafeString`: HTML that needs no escaping, as template fragments are stored.
///
/// Read as a `String` it is its text; written, it stays safe for Django's templates.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct SafeString(pub String);

impl SafeString {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for SafeString {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for SafeString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for SafeString {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

as_text!(SafeString, class::SAFE_STRING, "a text");
