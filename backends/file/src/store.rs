use std::{
    fs::{self, File},
    io,
    path::Path,
    process,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use parking_lot::{Mutex, MutexGuard};

use crate::{disk, fault::failed, folder, layout::Layout, locked::Locked, spare::Spares, sweep};

/// Between two attempts to get the lock, at first and at most.
const PAUSES: (Duration, Duration) = (Duration::from_micros(20), Duration::from_millis(1));

/// The files of a LOCATION: shared by the aliases of a process that name it.
#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) layout: Layout,
    pub(crate) spares: Spares,
    index: Mutex<Option<Index>>,
    is_swept: AtomicBool,
    /// Whether the folder was there and nobody else's when it was last looked at.
    is_safe: AtomicBool,
}

/// The open index, which is also what processes lock.
#[derive(Debug)]
pub(crate) struct Index {
    pub(crate) file: File,
    identity: (u64, u64),
    /// The process that opened it: one that was forked shares its locks.
    process: u32,
    /// Whether it was read since it was opened: only then may it be from before a restart of the machine.
    pub(crate) is_known: bool,
}

impl Store {
    pub(crate) fn new(location: &Path) -> Self {
        Self {
            layout: Layout::new(location),
            spares: Spares::default(),
            index: Mutex::new(None),
            is_swept: AtomicBool::new(false),
            is_safe: AtomicBool::new(false),
        }
    }

    /// Refuses a folder that others made or may write into, at the first use of it; a missing one is fine.
    pub(crate) fn check(&self) -> io::Result<()> {
        if !self.is_safe.load(Ordering::Relaxed) {
            self.look()?;
        }
        Ok(())
    }

    /// Makes the folder at the first use of it, or refuses the one that is there.
    pub(crate) fn prepare(&self) -> io::Result<()> {
        if self.is_safe.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.make()
    }

    /// Takes the lock, against other threads and other processes, and settles what its last holder left undone.
    pub(crate) fn lock(&self, timeout: Duration) -> io::Result<Locked<'_>> {
        self.prepare()?;
        if !self.is_swept.swap(true, Ordering::Relaxed) {
            sweep::sweep(&self.layout.tmp);
        }
        let deadline = Instant::now() + timeout;
        let Some(mut index) = self.index.try_lock_until(deadline) else {
            return Err(timed_out(timeout));
        };
        loop {
            let open = self.open(&mut index)?;
            let locked = wait_for(deadline, || open.file.try_lock());
            if !locked.map_err(failed("could not be locked", &self.layout.index))? {
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

    /// Closes the index, which the next operation opens again, and removes spare files.
    pub(crate) fn close(&self) {
        self.spares.clear();
        *self.index.lock() = None;
    }

    fn open<'a>(&self, index: &'a mut Option<Index>) -> io::Result<&'a mut Index> {
        if index.as_ref().is_some_and(Index::is_of_another_process) {
            *index = None;
        }
        if let Some(index) = index {
            return Ok(index);
        }
        self.make()?;
        let options = disk::private().create(true).truncate(false).clone();
        let (file, metadata) = disk::open(&options, &self.layout.index)?;
        Ok(index.insert(Index {
            file,
            identity: disk::identity(&metadata),
            process: process::id(),
            is_known: false,
        }))
    }

    fn make(&self) -> io::Result<()> {
        if !self.look()? {
            disk::make_private_dir(&self.layout.root)?;
            self.look()?;
        }
        Ok(())
    }

    fn look(&self) -> io::Result<bool> {
        let is_there = folder::is_there(&self.layout.root);
        let is_safe = matches!(is_there, Ok(true));
        self.is_safe.store(is_safe, Ordering::Relaxed);
        is_there
    }
}

impl Index {
    /// Whether it is still what others find at its path.
    fn is_at(&self, path: &Path) -> bool {
        let there = fs::symlink_metadata(path);
        there.is_ok_and(|metadata| disk::identity(&metadata) == self.identity)
    }

    fn is_of_another_process(&self) -> bool {
        self.process != process::id()
    }
}

/// Locks a file, or gives up at the deadline.
pub(crate) fn wait_for(
    deadline: Instant,
    lock: impl Fn() -> Result<(), fs::TryLockError>,
) -> io::Result<bool> {
    let mut pause = PAUSES.0;
    loop {
        match lock() {
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

pub(crate) fn timed_out(timeout: Duration) -> io::Error {
    let message = format!("locked by others for {timeout:?}, which OPTIONS.LOCK_TIMEOUT allows");
    io::Error::new(io::ErrorKind::TimedOut, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forked_process_does_not_share_the_lock_of_its_parent() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::new(dir.path());
        drop(store.lock(Duration::ZERO).unwrap());
        let parent = {
            let mut index = store.index.lock();
            let index = index.as_mut().unwrap();
            index.process ^= 1;
            index.file.try_clone().unwrap()
        };
        parent.lock().unwrap();

        let error = store.lock(Duration::ZERO).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        parent.unlock().unwrap();
        let child = store.lock(Duration::ZERO).unwrap();
        assert!(parent.try_lock().is_err());
        drop(child);
        parent.try_lock().unwrap();
    }
}
