use std::{
    fs::{self, File},
    io::{self, Write},
    path::PathBuf,
};

use crate::{digest::Digest, disk, entry::Header, fault::failed, layout::Layout, step::step};

/// An entry that is written, but not yet in its place. Dropped before it is, it removes its file.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) digest: Digest,
    path: PathBuf,
    file: File,
    header: Header,
    placed: bool,
}

impl Draft {
    /// Writes everything but the id, which is known under the lock only.
    pub(crate) fn write(
        layout: &Layout,
        header: Header,
        key: &str,
        value: &[u8],
    ) -> io::Result<Self> {
        let path = layout.unique();
        let create = || disk::open(disk::private().create_new(true), &path);
        let (file, _) = disk::with_dir(&layout.tmp, create)?;
        step("draft created");
        let mut draft = Self {
            digest: Digest::of(key),
            path,
            file,
            header,
            placed: false,
        };
        let mut start = vec![0; Header::LEN];
        start.extend_from_slice(key.as_bytes());
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

    /// Moves the file to where it is read.
    pub(crate) fn place(&mut self, layout: &Layout) -> io::Result<()> {
        let target = layout.entry(self.digest);
        let folder = target.parent().unwrap_or(&layout.entries);
        let placed = disk::with_dir(folder, || fs::rename(&self.path, &target));
        placed.map_err(failed("could not be put there", &target))?;
        self.placed = true;
        step("draft placed");
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.placed {
            let _ = fs::remove_file(&self.path);
        }
    }
}
