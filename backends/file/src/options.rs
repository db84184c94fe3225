use std::time::Duration;

use cachemere_base::{Error, Result};
use serde::Deserialize;

/// What OPTIONS may say of a file cache, beside MAX_ENTRIES and CULL_FREQUENCY.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub struct Options {
    /// How many bytes the files of all entries may take together; as many as the disk has, if left out.
    pub max_bytes: Option<u64>,
    /// How many seconds a write waits for the writes of others before it is an error.
    pub lock_timeout: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_bytes: None,
            lock_timeout: 5.0,
        }
    }
}

impl Options {
    pub(crate) fn max_bytes(&self) -> Result<Option<u64>> {
        match self.max_bytes {
            Some(0) => Err(Error::setting(
                "OPTIONS.MAX_BYTES",
                "0 leaves no room for any entry; leave it out for no limit",
            )),
            max_bytes => Ok(max_bytes),
        }
    }

    pub(crate) fn lock_timeout(&self) -> Result<Duration> {
        const DAY: f64 = 86_400.0;
        let seconds = self.lock_timeout;
        if seconds > 0.0 && seconds <= DAY {
            return Ok(Duration::from_secs_f64(seconds));
        }
        let message =
            format!("{seconds} is no time to wait; give seconds, more than 0 and at most {DAY}");
        Err(Error::setting("OPTIONS.LOCK_TIMEOUT", message))
    }
}
