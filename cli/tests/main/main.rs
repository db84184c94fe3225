//! The compiled command, run as its users run it.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod bench;
mod check;
mod configuration;
mod databases;
mod entries;
mod help;
mod many;
mod servers;
mod site;
mod tables;
mod values;
mod versions;
