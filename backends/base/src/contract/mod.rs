//! The behaviour suite that every store passes, for authors of backends.
//!
//! Say how a store of yours is made for a test, and [`contract!`](crate::contract!) writes the tests: one for each
//! behaviour, in a module `sync` that uses the blocking methods and again in a module `asynchronous` that goes through
//! [`Store`](crate::Store). The modules listed here have one function a behaviour; their names are the promises.
//!
//! ```toml
//! [dev-dependencies]
//! cachemere-base = { version = "…", features = ["contract"] }
//! ```
//!
//! ```
//! use std::{sync::Arc, time::Duration};
//!
//! use cachemere_base::{Backend, Context, ManualClock, Open, Settings, contract::Fixture};
//! # use cachemere_base::{Key, Result, Ttl, Value};
//! # #[derive(Debug)]
//! # struct Mine;
//! # impl Backend for Mine {
//! #     fn get(&self, _: &Key) -> Result<Option<Value>> { Ok(None) }
//! #     fn set(&self, _: &Key, _: Value, _: Ttl) -> Result<()> { Ok(()) }
//! #     fn add(&self, _: &Key, _: Value, _: Ttl) -> Result<bool> { Ok(true) }
//! #     fn touch(&self, _: &Key, _: Ttl) -> Result<bool> { Ok(false) }
//! #     fn delete(&self, _: &Key) -> Result<bool> { Ok(false) }
//! #     fn incr(&self, _: &Key, _: i64) -> Result<Option<i64>> { Ok(None) }
//! #     fn clear(&self) -> Result<()> { Ok(()) }
//! # }
//! # impl Open for Mine {
//! #     const NAMES: &'static [&'static str] = &["mine"];
//! #     type Options = ();
//! #     fn open(_: &Settings, _: (), _: &Context) -> Result<Self> { Ok(Self) }
//! # }
//!
//! struct Local {
//!     clock: Arc<ManualClock>,
//!     store: Arc<Mine>,
//! }
//!
//! impl Fixture for Local {
//!     fn open(settings: Settings) -> Self {
//!         let clock = Arc::new(ManualClock::default());
//!         let context = Context::new(clock.clone());
//!         let store = Mine::open(&settings, Default::default(), &context).unwrap();
//!         Self { clock, store: Arc::new(store) }
//!     }
//!
//!     fn backend(&self) -> Arc<dyn Backend> {
//!         self.store.clone()
//!     }
//!
//!     fn advance(&self, by: Duration) {
//!         self.clock.advance(by);
//!     }
//! }
//!
//! cachemere_base::contract!(Local);
//! # fn main() {}
//! ```
//!
//! A store behind a server gives its [`tick`](Fixture::tick), because time cannot be moved there, and a runtime in
//! [`block_on`](Fixture::block_on) if its client needs one.

pub mod add;
mod behaviours;
pub mod clear;
pub mod close;
pub mod concurrency;
pub mod cull;
pub mod delete;
pub mod expiry;
mod fixture;
pub mod get;
pub mod has_key;
pub mod incr;
pub mod keys;
pub mod many;
pub mod set;
mod subject;
pub mod touch;
pub mod ttl;

pub use fixture::Fixture;
pub use subject::{Mode, Subject};
