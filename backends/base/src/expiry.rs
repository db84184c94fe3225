use std::time::Duration;

use crate::{Remaining, Ttl};

/// The instant an entry expires, in milliseconds since the Unix epoch: what stores that keep time themselves store.
///
/// An entry whose instant is now is expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Expiry(u64);

impl Expiry {
    /// Never.
    pub const NEVER: Self = Self(u64::MAX);

    /// A lifetime from `now` on; fractions of a millisecond are rounded up.
    #[must_use]
    pub fn after(ttl: Ttl, now: u64) -> Self {
        ttl.map_or(Self::NEVER, |ttl| {
            let seconds = ttl.as_secs().saturating_mul(1000);
            let rest = u64::from(ttl.subsec_nanos().div_ceil(1_000_000));
            Self(now.saturating_add(seconds).saturating_add(rest))
        })
    }

    /// The stored number.
    #[must_use]
    pub const fn to_millis(self) -> u64 {
        self.0
    }

    /// From the stored number.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Whether the entry is gone at `now`.
    #[must_use]
    #[inline]
    pub const fn is_past(self, now: u64) -> bool {
        self.0 <= now && self.0 != u64::MAX
    }

    /// What is left at `now`.
    #[must_use]
    pub const fn remaining(self, now: u64) -> Remaining {
        if self.0 == u64::MAX {
            Remaining::Never
        } else {
            Remaining::For(Duration::from_millis(self.0.saturating_sub(now)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_gone_at_its_instant_and_not_before() {
        let expiry = Expiry::after(Some(Duration::from_millis(5)), 100);
        assert!(!expiry.is_past(104));
        assert!(expiry.is_past(105));
        assert_eq!(
            expiry.remaining(101),
            Remaining::For(Duration::from_millis(4))
        );
    }

    #[test]
    fn zero_is_gone_at_once_and_a_nanosecond_lives_a_millisecond() {
        assert!(Expiry::after(Some(Duration::ZERO), 100).is_past(100));
        assert!(!Expiry::after(Some(Duration::from_nanos(1)), 100).is_past(100));
    }

    #[test]
    fn for_ever_and_the_longest_lifetime_are_never_past() {
        for ttl in [None, Some(Duration::MAX)] {
            assert!(!Expiry::after(ttl, 100).is_past(u64::MAX));
            assert_eq!(
                Expiry::after(ttl, 100).remaining(u64::MAX),
                Remaining::Never
            );
        }
    }
}
