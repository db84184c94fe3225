//! What an application sees of the library, on the stores that need no server.

#![expect(clippy::unwrap_used, reason = "these are tests")]

mod allocations;
mod asynchronous;
mod custom;
#[cfg(feature = "db")]
mod databases;
mod faults;
mod fragments;
mod garbage;
mod get_or_set;
mod handles;
#[cfg(feature = "http")]
mod http;
mod keys;
mod site;
mod types;
mod verbs;
#[cfg(feature = "db")]
mod versions;
