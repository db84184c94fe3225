use std::num::NonZeroU64;

use cachemere_base::{Error, ErrorKind, Key, Result, Settings, Value};

use crate::{Options, slot::size};

/// How large the store may become by the writes of one alias.
#[derive(Debug)]
pub(crate) struct Limits {
    settings: Settings,
    max_bytes: u64,
}

impl Limits {
    pub(crate) fn new(settings: &Settings, options: &Options) -> Self {
        Self {
            settings: settings.clone(),
            max_bytes: options.max_bytes.map_or(u64::MAX, NonZeroU64::get),
        }
    }

    pub(crate) fn max_entries(&self) -> u64 {
        self.settings.max_entries()
    }

    /// How many of `entries` have to go before another one is stored.
    pub(crate) fn surplus(&self, entries: u64) -> u64 {
        if entries < self.max_entries() {
            return 0;
        }
        self.settings.cull_size(entries)
    }

    pub(crate) fn max_bytes(&self) -> u64 {
        self.max_bytes
    }

    /// Refuses an entry that takes more than MAX_BYTES by itself.
    pub(crate) fn check(&self, key: &Key, value: &Value) -> Result<()> {
        let size = size(key.as_bytes(), value);
        if size <= self.max_bytes {
            return Ok(());
        }
        let message = format!(
            "{} takes {size} bytes, MAX_BYTES allows {}",
            key.shown(),
            self.max_bytes
        );
        Err(Error::new(ErrorKind::TooLarge, message))
    }
}
