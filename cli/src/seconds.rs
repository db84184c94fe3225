use std::time::Duration;

use serde_json::Number;

/// Seconds, to the millisecond, without a fraction where there is none.
pub(crate) fn seconds(duration: Duration) -> Number {
    if duration.subsec_millis() == 0 {
        return duration.as_secs().into();
    }
    let milliseconds = duration.as_millis() as f64;
    Number::from_f64(milliseconds / 1_000.0).unwrap_or_else(|| duration.as_secs().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_seconds_have_no_fraction() {
        assert_eq!(seconds(Duration::from_secs(300)).to_string(), "300");
        assert_eq!(seconds(Duration::from_millis(299_500)).to_string(), "299.5");
    }
}
