//! Real servers: what tests rely on, and cached pages on each of them.

#![expect(clippy::unwrap_used, reason = "tests")]

mod databases;
mod pages;
