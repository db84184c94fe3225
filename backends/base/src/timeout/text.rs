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
    let timeout = match amount(rest) {
        Some(seconds) => Timeout::from(seconds),
        None => Timeout::After(sum(rest)?),
    };
    Some(if negative {
        Timeout::After(Duration::ZERO)
    } else {
        timeout
    })
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
        let seconds = amount(number.trim_end())? * seconds_of(unit)?;
        total = total.checked_add(Duration::try_from_secs_f64(seconds).ok()?)?;
        rest = tail.trim_start();
        if rest.is_empty() {
            return Some(total);
        }
    }
}

/// `60`, `1.5` and `1_000`: neither a sign, nor an exponent, nor `inf`.
fn amount(text: &str) -> Option<f64> {
    let inner = |c: char| c.is_ascii_digit() || matches!(c, '.' | '_');
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    if !text.chars().all(inner) || !edge(text.chars().next()) || !edge(text.chars().next_back()) {
        return None;
    }
    text.replace('_', "").parse().ok()
}

fn seconds_of(unit: &str) -> Option<f64> {
    Some(match unit.to_ascii_lowercase().as_str() {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86400.0,
        "w" => 604_800.0,
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
        for text in ["300ms", "1s500ms", "5m", "1h30m", "7d", "0", "never"] {
            assert_eq!(text.parse::<Timeout>().unwrap().to_string(), text);
        }
    }
}
