//! What Django cached, and what it did not.
#![expect(clippy::unwrap_used, reason = "tests")]

mod fuzzed;
mod golden;
mod hostile;
mod properties;
mod protocols;
mod types;
