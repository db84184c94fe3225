use std::time::Duration;

mod text;
mod wait;

pub use wait::Wait;

use crate::{Error, ErrorKind, Result};

/// How long a store keeps an entry: `None` for ever, `Some(ZERO)` not at all.
pub type Ttl = Option<Duration>;

/// The timeout of the alias, as `TIMEOUT` in its settings says.
pub const DEFAULT_TIMEOUT: Timeout = Timeout::Default;

/// How long a value is kept: the `timeout` argument of the API.
///
/// - Numbers are seconds; zero and negative numbers mean "already expired".
/// - `None` means for ever, [`DEFAULT_TIMEOUT`] what the alias says.
/// - A float that is not a number is an error when it is used; one past the range of [`Duration`] means for ever.
///
/// ```
/// use std::time::Duration;
/// use cachemere_base::Timeout;
///
/// assert_eq!(Timeout::from(30), Timeout::After(Duration::from_secs(30)));
/// assert_eq!(Timeout::from(-1), Timeout::After(Duration::ZERO));
/// assert_eq!(Timeout::from(None), Timeout::Never);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Timeout {
    /// The alias' own.
    Default,
    /// The value does not expire.
    Never,
    /// The value expires after this time.
    After(Duration),
    #[doc(hidden)]
    NotANumber,
}

impl Timeout {
    /// The lifetime to give to the store, with the alias' default.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidTimeout`] for a float that is not a number.
    pub fn resolve(self, default: Ttl) -> Result<Ttl> {
        match self {
            Self::Default => Ok(default),
            Self::Never => Ok(None),
            Self::After(duration) => Ok(Some(duration)),
            Self::NotANumber => Err(Error::new(
                ErrorKind::InvalidTimeout,
                "the timeout is not a number (NaN); give seconds, a `Duration`, `None` for ever, or `DEFAULT_TIMEOUT`",
            )),
        }
    }
}

impl From<Duration> for Timeout {
    fn from(duration: Duration) -> Self {
        Self::After(duration)
    }
}

impl From<Option<Duration>> for Timeout {
    fn from(ttl: Option<Duration>) -> Self {
        ttl.map_or(Self::Never, Self::After)
    }
}

impl From<u32> for Timeout {
    fn from(seconds: u32) -> Self {
        Self::After(Duration::from_secs(seconds.into()))
    }
}

impl From<u64> for Timeout {
    fn from(seconds: u64) -> Self {
        Self::After(Duration::from_secs(seconds))
    }
}

impl From<usize> for Timeout {
    fn from(seconds: usize) -> Self {
        Self::After(Duration::from_secs(seconds.try_into().unwrap_or(u64::MAX)))
    }
}

impl From<i32> for Timeout {
    fn from(seconds: i32) -> Self {
        Self::from(i64::from(seconds))
    }
}

impl From<i64> for Timeout {
    fn from(seconds: i64) -> Self {
        Self::After(Duration::from_secs(seconds.try_into().unwrap_or(0)))
    }
}

impl From<f32> for Timeout {
    fn from(seconds: f32) -> Self {
        Self::from(f64::from(seconds))
    }
}

impl From<f64> for Timeout {
    fn from(seconds: f64) -> Self {
        if seconds.is_nan() {
            return Self::NotANumber;
        }
        Duration::try_from_secs_f64(seconds.max(0.0)).map_or(Self::Never, Self::After)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_seconds_and_only_nan_is_an_error() {
        assert_eq!(
            Timeout::from(1.5),
            Timeout::After(Duration::from_millis(1500))
        );
        assert_eq!(Timeout::from(-0.5), Timeout::After(Duration::ZERO));
        assert_eq!(Timeout::from(f64::INFINITY), Timeout::Never);
        assert_eq!(
            Timeout::from(f64::NEG_INFINITY),
            Timeout::After(Duration::ZERO)
        );
        let error = Timeout::from(f64::NAN).resolve(None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidTimeout);
    }

    #[test]
    fn the_default_is_the_aliass_own() {
        let five = Some(Duration::from_secs(5));
        assert_eq!(DEFAULT_TIMEOUT.resolve(five).unwrap(), five);
        assert_eq!(Timeout::from(None).resolve(five).unwrap(), None);
        assert_eq!(
            Timeout::from(i64::MIN).resolve(None).unwrap(),
            Some(Duration::ZERO)
        );
    }
}
