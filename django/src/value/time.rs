use std::{fmt, str::FromStr};

use super::{
    text::{ParseError, as_text, digits, micros},
    zone::Zone,
};
use crate::class;

/// Python's `datetime.time`: a time of day, to the microsecond.
///
/// ```
/// use cachemere_django::Time;
///
/// let time = Time::new(9, 30, 0, 250_000).unwrap();
/// assert_eq!(time.to_string(), "09:30:00.250000");
/// assert_eq!("09:30:00.25".parse(), Ok(time));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Time {
    hour: u8,
    minute: u8,
    second: u8,
    microsecond: u32,
    /// Python's `fold`: whether it is the second one of two equal times of a day with a change of the clock.
    pub(crate) is_second: bool,
    pub(crate) zone: Option<Zone>,
}

impl Time {
    /// This time of day, in no time zone; `None` if there is no such time.
    #[must_use]
    pub const fn new(hour: u8, minute: u8, second: u8, microsecond: u32) -> Option<Self> {
        if hour > 23 || minute > 59 || second > 59 || microsecond > 999_999 {
            return None;
        }
        Some(Self {
            hour,
            minute,
            second,
            microsecond,
            is_second: false,
            zone: None,
        })
    }

    /// The same time of day in this zone.
    #[must_use]
    pub fn with_zone(self, zone: Zone) -> Self {
        Self {
            zone: Some(zone),
            ..self
        }
    }

    /// The hour, 0 to 23.
    #[must_use]
    pub const fn hour(&self) -> u8 {
        self.hour
    }

    /// The minute, 0 to 59.
    #[must_use]
    pub const fn minute(&self) -> u8 {
        self.minute
    }

    /// The second, 0 to 59.
    #[must_use]
    pub const fn second(&self) -> u8 {
        self.second
    }

    /// The microsecond, 0 to 999 999.
    #[must_use]
    pub const fn microsecond(&self) -> u32 {
        self.microsecond
    }

    /// The time zone; `None` for a naive time.
    #[must_use]
    pub const fn zone(&self) -> Option<&Zone> {
        self.zone.as_ref()
    }
}

impl fmt::Display for Time {
    /// As RFC 9557 has it: the zone by its offset or its name, and `[_fold=1]` where Python's `fold` is 1.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}:{:02}", self.hour, self.minute, self.second)?;
        if self.microsecond > 0 {
            write!(f, ".{:06}", self.microsecond)?;
        }
        if let Some(zone) = &self.zone {
            fmt::Display::fmt(zone, f)?;
        }
        f.write_str(if self.is_second { FOLD } else { "" })
    }
}

const FOLD: &str = "[_fold=1]";

impl FromStr for Time {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        parse(text).ok_or(ParseError("a time such as 09:30:00.25"))
    }
}

fn parse(text: &str) -> Option<Time> {
    let (text, is_second) = match text.strip_suffix(FOLD) {
        Some(text) => (text, true),
        None => (text, false),
    };
    let end = text.find(['Z', '+', '-', '[']).unwrap_or(text.len());
    let (clock, zone) = text.split_at(end);
    let (clock, fraction) = match clock.split_once('.') {
        Some((clock, fraction)) => (clock, micros(fraction)?),
        None => (clock, 0),
    };
    let mut parts = clock.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    let (hour, minute, second) = (digits(hour, 2)?, digits(minute, 2)?, digits(second, 2)?);
    let time = Time::new(hour, minute, second, fraction)?;
    let zone = match zone {
        "" => None,
        zone => Some(zone.parse().ok()?),
    };
    parts.next().is_none().then_some(Time {
        is_second,
        zone,
        ..time
    })
}

as_text!(Time, class::TIME, "a time such as 09:30:00.25");
