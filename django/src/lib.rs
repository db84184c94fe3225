//! What a Django site caches, for `cachemere`: values of Python, and [`pickle`] without executing anything.
//!
//! The types here stand for those that Django sites cache and serde has no word for. They may be fields of a type of
//! yours, and are in a pickle what Python calls them:
//!
//! ```
//! use cachemere_django::{DateTime, Decimal, pickle};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize, PartialEq, Debug)]
//! struct Product {
//!     name: String,
//!     price: Decimal,
//!     added: DateTime,
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let product = Product {
//!     name: "Kettle".to_owned(),
//!     price: "19.90".parse()?,
//!     added: "2026-11-26T12:00:00+00:00".parse()?,
//! };
//! let bytes = pickle::to_vec(&product)?;
//! assert_eq!(pickle::from_slice::<Product>(&bytes)?, product);
//! # Ok(())
//! # }
//! ```

mod class;
pub mod compression;
pub mod pickle;
pub mod stored;
mod value;

pub use value::{
    BigInt, Date, DateTime, Decimal, Opaque, ParseError, SafeString, Time, TimeDelta, Uuid, Value,
    Zone,
};
