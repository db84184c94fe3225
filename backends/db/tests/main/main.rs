//! What is peculiar to the database cache; what is common to all stores is in the contract suite.
#![expect(clippy::unwrap_used, reason = "tests")]

mod contract;
mod cost;
mod django;
mod file;
mod place;
mod recovery;
mod replica;
mod runtimes;
mod server;
mod sizes;
mod tables;
mod tls;
