use std::{fmt, time::Duration};

use bytes::Bytes;

use crate::wire::Dialect;

/// How connections are made and used, the same for all servers of an alias.
pub(crate) struct Client {
    pub(crate) dialect: Dialect,
    pub(crate) credentials: Option<Bytes>,
    pub(crate) connect_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) no_delay: bool,
    pub(crate) keep_alive: bool,
}

impl fmt::Debug for Client {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("dialect", &self.dialect)
            .field("connect_timeout", &self.connect_timeout)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
