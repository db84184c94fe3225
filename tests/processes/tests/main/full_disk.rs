use std::{
    path::Path,
    process::{Command, Output},
};

use cachemere_base::{Backend, Key, Value};
use cachemere_processes::open;

use crate::books;

/// Runs a worker that cannot write files of more than some blocks of 512 bytes: to it, the disk is full.
pub(crate) fn with_small_files(blocks: u32, command: &str, location: &Path) -> Output {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let worker = env!("CARGO_BIN_EXE_cachemere-processes");
    let mut shell = Command::new("sh");
    shell.args(["-c", &script, worker, command]).arg(location);
    shell.output().unwrap()
}

#[track_caller]
fn succeeded(output: Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn drafts(location: &Path) -> usize {
    location.join("cachemere/tmp").read_dir().unwrap().count()
}

#[test]
fn a_value_that_finds_the_disk_full_is_an_error_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    succeeded(with_small_files(8, "full-disk", dir.path()));
    assert_eq!(drafts(dir.path()), 0);
    assert_eq!(books::settled(dir.path()), 2);
}

#[test]
fn a_queue_that_finds_the_disk_full_refuses_new_keys_and_keeps_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let output = succeeded(with_small_files(8, "full-queue", dir.path()));
    let full: u64 = output.trim().parse().unwrap();
    assert_eq!(drafts(dir.path()), 0);
    assert_eq!(books::settled(dir.path()), full - 1);
    let file = open(dir.path(), 1000, 3);
    let key = Key::new("there is room again");
    file.set(&key, Value::Int(1), None).unwrap();
    assert_eq!(books::settled(dir.path()), full);
}
