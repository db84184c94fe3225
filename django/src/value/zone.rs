use std::{fmt, str::FromStr};

use super::text::{ParseError, digits, micros};

/// Python's `tzinfo`, as far as it is data.
///
/// ```
/// use cachemere_django::Zone;
///
/// assert_eq!(Zone::UTC.to_string(), "+00:00");
/// assert_eq!("-05:30".parse::<Zone>(), Ok(Zone::offset(-19_800_000_000).unwrap()));
/// assert_eq!(Zone::named("Europe/Berlin").unwrap().to_string(), "[Europe/Berlin]");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Zone(Repr);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Repr {
    Offset(i64),
    Named(Box<str>),
}

const DAY: i64 = 86_400_000_000;

impl Zone {
    /// `datetime.timezone.utc`.
    pub const UTC: Self = Self(Repr::Offset(0));

    /// `datetime.timezone` of so many microseconds east of UTC; `None` for a day and more.
    #[must_use]
    pub const fn offset(microseconds: i64) -> Option<Self> {
        if -DAY < microseconds && microseconds < DAY {
            Some(Self(Repr::Offset(microseconds)))
        } else {
            None
        }
    }

    /// `zoneinfo.ZoneInfo` of this name; `None` for a text that is no such name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte);
        let is_name = (1..=255).contains(&name.len()) && name.bytes().all(is_fit);
        is_name.then(|| Self(Repr::Named(name.into())))
    }

    /// The microseconds east of UTC, unless it is a named zone.
    #[must_use]
    pub const fn as_offset(&self) -> Option<i64> {
        match &self.0 {
            Repr::Offset(microseconds) => Some(*microseconds),
            Repr::Named(_) => None,
        }
    }

    /// The name, unless it is an offset.
    #[must_use]
    pub fn as_name(&self) -> Option<&str> {
        match &self.0 {
            Repr::Offset(_) => None,
            Repr::Named(name) => Some(name),
        }
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = match &self.0 {
            Repr::Named(name) => return write!(f, "[{name}]"),
            Repr::Offset(micros) => micros,
        };
        let sign = if *micros < 0 { '-' } else { '+' };
        let (seconds, fraction) = (micros.abs() / 1_000_000, micros.abs() % 1_000_000);
        write!(f, "{sign}{:02}:{:02}", seconds / 3600, seconds / 60 % 60)?;
        if seconds % 60 > 0 || fraction > 0 {
            write!(f, ":{:02}", seconds % 60)?;
        }
        if fraction > 0 {
            write!(f, ".{fraction:06}")?;
        }
        Ok(())
    }
}

impl FromStr for Zone {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        parse(text).ok_or(ParseError("a time zone such as +01:00 or [Europe/Berlin]"))
    }
}

fn parse(text: &str) -> Option<Zone> {
    if text == "Z" {
        return Some(Zone::UTC);
    }
    if let Some(name) = text.strip_prefix('[') {
        return Zone::named(name.strip_suffix(']')?);
    }
    let (sign, clock) = match (text.strip_prefix('+'), text.strip_prefix('-')) {
        (Some(clock), _) => (1, clock),
        (None, clock) => (-1, clock?),
    };
    let (clock, fraction) = match clock.split_once('.') {
        Some((clock, fraction)) => (clock, micros(fraction)?),
        None => (clock, 0),
    };
    let mut seconds: i64 = 0;
    let mut parts = clock.split(':');
    for most in [23, 59, 59] {
        let part: i64 = parts.next().map_or(Some(0), |part| digits(part, 2))?;
        seconds = seconds * 60 + (part <= most).then_some(part)?;
    }
    parts.next().is_none().then_some(())?;
    Zone::offset(sign * (seconds * 1_000_000 + i64::from(fraction)))
}
