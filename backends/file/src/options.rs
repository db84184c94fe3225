use std::num::NonZeroU64;

use cachemere_base::Wait;
use serde::Deserialize;

/// What OPTIONS may say of a file cache, beside MAX_ENTRIES and CULL_FREQUENCY.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub struct Options {
    /// How many bytes the files of all entries may take together; as many as the disk has, if left out.
    pub max_bytes: Option<NonZeroU64>,
    /// How long a write waits for the writes of others before it is an error: 5 seconds, if left out.
    pub lock_timeout: Wait,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_bytes: None,
            lock_timeout: Wait::seconds(5),
        }
    }
}
