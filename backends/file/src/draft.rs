use std::{
    fs::{self, File},
    io::{self, Write},
    path::PathBuf,
};

use crate::{
    digest::Digest, disk, entry::Header, fault::failed, layout::Layout, step::step, store::Store,
};

/// An entry that is written, but not yet in its place. Dropped before it is, it removes its file.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    pub(crate) digest: Digest,
    store: &'a Store,
    path: PathBuf,
    file: File,
    header: Header,
    is_placed: bool,
}

impl<'a> Draft<'a> {
    /// Writes everything but the header, whose id is known under the lock only.
    pub(crate) fn write(
        store: &'a Store,
        header: Header,
        key: &str,
        value: &[u8],
    ) -> io::Result<Self> {
        let size = header.file_len();
        let (path, file, length) = spare(store).map_or_else(|| create(store), Ok)?;
        step("draft created");
        let mut draft = Self {
            digest: Digest::of(key),
            store,
            path,
            file,
            header,
            is_placed: false,
        };
        if length > size {
            draft
                .file
                .set_len(size)
                .map_err(failed("could not be cut", &draft.path))?;
            step("draft cut");
        }
        let mut start = vec![0; Header::LEN];
        start.extend_from_slice(key.as_bytes());
        let value = match value.len() {
            0..=SMALL => {
                start.extend_from_slice(value);
                &[]
            }
            _ => value,
        };
        draft.append(&start)?;
        step("draft begun");
        draft.append(value)?;
        step("draft written");
        Ok(draft)
    }

    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let written = self.file.write_all(bytes);
        written.map_err(failed("could not be written", &self.path))
    }

    /// How long the file is.
    pub(crate) fn size(&self) -> u64 {
        self.header.file_len()
    }

    /// Makes the file complete.
    pub(crate) fn seal(&mut self, id: u64) -> io::Result<()> {
        self.header.id = id;
        let written = disk::write_at(&self.file, &self.header.to_bytes(), 0);
        written.map_err(failed("could not be written", &self.path))?;
        step("draft sealed");
        Ok(())
    }

    /// Moves the file to where it is read, over one of the size of `replaced`.
    pub(crate) fn place(&mut self, layout: &Layout, replaced: Option<u64>) -> io::Result<()> {
        let target = layout.entry(self.digest);
        let folder = target.parent().unwrap_or(&layout.entries);
        let exchanged = replaced.filter(|_| disk::exchange(&self.path, &target));
        if exchanged.is_none() {
            let placed = disk::with_dir(folder, || fs::rename(&self.path, &target));
            placed.map_err(failed("could not be put there", &target))?;
        }
        self.is_placed = true;
        step("draft placed");
        if let Some(size) = exchanged {
            self.store.spares.keep(&self.path, size);
        }
        Ok(())
    }
}

/// Together with the key, such a value is written at once.
const SMALL: usize = 64 << 10;

/// A file that was replaced, and its length.
fn spare(store: &Store) -> Option<(PathBuf, File, u64)> {
    let path = store.spares.take()?;
    let (file, metadata) = disk::open(&disk::private(), &path).ok()?;
    Some((path, file, metadata.len()))
}

fn create(store: &Store) -> io::Result<(PathBuf, File, u64)> {
    let path = store.layout.unique();
    let create = || disk::private().create_new(true).open(&path);
    let file = disk::with_dir(&store.layout.tmp, create);
    let file = file.map_err(failed("could not be opened", &path))?;
    Ok((path, file, 0))
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        if !self.is_placed {
            let _ = fs::remove_file(&self.path);
        }
    }
}
