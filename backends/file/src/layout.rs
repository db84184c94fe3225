use std::{
    hash::{BuildHasher, RandomState},
    path::{Path, PathBuf},
    process,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::digest::Digest;

/// Where things lie below a LOCATION: all of them in one folder of our own.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) root: PathBuf,
    pub(crate) index: PathBuf,
    pub(crate) queue: PathBuf,
    pub(crate) entries: PathBuf,
    pub(crate) tmp: PathBuf,
}

impl Layout {
    pub(crate) fn new(location: &Path) -> Self {
        let root = location.join("cachemere");
        Self {
            index: root.join("index"),
            queue: root.join("queue"),
            entries: root.join("entries"),
            tmp: root.join("tmp"),
            root,
        }
    }

    pub(crate) fn entry(&self, digest: Digest) -> PathBuf {
        let mut name = digest.to_string();
        name.insert(2, '/');
        self.entries.join(name)
    }

    pub(crate) fn segment(&self, number: u64) -> PathBuf {
        self.queue.join(number.to_string())
    }

    /// A path in `tmp` that nobody has used or will use, in this process or another.
    pub(crate) fn unique(&self) -> PathBuf {
        static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(0));
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        self.tmp
            .join(format!("{}-{:016x}-{next}", process::id(), *PROCESS))
    }
}
