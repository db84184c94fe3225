//! What is peculiar to the database cache; what is common to all stores is in the contract suite.
#![expect(clippy::unwrap_used, reason = "tests")]

mod contract;
mod django;
mod load;
mod place;
mod recovery;
mod runtimes;
mod server;
mod sizes;
mod tables;
