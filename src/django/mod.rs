#![cfg_attr(feature = "django", doc = include_str!("../../docs/django.md"))]

#[cfg(all(feature = "django", feature = "http"))]
mod page;
mod release;

#[cfg(all(feature = "django", feature = "http"))]
pub use page::Page;
pub(crate) use release::Django;

#[cfg(feature = "django")]
pub use cachemere_django::{
    BigInt, Date, DateTime, Decimal, Opaque, ParseError, SafeString, Time, TimeDelta, Uuid, Value,
    Zone, pickle,
};
