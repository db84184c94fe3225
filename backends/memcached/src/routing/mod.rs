//! Which server has a key.

mod ketama;
mod modula;
mod rendezvous;

use crate::address::Address;

/// How keys are spread over the servers.
#[derive(Debug)]
pub(crate) enum Routing {
    /// There is one server.
    One,
    Rendezvous(rendezvous::Rendezvous),
    Modula(modula::Modula),
    Ketama(ketama::Ketama),
}

/// The ways to spread them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Distribution {
    /// As pymemcache's HashClient.
    Rendezvous,
    /// As libmemcached does by default.
    Modula,
    /// As libmemcached does with the behavior `ketama`.
    Ketama,
}

impl Routing {
    pub(crate) fn new(distribution: Distribution, addresses: &[Address]) -> Self {
        match (distribution, addresses) {
            (_, [_]) => Self::One,
            (Distribution::Rendezvous, several) => {
                Self::Rendezvous(rendezvous::Rendezvous::new(several))
            }
            (Distribution::Modula, several) => Self::Modula(modula::Modula::new(several.len())),
            (Distribution::Ketama, several) => Self::Ketama(ketama::Ketama::new(several)),
        }
    }

    /// The server for a key among those that are there, and among all of them if none is.
    pub(crate) fn server(&self, key: &str, is_there: impl Fn(usize) -> bool) -> usize {
        let pick = |is_there: &dyn Fn(usize) -> bool| match self {
            Self::One => Some(0),
            Self::Rendezvous(rendezvous) => rendezvous.server(key, is_there),
            Self::Modula(modula) => modula.server(key, is_there),
            Self::Ketama(ketama) => ketama.server(key, is_there),
        };
        pick(&is_there)
            .or_else(|| pick(&|_| true))
            .unwrap_or_default()
    }
}

/// Bob Jenkins' hash, which libmemcached computes over signed characters.
fn one_at_a_time(text: &str) -> u32 {
    let mut hash = 0_u32;
    for byte in text.bytes() {
        hash = hash.wrapping_add_signed(i32::from(byte.cast_signed()));
        hash = hash.wrapping_add(hash << 10);
        hash ^= hash >> 6;
    }
    hash = hash.wrapping_add(hash << 3);
    hash ^= hash >> 11;
    hash.wrapping_add(hash << 15)
}
