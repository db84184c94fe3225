use std::{
    path::Path,
    process::{Command, Stdio},
};

/// A worker process that does this in this cache.
pub(crate) fn worker(command: &str, location: &Path) -> Command {
    let mut worker = Command::new(env!("CARGO_BIN_EXE_cachemere-processes"));
    worker.arg(command).arg(location).stdout(Stdio::piped());
    worker
}
