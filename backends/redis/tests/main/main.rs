//! What is peculiar to the redis cache; what is common to all stores is in the contract suite.
#![expect(clippy::unwrap_used, reason = "tests")]

mod cluster;
mod connections;
mod contract;
mod faults;
mod format;
mod options;
mod place;
mod recovery;
mod replicas;
mod runtimes;
mod tls;
