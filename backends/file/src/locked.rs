use std::{
    fs, io,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use parking_lot::MappedMutexGuard;

use crate::{
    digest::Digest,
    disk,
    draft::Draft,
    entry::{self, Found},
    fault::failed,
    layout::Layout,
    limits::Limits,
    queue::{self, Record},
    state::{Intent, State},
    step::step,
    store::Index,
};

/// The right to change a store, until it is dropped.
#[derive(Debug)]
pub(crate) struct Locked<'a> {
    pub(crate) layout: &'a Layout,
    index: MappedMutexGuard<'a, Index>,
    pub(crate) state: State,
}

impl<'a> Locked<'a> {
    /// Reads the books of an index that was locked, and brings them in order.
    pub(crate) fn load(layout: &'a Layout, index: MappedMutexGuard<'a, Index>) -> io::Result<Self> {
        let mut locked = Self {
            layout,
            index,
            state: empty(),
        };
        step("locked");
        let mut bytes = [0; State::LEN];
        let read = disk::read_at(&locked.index.file, &mut bytes, 0);
        let read = read.map_err(failed("could not be read", &layout.index))?;
        let is_known = locked.index.is_known;
        match State::from_bytes(&bytes) {
            Some(state) if is_known || !state.host.has_rebooted() => locked.state = state,
            _ if read == 0 => locked.rebuild()?,
            _ => {
                let index = layout.index.display();
                tracing::warn!(%index, "torn, or written before a restart of the machine: rebuilt");
                locked.rebuild()?;
            }
        }
        locked.index.is_known = true;
        locked.settle()?;
        Ok(locked)
    }

    /// Puts a draft into its place, over whatever is there.
    pub(crate) fn put(&mut self, mut draft: Draft<'_>, limits: &Limits) -> io::Result<()> {
        let digest = draft.digest;
        let found = self.make_room(digest, draft.size(), limits)?;
        let known = found.and_then(|found| found.id);
        let id = known.unwrap_or(self.state.next_id);
        draft.seal(id)?;
        if known.is_none() {
            self.state.next_id += 1;
            self.compact()?;
            queue::write(self.layout, self.state.tail, &[Record { digest, id }])?;
        }
        self.begin(Intent::Change {
            digest,
            before: found.map(|found| found.size),
            queued: known.is_none(),
        })?;
        let placed = draft.place(self.layout, found.map(|found| found.size));
        self.settle()?;
        placed
    }

    /// Removes the file of an entry; false if there was none.
    pub(crate) fn remove(&mut self, digest: Digest) -> io::Result<bool> {
        let Some(found) = self.find(digest)? else {
            return Ok(false);
        };
        self.begin(Intent::Change {
            digest,
            before: Some(found.size),
            queued: false,
        })?;
        let removed = disk::remove(&self.layout.entry(digest));
        step("removed");
        self.settle()?;
        removed.map(|()| true)
    }

    /// Forgets everything. What there was is out of the way, but not removed yet.
    pub(crate) fn clear(&mut self) -> io::Result<()> {
        self.begin(Intent::Clear)?;
        self.settle()
    }

    pub(crate) fn find(&self, digest: Digest) -> io::Result<Option<Found>> {
        entry::find(&self.layout.entry(digest))
    }

    /// Writes down what is going to be done.
    pub(crate) fn begin(&mut self, intent: Intent) -> io::Result<()> {
        self.state.intent = intent;
        self.save()
    }

    /// Finishes what the books say was begun, from what is found on disk: it does not matter how far it came.
    pub(crate) fn settle(&mut self) -> io::Result<()> {
        match self.state.intent {
            Intent::None => return Ok(()),
            Intent::Change {
                digest,
                before,
                queued,
            } => {
                self.account(digest, before, queued)?;
                return self.finish_change();
            }
            Intent::Cull { until, .. } => {
                let doomed = self.entries_of(until)?;
                return self.finish_cull(&doomed);
            }
            Intent::Clear => {
                move_away(&self.layout.entries, self.layout)?;
                move_away(&self.layout.queue, self.layout)?;
                self.state = State {
                    next_id: self.state.next_id,
                    ..empty()
                };
            }
        }
        self.finish()
    }

    /// Writes down that it is done.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.state.intent = Intent::None;
        self.save()
    }

    /// Makes the books unreadable, so that they are rebuilt even by the next one.
    pub(crate) fn invalidate(&mut self) -> io::Result<()> {
        self.write(&[0; State::LEN])?;
        step("books invalidated");
        Ok(())
    }

    fn save(&mut self) -> io::Result<()> {
        self.write(&self.state.to_bytes())?;
        step("books written");
        Ok(())
    }

    fn write(&self, books: &[u8]) -> io::Result<()> {
        let written = disk::write_at(&self.index.file, books, 0);
        written.map_err(failed("could not be written", &self.layout.index))
    }

    fn account(&mut self, digest: Digest, before: Option<u64>, queued: bool) -> io::Result<()> {
        let after = size_of(&self.layout.entry(digest))?;
        let state = &mut self.state;
        state.count += u64::from(after.is_some());
        state.count = state.count.saturating_sub(u64::from(before.is_some()));
        state.bytes += after.unwrap_or(0);
        state.bytes = state.bytes.saturating_sub(before.unwrap_or(0));
        if state.count == 0 {
            state.bytes = 0;
        }
        state.tail += u64::from(queued && after.is_some());
        Ok(())
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        let _ = self.index.file.unlock();
    }
}

/// The books of an empty store.
pub(crate) fn empty() -> State {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    State::new(now.map_or(1, |now| now.as_nanos() as u64))
}

fn size_of(path: &Path) -> io::Result<Option<u64>> {
    let metadata = disk::found(fs::symlink_metadata(path));
    let metadata = metadata.map_err(failed("could not be looked at", path))?;
    Ok(metadata
        .filter(fs::Metadata::is_file)
        .map(|file| file.len()))
}

fn move_away(path: &Path, layout: &Layout) -> io::Result<()> {
    let target = layout.unique();
    disk::make_private_dir(&layout.tmp)?;
    let moved = disk::found(fs::rename(path, target));
    moved.map_err(failed("could not be moved away", path))?;
    step("moved away");
    Ok(())
}
