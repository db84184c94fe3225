use std::{ffi::OsStr, fs, io, path::Path, time::SystemTime};

use crate::{
    digest::Digest,
    disk,
    fault::failed,
    locked::{Locked, empty},
    queue::{self, Record},
    state::State,
    step::step,
};

/// What a listing tells of an entry.
#[derive(Debug)]
struct Listed {
    written: SystemTime,
    digest: Digest,
    size: u64,
}

impl Locked<'_> {
    /// Makes the books anew from what lies on disk, the oldest entry first.
    pub(crate) fn rebuild(&mut self) -> io::Result<()> {
        self.invalidate()?;
        let removed = disk::found(fs::remove_dir_all(&self.layout.queue));
        removed.map_err(failed("could not be removed", &self.layout.queue))?;
        step("queue removed");
        let mut entries = list(&self.layout.entries)?;
        entries.sort_by_key(|entry| entry.written);
        let records: Vec<_> = entries
            .iter()
            .map(|entry| Record {
                digest: entry.digest,
                id: 0,
            })
            .collect();
        queue::write(self.layout, 0, &records)?;
        let count = entries.len() as u64;
        self.state = State {
            count,
            bytes: entries.iter().map(|entry| entry.size).sum(),
            tail: count,
            due: self.state.due.min(count),
            ..empty()
        };
        self.finish()
    }
}

fn list(entries: &Path) -> io::Result<Vec<Listed>> {
    let mut listed = Vec::new();
    for folder in children(entries)? {
        let folder = folder?;
        if !folder.file_type()?.is_dir() {
            continue;
        }
        for file in children(&folder.path())? {
            listed.extend(entry(&folder.file_name(), &file?)?);
        }
    }
    Ok(listed)
}

/// What is in a directory: nothing, if there is none.
fn children(path: &Path) -> io::Result<impl Iterator<Item = io::Result<fs::DirEntry>>> {
    let children = disk::found(fs::read_dir(path));
    let children = children.map_err(failed("could not be listed", path))?;
    Ok(children.into_iter().flatten())
}

/// The entry of a file, `None` for a foreign one.
fn entry(folder: &OsStr, file: &fs::DirEntry) -> io::Result<Option<Listed>> {
    let name = file.file_name();
    let names = folder.to_str().zip(name.to_str());
    let Some(digest) = names.and_then(|(folder, name)| Digest::from_names(folder, name)) else {
        return Ok(None);
    };
    let Some(metadata) = disk::found(file.metadata())?.filter(fs::Metadata::is_file) else {
        return Ok(None);
    };
    Ok(Some(Listed {
        written: metadata.modified()?,
        digest,
        size: metadata.len(),
    }))
}
