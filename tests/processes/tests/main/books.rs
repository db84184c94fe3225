use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use cachemere_base::{Backend, Key};
use cachemere_processes::open;
use xxhash_rust::xxh3::xxh3_64;

/// The fields of the index, as `State` in the file store has them.
const COUNT: usize = 1;
const BYTES: usize = 2;
const HEAD: usize = 3;
const TAIL: usize = 4;
const INTENT: usize = 9;

/// Records of a file of the queue, and the bytes of each.
const SEGMENT: u64 = 1 << 16;
const RECORD: usize = 24;

/// How many entries there are, while no process is in the middle of a write. Expects the books to agree with the files,
/// and every file to be in the queue.
#[track_caller]
pub(crate) fn exact(location: &Path) -> u64 {
    let locked = fs::File::open(location.join("cachemere/index")).unwrap();
    locked.lock().unwrap();
    let index = fields(location);
    assert_eq!(index[INTENT], 0, "a process is in the middle of a write");
    let files = entries(location);
    assert_eq!(index[COUNT], files.len() as u64, "counted, and there");
    assert_eq!(
        index[BYTES],
        files.values().map(|(_, size)| size).sum::<u64>()
    );
    let queued = records(location, index[HEAD], index[TAIL]);
    for (digest, (id, _)) in &files {
        let ids = queued
            .get(digest)
            .unwrap_or_else(|| panic!("{digest} is not queued"));
        assert!(
            ids.contains(id) || ids.contains(&0),
            "{digest} is queued as another"
        );
    }
    index[COUNT]
}

/// The same, after what a killed process left is settled.
#[track_caller]
pub(crate) fn settled(location: &Path) -> u64 {
    let file = open(location, 100_000, 3);
    assert!(!file.delete(&Key::new("there is no such key")).unwrap());
    exact(location)
}

/// Moves the empty queue of a store to a position.
pub(crate) fn move_queue(location: &Path, position: u64) {
    settled(location);
    let mut index = fields(location);
    assert_eq!(index[HEAD], index[TAIL]);
    (index[HEAD], index[TAIL]) = (position, position);
    let mut bytes: Vec<u8> = index.iter().flat_map(|field| field.to_le_bytes()).collect();
    let sums = bytes.len() - 8;
    let sum = xxh3_64(&bytes[..sums]);
    bytes[sums..].copy_from_slice(&sum.to_le_bytes());
    fs::write(location.join("cachemere/index"), bytes).unwrap();
}

/// The files of the queue.
pub(crate) fn segments(location: &Path) -> Vec<PathBuf> {
    children(&location.join("cachemere/queue"))
}

fn fields(location: &Path) -> Vec<u64> {
    let bytes = fs::read(location.join("cachemere/index")).unwrap();
    let fields = bytes.chunks_exact(8);
    fields
        .map(|field| u64::from_le_bytes(field.try_into().unwrap()))
        .collect()
}

/// Digest to id and size.
fn entries(location: &Path) -> HashMap<String, (u64, u64)> {
    let folders = children(&location.join("cachemere/entries"));
    let files = folders.iter().flat_map(|folder| children(folder));
    files
        .map(|path| {
            let bytes = fs::read(&path).unwrap();
            let names: Vec<_> = path
                .iter()
                .rev()
                .take(2)
                .map(|name| name.to_str().unwrap())
                .collect();
            let id = u64::from_le_bytes(bytes[8..16].try_into().unwrap());
            ([names[1], names[0]].concat(), (id, bytes.len() as u64))
        })
        .collect()
}

/// Digest to ids.
fn records(location: &Path, head: u64, tail: u64) -> HashMap<String, Vec<u64>> {
    let mut records = HashMap::<_, Vec<_>>::new();
    let mut segment = (u64::MAX, Vec::new());
    for position in head..tail {
        let number = position / SEGMENT;
        if segment.0 != number {
            let path = location.join(format!("cachemere/queue/{number}"));
            segment = (number, fs::read(path).unwrap());
        }
        let start = (position % SEGMENT) as usize * RECORD;
        let record = &segment.1[start..start + RECORD];
        let digest = record[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let id = u64::from_le_bytes(record[16..].try_into().unwrap());
        records.entry(digest).or_default().push(id);
    }
    records
}

fn children(dir: &Path) -> Vec<PathBuf> {
    let Ok(children) = fs::read_dir(dir) else {
        return Vec::new();
    };
    children.map(|child| child.unwrap().path()).collect()
}
