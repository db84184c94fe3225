//! What the worker of these tests and the tests themselves know in common.
#![expect(clippy::unwrap_used, reason = "tests")]

mod content;
mod random;
mod scenario;
mod table;

use std::path::Path;

use cachemere_base::{Context, Open, Settings, Wait};
use cachemere_file::{File, Options};

pub use content::{check, content};
pub use random::Random;
pub use scenario::Scenario;
pub use table::SharedTable;

/// The cache in a directory, with no more than this many entries.
#[must_use]
pub fn open(location: &Path, max_entries: u64, cull_frequency: u64) -> File {
    let settings = Settings::new("default", "file")
        .with_location([location.to_str().unwrap()])
        .with_max_entries(max_entries)
        .with_cull_frequency(cull_frequency);
    let mut options = Options::default();
    // On a machine that is busy with other things, one of 64 threads may wait longer than by default.
    options.lock_timeout = Wait::seconds(60);
    File::open(&settings, options, &Context::default()).unwrap()
}
