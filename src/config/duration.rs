use std::time::Duration;

use cachemere_base::{Timeout, Ttl};
use figment::value::{Num, Value};

/// What a wrong duration is told.
pub(super) const EXPECTED: &str =
    "expected seconds (`300`), or a text such as `\"5m\"`, `\"1h30m\"`, `\"500ms\"` or `\"never\"`";

/// The lifetime of a setting; `None` if it is none.
///
/// - A number, also as text, is seconds; zero and less is "expired at once".
/// - Text is read as [`Timeout`] reads it.
pub(super) fn ttl(value: &Value) -> Option<Ttl> {
    let timeout = match value {
        Value::Num(_, number) => number_of(*number),
        Value::String(_, text) => text.parse().ok()?,
        _ => return None,
    };
    timeout.resolve(None).ok()
}

fn number_of(number: Num) -> Timeout {
    let seconds = number.to_i128().or_else(|| {
        let unsigned = number.to_u128()?;
        i128::try_from(unsigned).ok()
    });
    match seconds {
        Some(seconds) if seconds <= 0 => Timeout::After(Duration::ZERO),
        Some(seconds) => u64::try_from(seconds).map_or(Timeout::Never, Timeout::from),
        None => Timeout::from(number.to_f64().unwrap_or(f64::NAN)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_as_a_timeout() {
        assert_eq!(
            ttl(&Value::from("1h30m")),
            Some(Some(Duration::from_secs(5400)))
        );
        assert_eq!(ttl(&Value::from("never")), Some(None));
        assert_eq!(ttl(&Value::from("soon")), None);
    }

    #[test]
    fn numbers_are_seconds_and_only_nan_is_refused() {
        let seconds = |seconds| Some(Some(Duration::from_secs(seconds)));
        assert_eq!(ttl(&Value::from(60)), seconds(60));
        assert_eq!(ttl(&Value::from(60_u8)), seconds(60));
        assert_eq!(ttl(&Value::from(-1)), seconds(0));
        assert_eq!(ttl(&Value::from(i128::MAX)), Some(None));
        assert_eq!(
            ttl(&Value::from(0.5)),
            Some(Some(Duration::from_millis(500)))
        );
        assert_eq!(ttl(&Value::from(f64::INFINITY)), Some(None));
        assert_eq!(ttl(&Value::from(f64::NAN)), None);
        assert_eq!(ttl(&Value::from(true)), None);
    }
}
