use std::{fmt, sync::Arc};

/// The version part of a final key: `VERSION` in the settings, or the argument of `version(…)`.
///
/// Text that is a number in its usual spelling is that number: `"2"` and `2` are one version.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Version {
    /// A number, which `incr_version` can count on.
    Number(i64),
    /// Any text.
    Text(Arc<str>),
}

impl Default for Version {
    fn default() -> Self {
        Self::Number(1)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl From<i64> for Version {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<i32> for Version {
    fn from(number: i32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u32> for Version {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u64> for Version {
    /// A number past `i64` is text.
    fn from(number: u64) -> Self {
        i64::try_from(number).map_or_else(|_| Self::Text(number.to_string().into()), Self::Number)
    }
}

impl From<&str> for Version {
    fn from(text: &str) -> Self {
        match text.parse::<i64>() {
            Ok(number) if number.to_string() == text => Self::Number(number),
            _ => Self::Text(text.into()),
        }
    }
}

impl From<String> for Version {
    fn from(text: String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&String> for Version {
    fn from(text: &String) -> Self {
        Self::from(text.as_str())
    }
}

impl From<&Self> for Version {
    fn from(version: &Self) -> Self {
        version.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_a_number_only_in_its_usual_spelling() {
        assert_eq!(Version::from("2"), Version::Number(2));
        assert_eq!(Version::from("-2"), Version::Number(-2));
        for text in ["02", "+2", "", "v2", "2 ", "9223372036854775808"] {
            assert_eq!(Version::from(text), Version::Text(text.into()));
        }
    }
}
