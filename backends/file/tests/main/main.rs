//! What is peculiar to the file cache; what is common to all stores is in the contract suite.
#![expect(clippy::unwrap_used, reason = "tests")]

mod contract;
mod damage;
mod directories;
mod foreign;
mod index;
mod limits;
mod lock;
mod model;
mod place;
mod settings;
mod spares;
