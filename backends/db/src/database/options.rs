use std::{num::NonZeroUsize, path::PathBuf, time::Duration};

use cachemere_base::Wait;
use serde::Deserialize;

/// What may be said of a database beside its URL.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub struct DatabaseOptions {
    /// How many connections there may be: 10, if left out. `sqlite::memory:` always has one.
    pub pool_size: NonZeroUsize,
    /// How long it may take to connect: 2 seconds, if left out.
    pub connect_timeout: Wait,
    /// How long a statement may take, and how long is waited for a free connection or a lock: 5 seconds, if left out.
    pub timeout: Wait,
    /// Whether the connection to a server is encrypted and its certificate checked: as the URL says, if left out.
    pub tls: Option<bool>,
    /// A file with the certificates (PEM) that the one of the server is checked against: those of the system, if left
    /// out.
    pub tls_ca: Option<PathBuf>,
}

impl Default for DatabaseOptions {
    fn default() -> Self {
        Self {
            pool_size: NonZeroUsize::MIN.saturating_add(9),
            connect_timeout: Wait::seconds(2),
            timeout: Wait::seconds(5),
            tls: None,
            tls_ca: None,
        }
    }
}

/// The same, as sessions use it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) connect: Duration,
    pub(crate) answer: Duration,
}

impl From<&DatabaseOptions> for Times {
    fn from(options: &DatabaseOptions) -> Self {
        Self {
            connect: options.connect_timeout.duration(),
            answer: options.timeout.duration(),
        }
    }
}
