use std::{fmt, str::FromStr, time::Duration};

use serde::{
    Deserialize, Deserializer,
    de::{self, Unexpected, Visitor},
};

use super::Timeout;
use crate::{Error, ErrorKind};

/// A day: nothing waits longer.
const MOST: Duration = Duration::from_secs(86_400);

/// A time to wait for something, as an option gives it: more than nothing, a day at most.
///
/// Reads seconds (`5`, `0.5`) and what [`Timeout`] reads as text (`"500ms"`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait(Duration);

impl Wait {
    /// What a wrong one is told.
    pub const EXPECTED: &'static str =
        "seconds to wait (`5`, `0.5`) or a text such as `\"500ms\"`, more than 0 and at most a day";

    /// So many seconds: 1 to 86,400, and what is outside is moved to the next of these.
    #[must_use]
    pub const fn seconds(seconds: u32) -> Self {
        Self(match seconds {
            0 => Duration::from_secs(1),
            1..=86_400 => Duration::from_secs(seconds as u64),
            _ => MOST,
        })
    }

    /// The time.
    #[must_use]
    pub const fn duration(self) -> Duration {
        self.0
    }

    fn checked(timeout: Timeout) -> Option<Self> {
        match timeout {
            Timeout::After(duration) if !duration.is_zero() && duration <= MOST => {
                Some(Self(duration))
            }
            _ => None,
        }
    }
}

impl From<Wait> for Duration {
    fn from(wait: Wait) -> Self {
        wait.0
    }
}

impl FromStr for Wait {
    type Err = Error;

    /// Reads what [`Timeout`] reads: `"500ms"`.
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::checked(text.parse()?).ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidTimeout,
                format!("expected {}", Self::EXPECTED),
            )
        })
    }
}

impl<'de> Deserialize<'de> for Wait {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl Visitor<'_> for Reader {
    type Value = Wait;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Wait::EXPECTED)
    }

    fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Wait, E> {
        Wait::checked(seconds.into())
            .ok_or_else(|| E::invalid_value(Unexpected::Signed(seconds), &self))
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Wait, E> {
        Wait::checked(seconds.into())
            .ok_or_else(|| E::invalid_value(Unexpected::Unsigned(seconds), &self))
    }

    fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<Wait, E> {
        Wait::checked(seconds.into())
            .ok_or_else(|| E::invalid_value(Unexpected::Float(seconds), &self))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Wait, E> {
        text.parse()
            .map_err(|_error| E::invalid_value(Unexpected::Other("text"), &self))
    }
}

#[cfg(test)]
mod tests {
    use serde::de::value::{
        Error as ValueError, F64Deserializer, I64Deserializer, StrDeserializer, U64Deserializer,
    };

    use super::*;

    #[test]
    fn numbers_are_seconds_and_text_has_units() {
        let of = |deserialized: Result<Wait, ValueError>| deserialized.map(Wait::duration).ok();
        assert_eq!(
            of(Wait::deserialize(I64Deserializer::new(5))),
            Some(Duration::from_secs(5))
        );
        assert_eq!(
            of(Wait::deserialize(U64Deserializer::new(86_400))),
            Some(MOST)
        );
        assert_eq!(
            of(Wait::deserialize(F64Deserializer::new(0.5))),
            Some(Duration::from_millis(500))
        );
        assert_eq!(
            of(Wait::deserialize(StrDeserializer::new("500ms"))),
            Some(Duration::from_millis(500))
        );
        for text in ["never", "0", "-1", "2d", "soon", ""] {
            assert_eq!(
                of(Wait::deserialize(StrDeserializer::new(text))),
                None,
                "{text}"
            );
        }
        for seconds in [0, -1, i64::MAX, i64::MIN] {
            assert_eq!(
                of(Wait::deserialize(I64Deserializer::new(seconds))),
                None,
                "{seconds}"
            );
        }
        for seconds in [0.0, -0.5, f64::NAN, f64::INFINITY] {
            assert_eq!(
                of(Wait::deserialize(F64Deserializer::new(seconds))),
                None,
                "{seconds}"
            );
        }
    }
}
