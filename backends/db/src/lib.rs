//! The database cache of `cachemere`: one table a cache, in the databases that an application has.
//!
//! ```toml
//! [DATABASES]
//! default = "sqlite:cache.sqlite3"
//!
//! [CACHES.default]
//! BACKEND = "db"
//! LOCATION = "cache_table"
//!
//! [CACHES.default.OPTIONS]
//! MAX_ENTRIES = 100_000
//! MAX_BYTES = 1_000_000_000
//! ```
//!
//! # Behavior
//!
//! - Keys may be of any length and have any characters; they are compared byte for byte.
//! - When an entry is added to MAX_ENTRIES others, those go that expire first, told apart to 4 seconds:
//!   `1 / CULL_FREQUENCY` of MAX_ENTRIES, at most 1,000 at each write. MAX_BYTES limits the keys and values together; a
//!   value that alone is larger is refused. Processes that write at the same moment may add a few entries too many: ten of
//!   them at most 1 % of MAX_ENTRIES or 16.
//! - How large the table is is kept beside it, in the same transactions: nothing counts or scans rows.
//! - On SQLite a table that is missing is created at first use, as AUTO_CREATE says; elsewhere it is an error that says
//!   which command creates it.
//! - SQLite runs with a write-ahead log, but in a file that had tables before and another journal: several processes may use
//!   one file, which must be on a local disk. A kill loses nothing that was stored; a power failure may lose the last writes.
//! - Asynchronously it runs on a bounded pool of threads; no call waits longer for one than TIMEOUT of the database.
//! - With `OPTIONS.FORMAT = "django"` it is the table that a Django site's cache has, in its layout.
//! - A process that is forked while an SQLite file is open gets errors in the child: close the caches before.

mod backend;
mod create;
mod database;
mod databases;
mod db;
#[cfg(feature = "django")]
mod django;
mod entry;
mod options;
mod place;
mod table;

pub use create::{Creation, NewTable};
pub use database::{Bound, Database, DatabaseOptions, Dialect, Row, Transaction};
pub use databases::{CacheRouter, Databases};
pub use db::Db;
pub use options::Options;
