use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use md5::{Digest, Md5};
use parking_lot::{MappedMutexGuard, Mutex, MutexGuard};

use crate::{
    disk,
    fault::failed,
    store::{timed_out, wait_for},
};

/// The folder of a site's cache: shared by the aliases of a process that name it.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) location: PathBuf,
    lock: Mutex<Option<File>>,
}

/// The right to write, until it is dropped.
#[derive(Debug)]
pub(super) struct Guard<'a> {
    folder: &'a Folder,
    file: MappedMutexGuard<'a, File>,
}

impl Folder {
    pub(super) fn new(location: &Path) -> Self {
        Self {
            location: location.to_owned(),
            lock: Mutex::new(None),
        }
    }

    fn path(&self, key: &str) -> PathBuf {
        self.location.join(file_name(key))
    }

    /// The file of a key, whole; `None` if there is none.
    pub(super) fn read(&self, key: &str) -> io::Result<Option<Vec<u8>>> {
        let path = self.path(key);
        let Some((mut file, _)) = disk::found(disk::open(&disk::reading(), &path))? else {
            return Ok(None);
        };
        contents(&mut file, &path).map(Some)
    }

    /// The same when nobody writes over it, as Django's `touch` does under a lock on the file itself.
    pub(super) fn read_settled(&self, key: &str, wait: Duration) -> io::Result<Option<Vec<u8>>> {
        let path = self.path(key);
        let Some((mut file, _)) = disk::found(disk::open(&disk::reading(), &path))? else {
            return Ok(None);
        };
        if !wait_for(Instant::now() + wait, || file.try_lock_shared())? {
            return Err(timed_out(wait));
        }
        contents(&mut file, &path).map(Some)
    }

    /// Removes an entry without the lock, as good as it goes.
    pub(super) fn forget(&self, key: &str) -> io::Result<()> {
        disk::remove(&self.path(key))
    }

    /// Takes the lock, against other threads and other processes of ours.
    pub(super) fn lock(&self, wait: Duration) -> io::Result<Guard<'_>> {
        let deadline = Instant::now() + wait;
        let Some(mut lock) = self.lock.try_lock_until(deadline) else {
            return Err(timed_out(wait));
        };
        let path = self.location.join("cachemere.lock");
        if lock.is_none() || !path.exists() {
            disk::make_private_dir(&self.location)?;
            let options = disk::private().create(true).truncate(false).clone();
            *lock = Some(disk::open(&options, &path)?.0);
        }
        let file = MutexGuard::map(lock, |lock| lock.as_mut().expect("it was opened above"));
        let locked = wait_for(deadline, || file.try_lock());
        if !locked.map_err(failed("could not be locked", &path))? {
            return Err(timed_out(wait));
        }
        Ok(Guard { folder: self, file })
    }

    pub(super) fn close(&self) {
        *self.lock.lock() = None;
    }
}

impl Guard<'_> {
    pub(super) fn has(&self, key: &str) -> bool {
        self.folder.path(key).exists()
    }

    /// Removes the file of a key; false if there was none.
    pub(super) fn remove(&self, key: &str) -> io::Result<bool> {
        let path = self.folder.path(key);
        let removed = disk::found(fs::remove_file(&path));
        let removed = removed.map_err(failed("could not be removed", &path))?;
        Ok(removed.is_some())
    }

    /// Puts a file in its place, over whatever is there: a reader finds the old one or the new one.
    pub(super) fn write(&self, key: &str, content: &[u8]) -> io::Result<()> {
        // named as Django names its own, which no reader takes for an entry
        let draft = self
            .folder
            .location
            .join(format!("tmp{:08x}", fastrand::u32(..)));
        let written = self.write_to(&draft, content).and_then(|()| {
            let path = self.folder.path(key);
            fs::rename(&draft, &path).map_err(failed("could not be put there", &path))
        });
        if written.is_err() {
            let _ = fs::remove_file(&draft);
        }
        written
    }

    fn write_to(&self, draft: &Path, content: &[u8]) -> io::Result<()> {
        let create = || disk::open(disk::private().create_new(true), draft);
        let (mut file, _) = disk::with_dir(&self.folder.location, create)?;
        let written = file.write_all(content);
        written.map_err(failed("could not be written", draft))
    }

    /// The files of all entries.
    pub(super) fn files(&self) -> io::Result<Vec<PathBuf>> {
        let location = &self.folder.location;
        let Some(listing) = disk::found(fs::read_dir(location))? else {
            return Ok(Vec::new());
        };
        let mut files = Vec::new();
        for file in listing {
            let path = file
                .map_err(failed("could not be listed", location))?
                .path();
            if is_entry(&path) {
                files.push(path);
            }
        }
        Ok(files)
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

fn contents(file: &mut File, path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = file.read_to_end(&mut bytes);
    read.map_err(failed("could not be read", path))?;
    Ok(bytes)
}

fn is_entry(path: &Path) -> bool {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    name.ends_with(".djcache") && !name.starts_with('.')
}

fn file_name(key: &str) -> String {
    use std::fmt::Write;
    let mut name = String::with_capacity(40);
    for byte in Md5::digest(key.as_bytes()) {
        write!(name, "{byte:02x}").expect("writing to memory does not fail");
    }
    name + ".djcache"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_the_md5_of_the_key() {
        assert_eq!(
            file_name(":1:k"),
            "86faa9ea774c6ce60e4513e14b3c0af9.djcache"
        );
        assert_eq!(
            file_name(":1:清"),
            "7071cbd9fa02e963bab554496098bdbc.djcache"
        );
    }
}
