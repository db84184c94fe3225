use std::{fmt, str::FromStr};

use super::{
    date::Date,
    text::{ParseError, as_text},
    time::Time,
    zone::Zone,
};
use crate::class;

/// Python's `datetime.datetime`: a day, a time of day and perhaps a zone.
///
/// In pickle it is what Python writes and reads, also as a field of a type of yours; in other formats it is text, which
/// the crates `chrono`, `jiff` and `time` parse, as they parse what serde reads of a pickled one.
///
/// ```
/// use cachemere_django::{Date, DateTime, Time, Zone};
///
/// let noon = Time::new(12, 0, 0, 0).unwrap().with_zone(Zone::UTC);
/// let date_time = DateTime::new(Date::new(2026, 11, 26).unwrap(), noon);
/// assert_eq!(date_time.to_string(), "2026-11-26T12:00:00+00:00");
/// assert_eq!("2026-11-26 12:00:00Z".parse(), Ok(date_time));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DateTime {
    date: Date,
    time: Time,
}

impl DateTime {
    /// This time on this day, in the zone of the time.
    #[must_use]
    pub const fn new(date: Date, time: Time) -> Self {
        Self { date, time }
    }

    /// The day.
    #[must_use]
    pub const fn date(&self) -> Date {
        self.date
    }

    /// The time of day, with the zone.
    #[must_use]
    pub const fn time(&self) -> &Time {
        &self.time
    }

    /// The time zone; `None` for a naive one.
    #[must_use]
    pub const fn zone(&self) -> Option<&Zone> {
        self.time.zone()
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}T{}", self.date, self.time)
    }
}

impl FromStr for DateTime {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let parts = text.split_once(['T', ' ']);
        let parsed =
            parts.and_then(|(date, time)| Some(Self::new(date.parse().ok()?, time.parse().ok()?)));
        parsed.ok_or(ParseError("a time such as 2026-11-26T12:00:00+00:00"))
    }
}

as_text!(
    DateTime,
    class::DATETIME,
    "a time such as 2026-11-26T12:00:00+00:00"
);
