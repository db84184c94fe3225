use std::{
    path::{Path, PathBuf},
    process,
    time::{Duration, Instant},
};

use parking_lot::Mutex;

use crate::{disk, sweep::STALE};

/// Files that were replaced, to be written anew: making and removing a file costs more than everything else that a write
/// does, and on an ext4 without a journal ten times as much.
///
/// Who has opened such a file, to read the entry that it was, may find another one in it: see
/// [`File::peek`](crate::File::peek).
#[derive(Debug, Default)]
pub(crate) struct Spares(Mutex<Vec<Spare>>);

#[derive(Debug)]
struct Spare {
    path: PathBuf,
    since: Instant,
    /// The process that has it: one that was forked has not.
    process: u32,
}

/// As many as threads may be expected to write at once.
const MAX: usize = 4;

/// Larger files are not kept.
const MAX_SIZE: u64 = 64 << 10;

/// Long before another process would take it for the draft of a killed one.
const MAX_AGE: Duration = Duration::from_secs(STALE.as_secs() / 2);

impl Spare {
    fn is_ours(&self) -> bool {
        self.process == process::id()
    }
}

impl Spares {
    /// The path of a file that is nobody's.
    pub(crate) fn take(&self) -> Option<PathBuf> {
        let spare = self.0.lock().pop()?;
        if spare.is_ours() && spare.since.elapsed() < MAX_AGE {
            return Some(spare.path);
        }
        discard(&spare);
        None
    }

    /// Keeps a file that was replaced, or removes it.
    pub(crate) fn keep(&self, path: &Path, size: u64) {
        let spare = Spare {
            path: path.to_owned(),
            since: Instant::now(),
            process: process::id(),
        };
        let mut spares = self.0.lock();
        if size <= MAX_SIZE && spares.len() < MAX {
            spares.push(spare);
        } else {
            drop(spares);
            discard(&spare);
        }
    }

    /// Removes them.
    pub(crate) fn clear(&self) {
        let spares = std::mem::take(&mut *self.0.lock());
        spares.iter().for_each(discard);
    }
}

impl Drop for Spares {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Removes a file as good as it goes: a sweep removes it else.
fn discard(spare: &Spare) {
    if spare.is_ours() {
        let _ = disk::remove(&spare.path);
    }
}
