//! Which server has a key.

mod ketama;
mod rendezvous;

use crate::address::Address;

/// How keys are spread over the servers.
#[derive(Debug)]
pub(crate) enum Routing {
    /// There is one server.
    One,
    Rendezvous(rendezvous::Rendezvous),
    Ketama(ketama::Ketama),
}

impl Routing {
    pub(crate) fn rendezvous(addresses: &[Address]) -> Self {
        match addresses {
            [_] => Self::One,
            several => Self::Rendezvous(rendezvous::Rendezvous::new(several)),
        }
    }

    pub(crate) fn ketama(addresses: &[Address]) -> Self {
        match addresses {
            [_] => Self::One,
            several => Self::Ketama(ketama::Ketama::new(several)),
        }
    }

    /// The server for a key among those that are there, and among all of them if none is.
    pub(crate) fn server(&self, key: &str, is_there: impl Fn(usize) -> bool) -> usize {
        let pick = |is_there: &dyn Fn(usize) -> bool| match self {
            Self::One => Some(0),
            Self::Rendezvous(rendezvous) => rendezvous.server(key, is_there),
            Self::Ketama(ketama) => ketama.server(key, is_there),
        };
        pick(&is_there)
            .or_else(|| pick(&|_| true))
            .unwrap_or_default()
    }
}
