//! What a template gives as a timeout.

use cachemere_base::Timeout;

/// A value of a template engine, as far as it may be a timeout.
pub(super) enum Given<'a> {
    None,
    Integer(i64),
    Float(f64),
    Text(&'a str),
    /// Anything else: how messages call it.
    Other(&'static str),
}

impl Given<'_> {
    /// Seconds as Python's `int()` reads them, `None` for ever.
    ///
    /// # Errors
    /// What it is instead, for a message.
    pub(super) fn timeout(&self) -> Result<Timeout, &'static str> {
        match *self {
            Self::None => Ok(Timeout::Never),
            Self::Integer(seconds) => Ok(seconds.into()),
            Self::Float(seconds) if seconds.is_finite() => Ok(seconds.trunc().into()),
            Self::Float(_) => Err("no number"),
            Self::Text(text) => integer(text)
                .map(Timeout::from)
                .ok_or("text that is no integer"),
            Self::Other(name) => Err(name),
        }
    }
}

/// `int(text)`: blanks around it, a sign, single underscores between digits.
fn integer(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_written_well = digits
        .split('_')
        .all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
    let is_negative = text.starts_with('-');
    match (is_written_well, is_negative) {
        (false, _) => None,
        (true, true) => Some(0),
        // more than 64 bits of seconds are as many as there are
        (true, false) => Some(digits.replace('_', "").parse().unwrap_or(i64::MAX)),
    }
}

/// The end of a message about a timeout that is none.
pub(super) const WANTED: &str = "give whole seconds, or none for ever";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_what_pythons_int_makes_of_it() {
        let seconds = |seconds: i64| Ok(Timeout::from(seconds));
        for (given, timeout) in [
            (Given::None, Ok(Timeout::Never)),
            (Given::Integer(500), seconds(500)),
            (Given::Integer(-5), seconds(0)),
            (Given::Float(2.9), seconds(2)),
            (Given::Float(-2.9), seconds(0)),
            (Given::Float(0.9), seconds(0)),
            (Given::Text("60"), seconds(60)),
            (Given::Text(" +1_000\n"), seconds(1000)),
            (Given::Text("-5"), seconds(0)),
            (Given::Text("9".repeat(30).as_str()), seconds(i64::MAX)),
        ] {
            assert_eq!(given.timeout(), timeout);
        }
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            "", " ", "fail", "2.9", "1e3", "1__0", "_1", "1_", "+-1", "None", "5m", "٣",
        ] {
            assert_eq!(
                Given::Text(text).timeout(),
                Err("text that is no integer"),
                "{text}"
            );
        }
        for float in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Given::Float(float).timeout(), Err("no number"));
        }
        assert_eq!(Given::Other("a list").timeout(), Err("a list"));
    }
}
