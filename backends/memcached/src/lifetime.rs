use std::time::{Duration, SystemTime, UNIX_EPOCH};

use cachemere_base::{Remaining, Ttl};

/// More seconds than this are an instant to the server, fewer a time from now on.
const LONGEST: u64 = 30 * 24 * 60 * 60;

/// The server counts seconds and moves its clock once a second, each time a little later: now and then by two at once.
/// An entry that is told to live for two seconds may be dead at once.
const GRACE: u64 = 2;

/// What the server is told of a lifetime, 0 for ever; `None` for one that is over at once.
///
/// Rounded up, and past the grace of the server's clock: an entry never dies early. One whose end lies past 2038, which
/// the server cannot tell, lives for ever.
pub(crate) fn exptime(ttl: Ttl) -> Option<u32> {
    exptime_at(ttl, now())
}

/// What the server is told so that an entry lives on for the seconds that it said were left.
pub(crate) fn exptime_again(left: Option<u64>) -> u32 {
    left.map_or(0, |seconds| from_now(seconds, now()))
}

/// What is left of the lifetime that was asked for, of the seconds that the server says are left.
pub(crate) fn remaining(left: Option<u64>) -> Remaining {
    left.map_or(Remaining::Never, |seconds| {
        let asked = Duration::from_secs(seconds.saturating_sub(GRACE));
        Remaining::For(asked.max(Duration::from_millis(1)))
    })
}

fn exptime_at(ttl: Ttl, now: u64) -> Option<u32> {
    let Some(ttl) = ttl else {
        return Some(0);
    };
    if ttl.is_zero() {
        return None;
    }
    let seconds = ttl
        .as_secs()
        .saturating_add(u64::from(ttl.subsec_nanos() > 0));
    Some(from_now(seconds.saturating_add(GRACE), now))
}

fn from_now(seconds: u64, now: u64) -> u32 {
    let exptime = if seconds <= LONGEST {
        seconds
    } else {
        now.saturating_add(seconds)
    };
    i32::try_from(exptime).map_or(0, i32::cast_unsigned)
}

/// Seconds since the Unix epoch, rounded up.
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn of(millis: u64) -> Option<u32> {
        exptime_at(Some(Duration::from_millis(millis)), NOW)
    }

    #[test]
    fn an_entry_never_dies_early() {
        assert_eq!((of(1), of(1000), of(1001)), (Some(3), Some(3), Some(4)));
    }

    #[test]
    fn zero_is_over_and_none_is_for_ever() {
        assert_eq!(of(0), None);
        assert_eq!(exptime_at(None, NOW), Some(0));
    }

    #[test]
    fn more_than_thirty_days_are_an_instant() {
        let (longest, now) = (LONGEST as u32, NOW as u32);
        assert_eq!(of((LONGEST - 2) * 1000), Some(longest));
        assert_eq!(of((LONGEST - 1) * 1000), Some(now + longest + 1));
    }

    #[test]
    fn an_end_past_2038_is_never() {
        let last = i32::MAX as u64 - NOW;
        assert_eq!(of((last - 2) * 1000), Some(i32::MAX as u32));
        assert_eq!(of((last - 1) * 1000), Some(0));
        assert_eq!(exptime_at(Some(Duration::MAX), NOW), Some(0));
    }

    #[test]
    fn what_is_left_and_set_again_is_the_same() {
        let Remaining::For(left) = remaining(Some(100)) else {
            panic!("never");
        };
        assert_eq!(left, Duration::from_secs(98));
        assert_eq!(exptime_at(Some(left), NOW), Some(100));
        assert_eq!(remaining(None), Remaining::Never);
    }
}
