use std::num::NonZeroU64;

use serde::Deserialize;

/// The OPTIONS of the local-memory cache, beside MAX_ENTRIES and CULL_FREQUENCY.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub struct Options {
    /// How many bytes the keys and values may take together; `None` for no limit.
    ///
    /// The least recently used entries make room for new ones. An entry that is larger by itself is refused
    /// ([`TooLarge`](cachemere_base::ErrorKind::TooLarge)). What the store itself needs, about 120 bytes an entry,
    /// does not count.
    pub max_bytes: Option<NonZeroU64>,
}
