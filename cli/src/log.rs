use std::io;

use tracing_subscriber::filter::LevelFilter;

use crate::output::is_coloured;

/// Warnings of the library (doubtful keys, damaged entries, faults taken for misses) go to stderr.
pub(crate) fn install() {
    tracing_subscriber::fmt()
        .with_max_level(LevelFilter::WARN)
        .with_writer(io::stderr)
        .with_ansi(is_coloured(&io::stderr()))
        .with_target(false)
        .without_time()
        .init();
}
