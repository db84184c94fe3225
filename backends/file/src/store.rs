use std::{
    fs::{self, File},
    io,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use parking_lot::{Mutex, MutexGuard};

use crate::{disk, layout::Layout, locked::Locked, sweep};

/// Between two attempts to get the lock, at first and at most.
const PAUSES: (Duration, Duration) = (Duration::from_micros(20), Duration::from_millis(1));

/// The files of a LOCATION: shared by the aliases of a process that name it.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) layout: Layout,
    index: Mutex<Option<Index>>,
    is_swept: AtomicBool,
}

/// The open index, which is also what processes lock.
#[derive(Debug)]
pub(crate) struct Index {
    pub(crate) file: File,
    identity: (u64, u64),
    /// Whether it was read since it was opened: only then may it be from before a restart of the machine.
    pub(crate) is_known: bool,
}

impl Store {
    pub(crate) fn new(location: &Path) -> Self {
        Self {
            layout: Layout::new(location),
            index: Mutex::new(None),
            is_swept: AtomicBool::new(false),
        }
    }

    /// Takes the lock, against other threads and other processes, and settles what its last holder left undone.
    pub(crate) fn lock(&self, timeout: Duration) -> io::Result<Locked<'_>> {
        if !self.is_swept.swap(true, Ordering::Relaxed) {
            sweep::sweep(&self.layout.tmp);
        }
        let deadline = Instant::now() + timeout;
        let Some(mut index) = self.index.try_lock_until(deadline) else {
            return Err(timed_out(timeout));
        };
        loop {
            let open = self.open(&mut index)?;
            if !wait_for(&open.file, deadline)? {
                return Err(timed_out(timeout));
            }
            if open.is_at(&self.layout.index) {
                break;
            }
            *index = None;
        }
        let index = MutexGuard::map(index, |index| index.as_mut().expect("it was opened above"));
        Locked::load(&self.layout, index)
    }

    /// Closes the index; the next operation opens it again.
    pub(crate) fn close(&self) {
        *self.index.lock() = None;
    }

    fn open<'a>(&self, index: &'a mut Option<Index>) -> io::Result<&'a mut Index> {
        if let Some(index) = index {
            return Ok(index);
        }
        let path = &self.layout.index;
        let open = || disk::private().create(true).truncate(false).open(path);
        let file = disk::with_dir(&self.layout.root, open)?;
        let identity = disk::identity(&file.metadata()?);
        Ok(index.insert(Index {
            file,
            identity,
            is_known: false,
        }))
    }
}

impl Index {
    /// Whether it is still what others find at its path.
    fn is_at(&self, path: &Path) -> bool {
        fs::metadata(path).is_ok_and(|metadata| disk::identity(&metadata) == self.identity)
    }
}

/// Locks a file, or gives up at the deadline.
fn wait_for(file: &File, deadline: Instant) -> io::Result<bool> {
    let mut pause = PAUSES.0;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(fs::TryLockError::WouldBlock) => {}
            Err(fs::TryLockError::Error(error)) => return Err(error),
        }
        if Instant::now() >= deadline {
            return Ok(false);
        }
        thread::sleep(pause.mul_f64(jitter()));
        pause = (pause * 2).min(PAUSES.1);
    }
}

/// Something between a half and one and a half, so that waiting processes do not march in step.
fn jitter() -> f64 {
    use std::hash::{BuildHasher, RandomState};
    let random = RandomState::new().hash_one(0) as u32;
    0.5 + f64::from(random) / f64::from(u32::MAX)
}

fn timed_out(timeout: Duration) -> io::Error {
    let message = format!("locked by others for {timeout:?}, which OPTIONS.LOCK_TIMEOUT allows");
    io::Error::new(io::ErrorKind::TimedOut, message)
}
