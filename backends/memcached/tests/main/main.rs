//! What is peculiar to memcached, on real servers; what is common to all stores is in the contract suite.
#![expect(clippy::unwrap_used, reason = "tests")]

mod connections;
mod contract;
mod entries;
mod faults;
mod limits;
mod passwords;
mod place;
mod runtimes;
mod settings;
mod several;
