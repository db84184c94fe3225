//! The parts of requests.

use std::time::Duration;

use cachemere_base::{Error, ErrorKind, Key, Result, Ttl, Value};
use redis::{Cmd, cmd};

use crate::{
    format::{Encoded, Wire},
    request::{Few, Part},
};

/// What redis takes for one value.
const LARGEST: usize = 512 << 20;

/// How the keys of one command may lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grouping {
    /// Together: there is one server.
    Whole,
    /// Each for itself: a command about several keys fails while their slot moves.
    Each,
}

impl Grouping {
    /// The keys of each command, in their order.
    pub(crate) fn groups<T>(self, keys: &[T]) -> std::slice::Chunks<'_, T> {
        match self {
            Self::Whole => keys.chunks(keys.len().max(1)),
            Self::Each => keys.chunks(1),
        }
    }
}

pub(crate) fn with_key(name: &str, key: &Key) -> Cmd {
    let mut command = cmd(name);
    command.arg(key.as_str());
    command
}

/// `SET`, or `DEL` where the value would be gone at once.
pub(crate) fn storing(key: &Key, value: &Value, ttl: Ttl, wire: Wire) -> Cmd {
    let ttl = lasting(ttl);
    if ttl.is_some_and(|ttl| ttl.is_zero()) {
        return with_key("DEL", key);
    }
    let mut command = Cmd::with_capacity(6, key.len() + value.size() + 40);
    command
        .arg("SET")
        .arg(key.as_str())
        .arg(Encoded(value, wire));
    if let Some(ttl) = ttl {
        command.arg("PX").arg(millis(ttl));
    }
    command
}

/// A lifetime that the server could not add to its clock is for ever.
pub(crate) fn lasting(ttl: Ttl) -> Ttl {
    const LONGEST: Duration = Duration::from_secs(1000 * 365 * 24 * 60 * 60);
    ttl.filter(|ttl| *ttl <= LONGEST)
}

/// In milliseconds, rounded up.
pub(crate) fn millis(ttl: Duration) -> u64 {
    u64::try_from(ttl.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX)
}

pub(crate) fn check(key: &Key, value: &Value) -> Result<()> {
    if value.size() < LARGEST {
        return Ok(());
    }
    let message = format!(
        "{} takes {} bytes, redis allows {LARGEST}",
        key.shown(),
        value.size()
    );
    Err(Error::new(ErrorKind::TooLarge, message))
}

/// The commands for these keys.
pub(crate) fn grouped(name: &str, keys: &[Key], grouping: Grouping) -> Few<Part> {
    let parts = grouping.groups(keys).map(|group| {
        let mut command = cmd(name);
        for key in group {
            command.arg(key.as_str());
        }
        about(command)
    });
    parts.collect()
}

/// A command whose first argument is a key.
pub(crate) fn about(command: Cmd) -> Part {
    Part {
        command,
        key: Some(1),
    }
}
