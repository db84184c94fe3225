//! Header helpers, keys and layers, beside what Django did.

mod cache_control;
mod conditional;
mod freshness;
mod golden;
mod keys;
mod layers;
#[cfg(feature = "axum")]
mod page;
mod properties;
mod vary;
