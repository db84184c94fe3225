//! How values lie on the server: bytes beside 32 bits of flags.
//!
//! The high half of the flags says that the entry is ours, the low byte is [`Value::tag`]. Integers are bare decimal, so
//! that the server counts them; its arithmetic is modulo 2^64, so a negative one is stored as the unsigned number with
//! its bits, and the server's sums are right on both sides of zero.
//!
//! Where a Django site shares the server, values lie as the site has them: see `django`.
//!
//! What the server could take for such a number and is none, such as the bytes `1`, has a guard before it. So have
//! integers far from zero: the server refuses to count them, and no sum that it makes is ever past 64 bits.

use bytes::{BufMut, Bytes, BytesMut};
use cachemere_base::{Result, Value};

const OURS: u32 = 0xCAC4_0000;
const GUARDED: u32 = 0x100;
const TAG: u32 = 0xff;
/// What pymemcache says of an integer.
pub(crate) const DJANGO_INTEGER: u32 = 2;
const GUARD: u8 = b'x';

/// The integers that the server counts are at most this far from zero.
const COUNTABLE: u64 = 1 << 62;

/// What one request may add on the server: far too little to leave 64 bits before a counter is guarded.
const STEP: u64 = 1 << 32;

/// Whose format the server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wire {
    Own,
    /// That of a Django site with pymemcache or pylibmc.
    #[cfg(feature = "django")]
    Django,
}

impl Wire {
    pub(crate) fn to_stored(self, value: Value) -> Result<Stored> {
        match self {
            Self::Own => Ok(to_stored(value)),
            #[cfg(feature = "django")]
            Self::Django => crate::django::to_stored(value),
        }
    }

    pub(crate) fn of_integer(self, number: i64) -> Stored {
        match self {
            Self::Own => to_stored(Value::Int(number)),
            #[cfg(feature = "django")]
            Self::Django => crate::django::of_integer(number),
        }
    }

    /// `None` for what is not to be read by anyone, and is removed.
    pub(crate) fn read(self, flags: u32, data: &Bytes) -> Option<Value> {
        match self {
            Self::Own => from_stored(flags, data),
            #[cfg(feature = "django")]
            Self::Django => Some(crate::django::from_stored(flags, data)),
        }
    }

    /// Whether [`read`](Self::read) may give a value.
    pub(crate) fn is_readable(self, flags: u32) -> bool {
        match self {
            Self::Own => is_ours(flags),
            #[cfg(feature = "django")]
            Self::Django => true,
        }
    }

    /// Whether the server may be told to count before it is known what is there.
    pub(crate) fn counts_unseen(self, delta: i64) -> bool {
        match self {
            Self::Own => is_step(delta),
            #[cfg(feature = "django")]
            Self::Django => false,
        }
    }

    /// Whether the server may be told to count an integer that was read: where a site shares it, the server knows nothing
    /// below zero, stops there, and goes round at 2^64.
    pub(crate) fn counts(self, flags: u32, number: i64, delta: i64) -> bool {
        let is_within = |number: i64, most| u64::try_from(number).is_ok_and(|n| n <= most);
        self != Self::Own
            && flags == DJANGO_INTEGER
            && is_within(number, COUNTABLE)
            && is_within(delta, STEP)
    }

    /// Whether the server must not count on by itself from here.
    pub(crate) fn is_far(self, number: i64) -> bool {
        self == Self::Own && !is_countable(number)
    }
}

/// A value as the server keeps it.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) flags: u32,
    pub(crate) data: Bytes,
}

fn is_countable(number: i64) -> bool {
    number.unsigned_abs() <= COUNTABLE
}

fn is_step(delta: i64) -> bool {
    delta.unsigned_abs() <= STEP
}

fn to_stored(value: Value) -> Stored {
    let flags = OURS | u32::from(value.tag());
    let (is_guarded, data) = match value {
        Value::Int(number) if is_countable(number) => {
            (false, number.cast_unsigned().to_string().into())
        }
        Value::Int(number) => (true, number.to_string().into()),
        Value::Bytes { data, .. } => (starts_like_a_number(&data), data),
    };
    if !is_guarded {
        return Stored { flags, data };
    }
    let mut guarded = BytesMut::with_capacity(data.len() + 1);
    guarded.put_u8(GUARD);
    guarded.put(data);
    Stored {
        flags: flags | GUARDED,
        data: guarded.freeze(),
    }
}

/// `None` for what this crate did not write, or wrote in a format that this version does not know.
fn from_stored(flags: u32, data: &Bytes) -> Option<Value> {
    if !is_ours(flags) {
        return None;
    }
    let is_guarded = flags & GUARDED != 0;
    let data = if is_guarded {
        let (guard, _) = data.split_first()?;
        if *guard != GUARD {
            return None;
        }
        data.slice(1..)
    } else {
        data.clone()
    };
    match (flags & TAG) as u8 {
        0 if !is_guarded => counted(&data).map(Value::Int),
        tag => Value::from_parts(tag, data),
    }
}

fn is_ours(flags: u32) -> bool {
    flags & !(GUARDED | TAG) == OURS
}

/// A number as the server writes it: unsigned, with blanks after it where it had more digits before.
fn counted(data: &[u8]) -> Option<i64> {
    let digits = std::str::from_utf8(data).ok()?.trim_end();
    digits.parse().map(u64::cast_signed).ok()
}

/// Whether the server, which skips white space and takes a sign, might read a number at the beginning.
fn starts_like_a_number(data: &[u8]) -> bool {
    matches!(
        data.first(),
        Some(b'0'..=b'9' | b'+' | b'-' | b' ' | b'\t'..=b'\r')
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back(value: Value) -> Option<Value> {
        let stored = to_stored(value);
        from_stored(stored.flags, &stored.data)
    }

    #[test]
    fn every_kind_of_value_survives() {
        for number in [
            0,
            1,
            -1,
            i64::MAX,
            i64::MIN,
            1 << 62,
            -(1 << 62),
            (1 << 62) + 1,
        ] {
            assert_eq!(back(Value::Int(number)), Some(Value::Int(number)));
        }
        for text in ["", "one", "1", "-1", " 1", "\n", "+", "x1"] {
            assert_eq!(back(Value::raw(text)), Some(Value::raw(text)));
        }
    }

    #[test]
    fn only_countable_integers_look_like_numbers() {
        assert_eq!(to_stored(Value::Int(42)).data, "42");
        assert_eq!(to_stored(Value::Int(-1)).data, u64::MAX.to_string());
        assert_eq!(
            to_stored(Value::Int(i64::MAX)).data,
            format!("x{}", i64::MAX)
        );
        assert_eq!(to_stored(Value::raw("42")).data, "x42");
        assert_eq!(to_stored(Value::raw("text")).data, "text");
    }

    #[test]
    fn blanks_after_a_number_are_read_over() {
        assert_eq!(from_stored(OURS, &"9  ".into()), Some(Value::Int(9)));
    }

    #[test]
    fn what_others_wrote_is_nothing() {
        for flags in [0, 1, 2, 16, OURS | 0x200, OURS | 0x0f, u32::MAX] {
            assert_eq!(from_stored(flags, &"1".into()), None, "{flags:x}");
        }
        assert_eq!(from_stored(OURS, &"nine".into()), None);
        assert_eq!(from_stored(OURS | GUARDED, &"".into()), None);
    }
}
