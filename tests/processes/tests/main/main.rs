//! What happens to a cache that several processes use, and to one whose processes are killed.
#![expect(clippy::unwrap_used, reason = "tests")]

mod books;
mod databases;
mod full_disk;
mod kill_anywhere;
mod kill_at_every_step;
mod stress;
mod worker;
