use std::{fmt, str::FromStr, time::Duration};

use super::text::{ParseError, as_text, digits, micros};
use crate::class;

/// Python's `datetime.timedelta`: a time span, to the microsecond, also a negative one.
///
/// As text it is an ISO 8601 duration of days and seconds, where the days alone have the sign as in Python:
///
/// ```
/// use std::time::Duration;
/// use cachemere_django::TimeDelta;
///
/// let delta = TimeDelta::try_from(Duration::from_millis(90_000_500)).unwrap();
/// assert_eq!(delta.to_string(), "P1DT3600.500000S");
/// assert_eq!(Duration::try_from(delta), Ok(Duration::from_millis(90_000_500)));
/// assert_eq!(TimeDelta::new(-1, 86_399, 0).unwrap().to_string(), "-P1DT86399S");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeDelta {
    days: i32,
    seconds: u32,
    microseconds: u32,
}

const MOST_DAYS: i32 = 999_999_999;

impl TimeDelta {
    /// So many days (from -999 999 999 to 999 999 999), and seconds of a day and microseconds of a second on top;
    /// `None` for more of them.
    #[must_use]
    pub const fn new(days: i32, seconds: u32, microseconds: u32) -> Option<Self> {
        let fits =
            -MOST_DAYS <= days && days <= MOST_DAYS && seconds < 86_400 && microseconds < 1_000_000;
        if !fits {
            return None;
        }
        Some(Self {
            days,
            seconds,
            microseconds,
        })
    }

    /// The days, negative ones in a negative span.
    #[must_use]
    pub const fn days(self) -> i32 {
        self.days
    }

    /// The seconds after the days, 0 to 86 399.
    #[must_use]
    pub const fn seconds(self) -> u32 {
        self.seconds
    }

    /// The microseconds after the seconds, 0 to 999 999.
    #[must_use]
    pub const fn microseconds(self) -> u32 {
        self.microseconds
    }
}

impl TryFrom<Duration> for TimeDelta {
    type Error = ParseError;

    /// Cut to microseconds.
    fn try_from(duration: Duration) -> Result<Self, ParseError> {
        let (days, seconds) = (duration.as_secs() / 86_400, duration.as_secs() % 86_400);
        let days = i32::try_from(days).ok();
        let seconds = u32::try_from(seconds).ok();
        days.zip(seconds)
            .and_then(|(days, seconds)| Self::new(days, seconds, duration.subsec_micros()))
            .ok_or(ParseError("at most 999999999 days"))
    }
}

impl TryFrom<TimeDelta> for Duration {
    type Error = ParseError;

    fn try_from(delta: TimeDelta) -> Result<Self, ParseError> {
        let days = u64::try_from(delta.days).map_err(|_error| ParseError("no negative span"))?;
        let seconds = days * 86_400 + u64::from(delta.seconds);
        Ok(Self::new(seconds, delta.microseconds * 1000))
    }
}

impl fmt::Display for TimeDelta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.days < 0 { "-" } else { "" };
        write!(f, "{sign}P{}DT{}", self.days.abs(), self.seconds)?;
        if self.microseconds > 0 {
            write!(f, ".{:06}", self.microseconds)?;
        }
        f.write_str("S")
    }
}

impl FromStr for TimeDelta {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        parse(text).ok_or(ParseError("a time span such as P1DT3600.500000S"))
    }
}

fn parse(text: &str) -> Option<TimeDelta> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (-1, text),
        None => (1, text),
    };
    let (days, rest) = text.strip_prefix('P')?.split_once("DT")?;
    let rest = rest.strip_suffix('S')?;
    let (seconds, fraction) = match rest.split_once('.') {
        Some((seconds, fraction)) => (seconds, micros(fraction)?),
        None => (rest, 0),
    };
    let days: i32 = digits(days, days.len())?;
    TimeDelta::new(sign * days, digits(seconds, seconds.len())?, fraction)
}

as_text!(
    TimeDelta,
    class::TIMEDELTA,
    "a time span such as P1DT3600.500000S"
);
