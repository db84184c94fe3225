use std::{fmt, str::FromStr, time::Duration};

use super::Timeout;
use crate::{Error, ErrorKind};

/// The units that are written out, largest first, in milliseconds.
const UNITS: [(&str, u128); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1_000),
    ("ms", 1),
];

impl FromStr for Timeout {
    type Err = Error;

    /// Reads seconds (`300`, `1.5`, `1_000`), numbers with the units `ms`, `s`, `m`, `h`, `d`, `w` (`5m`, `1h30m`), or
    /// `never`. What is negative is expired at once.
    ///
    /// ```
    /// use cachemere_base::Timeout;
    ///
    /// assert_eq!("1h30m".parse::<Timeout>()?, Timeout::from(5400));
    /// assert_eq!("never".parse::<Timeout>()?, Timeout::Never);
    /// assert_eq!(Timeout::from(5400).to_string(), "1h30m");
    /// # Ok::<(), cachemere_base::Error>(())
    /// ```
    fn from_str(text: &str) -> Result<Self, Error> {
        parse(text.trim()).ok_or_else(|| {
            let message =
                "expected seconds (`300`), or a text such as `5m`, `1h30m`, `500ms` or `never`";
            Error::new(ErrorKind::InvalidTimeout, message)
        })
    }
}

fn parse(text: &str) -> Option<Timeout> {
    if text.eq_ignore_ascii_case("never") {
        return Some(Timeout::Never);
    }
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let duration = amount(rest, SECOND).or_else(|| sum(rest))?;
    Some(Timeout::After(if negative {
        Duration::ZERO
    } else {
        duration
    }))
}

/// What amounts with units come to, in whatever order.
fn sum(mut rest: &str) -> Option<Duration> {
    let mut total = Duration::ZERO;
    loop {
        let (number, tail) = rest.split_at(rest.find(|c: char| c.is_ascii_alphabetic())?);
        let end = tail
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(tail.len());
        let (unit, tail) = tail.split_at(end);
        total = total.checked_add(amount(number.trim_end(), nanoseconds(unit)?)?)?;
        rest = tail.trim_start();
        if rest.is_empty() {
            return Some(total);
        }
    }
}

/// So much of a unit: `60`, `1.5` and `1_000`, neither with a sign, nor an exponent, nor `inf`. Exact to the nanosecond.
fn amount(text: &str, unit: u128) -> Option<Duration> {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    if !edge(text.chars().next()) || !edge(text.chars().next_back()) {
        return None;
    }
    let text = text.replace('_', "");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let billionths: u128 = format!("{fraction:0<9.9}").parse().ok()?;
    let whole = whole.parse::<u128>().ok()?.checked_mul(unit)?;
    let nanoseconds = whole.checked_add(billionths * unit / SECOND)?;
    let seconds = u64::try_from(nanoseconds / SECOND).ok()?;
    let rest = u32::try_from(nanoseconds % SECOND).ok()?;
    Some(Duration::new(seconds, rest))
}

const SECOND: u128 = 1_000_000_000;

fn nanoseconds(unit: &str) -> Option<u128> {
    Some(match unit.to_ascii_lowercase().as_str() {
        "ms" => SECOND / 1000,
        "s" => SECOND,
        "m" => 60 * SECOND,
        "h" => 3600 * SECOND,
        "d" => 86_400 * SECOND,
        "w" => 604_800 * SECOND,
        _ => return None,
    })
}

impl fmt::Display for Timeout {
    /// As [`FromStr`] reads it, to the millisecond; [`Default`](Timeout::Default) is `default`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let duration = match self {
            Self::Default => return f.write_str("default"),
            Self::Never => return f.write_str("never"),
            Self::NotANumber => return f.write_str("NaN"),
            Self::After(duration) => duration,
        };
        let mut rest = duration.as_millis();
        if rest == 0 {
            return f.write_str("0");
        }
        for (unit, size) in UNITS {
            if rest >= size {
                write!(f, "{}{unit}", rest / size)?;
                rest %= size;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_add_up() {
        for (text, milliseconds) in [
            ("60", 60_000),
            ("  7 ", 7_000),
            ("1_000", 1_000_000),
            ("1.5", 1_500),
            ("5m", 300_000),
            ("1h30m", 5_400_000),
            ("1h 30m", 5_400_000),
            ("1.5h", 5_400_000),
            ("2d", 172_800_000),
            ("1w", 604_800_000),
            ("500ms", 500),
            ("1s500ms", 1_500),
            ("5M", 300_000),
            ("0", 0),
            ("-5", 0),
            ("-5m", 0),
        ] {
            assert_eq!(
                text.parse::<Timeout>().unwrap(),
                Timeout::After(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
        assert_eq!("Never".parse::<Timeout>().unwrap(), Timeout::Never);
    }

    #[test]
    fn other_texts_are_no_timeouts() {
        for text in [
            "",
            "-",
            "+",
            "abc",
            "5x",
            "m",
            "5m3",
            "1e3",
            "inf",
            "nan",
            "_1",
            "1_",
            "--5",
            "5 5",
            "1..5",
            "5mm",
            "0x10",
            "99999999999999999999d",
        ] {
            assert_eq!(
                text.parse::<Timeout>().unwrap_err().kind(),
                ErrorKind::InvalidTimeout,
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_shown_can_be_read_again() {
        for text in [
            "90015946501594d15h42m56s",
            "1d1ms",
            "300ms",
            "1s500ms",
            "5m",
            "1h30m",
            "7d",
            "0",
            "never",
        ] {
            assert_eq!(text.parse::<Timeout>().unwrap().to_string(), text);
        }
    }
}
