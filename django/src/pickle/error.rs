use std::{borrow::Cow, fmt};

use serde::{de, ser};

/// Why a pickle cannot be read or written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error(Repr);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Repr {
    Malformed(Cow<'static, str>),
    DoesNotFit,
    Custom(String),
}

impl Error {
    /// Something about the pickle itself, in words without a value of it.
    pub(crate) fn malformed(message: impl Into<Cow<'static, str>>) -> Self {
        Self(Repr::Malformed(message.into()))
    }

    /// An integer that is larger than the type that was asked for.
    pub(crate) fn does_not_fit() -> Self {
        Self(Repr::DoesNotFit)
    }

    /// Whether it is about an integer that is larger than the type that was asked for.
    #[must_use]
    pub const fn is_overflow(&self) -> bool {
        matches!(self.0, Repr::DoesNotFit)
    }

    /// What a type had to say of a value, which may show that value; `None` for what is said here, which never does.
    #[must_use]
    pub fn of_type(&self) -> Option<&str> {
        match &self.0 {
            Repr::Custom(message) => Some(message),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Malformed(message) => f.write_str(message),
            Repr::DoesNotFit => f.write_str("an integer does not fit the type"),
            Repr::Custom(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(Repr::Custom(message.to_string()))
    }
}

impl ser::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(Repr::Custom(message.to_string()))
    }
}
