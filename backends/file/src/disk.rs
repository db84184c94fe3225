use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    path::Path,
};

#[cfg(unix)]
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt, PermissionsExt};
#[cfg(windows)]
use std::os::windows::fs::FileExt;

#[cfg(unix)]
use rustix::fs::OFlags;
#[cfg(any(target_os = "linux", target_os = "android"))]
use rustix::fs::{CWD, RenameFlags, renameat_with};

use crate::fault::failed;

/// Makes a directory and what is missing above it. Only this user may enter what is made, whatever the umask says;
/// what exists keeps its mode.
pub(crate) fn make_private_dir(path: &Path) -> io::Result<()> {
    made(path).map_err(failed("could not be created", path))
}

fn made(path: &Path) -> io::Result<()> {
    match private_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make_private_dir(path.parent().ok_or(error)?)?;
            ignore(private_dir(path), io::ErrorKind::AlreadyExists)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && !path.is_dir() => {
            Err(io::ErrorKind::NotADirectory.into())
        }
        other => ignore(other, io::ErrorKind::AlreadyExists),
    }
}

#[cfg(unix)]
fn private_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn private_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().create(path)
}

/// Options that read files.
pub(crate) fn reading() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32);
    options
}

/// Options that create files that only this user may read.
pub(crate) fn private() -> OpenOptions {
    let mut options = reading();
    options.write(true);
    #[cfg(unix)]
    options.mode(0o600);
    options
}

/// Opens a file, and nothing else that may be in its place: no link is followed, no pipe is waited for.
pub(crate) fn open(options: &OpenOptions, path: &Path) -> io::Result<(File, fs::Metadata)> {
    let opened = options.open(path).and_then(|file| {
        let metadata = file.metadata()?;
        Ok((file, metadata))
    });
    let is_regular = match &opened {
        Ok((_, metadata)) => metadata.is_file(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        Err(_) => fs::symlink_metadata(path).map_or(true, |metadata| metadata.is_file()),
    };
    let result = if is_regular {
        opened
    } else {
        Err(io::Error::new(NOT_REGULAR, "not a regular file"))
    };
    result.map_err(failed("could not be opened", path))
}

/// The kind of the error that something is not a regular file; no error of an operating system has it.
pub(crate) const NOT_REGULAR: io::ErrorKind = io::ErrorKind::InvalidData;

/// Does `action`, and if its folder is missing, makes that and does it again.
pub(crate) fn with_dir<T>(dir: &Path, mut action: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    match action() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make_private_dir(dir)?;
            action()
        }
        other => other,
    }
}

/// Success instead of an error of this kind.
pub(crate) fn ignore(result: io::Result<()>, kind: io::ErrorKind) -> io::Result<()> {
    result.or_else(|error| {
        if error.kind() == kind {
            Ok(())
        } else {
            Err(error)
        }
    })
}

/// Exchanges two files, so that a reader finds one or the other; false where that cannot be done.
pub(crate) fn exchange(one: &Path, other: &Path) -> bool {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    return renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE).is_ok();
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        let _ = (one, other);
        false
    }
}

/// `None` instead of the error that there is no such file.
pub(crate) fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map(Some),
    }
}

/// Removes a file, or finds that there is none.
pub(crate) fn remove(path: &Path) -> io::Result<()> {
    let removed = found(fs::remove_file(path)).map(drop);
    removed.map_err(failed("could not be removed", path))
}

/// Fills `buffer` from an offset on; returns how much of it there was.
pub(crate) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        #[cfg(unix)]
        let read = file.read_at(&mut buffer[filled..], offset + filled as u64);
        #[cfg(windows)]
        let read = file.seek_read(&mut buffer[filled..], offset + filled as u64);
        match read {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// Writes all of `bytes` from an offset on.
pub(crate) fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    #[cfg(unix)]
    return file.write_all_at(bytes, offset);
    #[cfg(windows)]
    {
        let mut written = 0;
        while written < bytes.len() {
            written += file.seek_write(&bytes[written..], offset + written as u64)?;
        }
        Ok(())
    }
}

/// What tells one file from another that later took its path.
pub(crate) fn identity(metadata: &fs::Metadata) -> (u64, u64) {
    #[cfg(unix)]
    return (metadata.dev(), metadata.ino());
    #[cfg(not(unix))]
    {
        let _ = metadata;
        (0, 0)
    }
}

/// Whether others than the owner may write into a directory.
pub(crate) fn is_open_to_others(path: &Path) -> bool {
    #[cfg(unix)]
    return fs::metadata(path).is_ok_and(|metadata| metadata.mode() & 0o022 != 0);
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}
