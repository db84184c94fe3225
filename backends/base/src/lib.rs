//! The contract between `cachemere` and its backends.
//!
//! This crate is for authors of backends; an application uses the `cachemere` crate. A backend moves bytes: it is given
//! final keys ([`Key`]), encoded values ([`Value`]) and lifetimes ([`Ttl`]), and never sees a type, a prefix, a version
//! or a default timeout.
//!
//! A backend implements [`Backend`] (seven required methods) and [`Open`] (from settings to a backend). A client that is
//! natively asynchronous also offers [`AsyncBackend`]. To change one method of an existing store, implement [`Wrap`].
//! The feature `contract` has the behaviour suite that every store of this repository passes: see `contract`.

mod asynchronous;
mod backend;
mod bridge;
mod clock;
mod context;
#[cfg(feature = "contract")]
pub mod contract;
mod counters;
mod dial;
mod error;
mod expiry;
mod key;
mod open;
mod settings;
mod timeout;
mod value;
mod wrap;

pub use asynchronous::{AsyncBackend, Asynchrony, BoxFuture, Store};
pub use backend::{Backend, Remaining};
pub use bridge::{unblock, unblock_within};
pub use clock::{Clock, LAG, ManualClock, SystemClock};
pub use context::Context;
pub use counters::Counters;
pub use dial::dial;
pub use error::{Error, ErrorKind, Result};
pub use expiry::Expiry;
pub use key::{Key, KeyCheck, KeyProblem, Shown};
pub use open::Open;
pub use settings::Settings;
pub use timeout::{DEFAULT_TIMEOUT, Timeout, Ttl, Wait};
pub use value::{Codec, Compression, Format, Value};
pub use wrap::Wrap;
