use std::{
    io,
    num::NonZeroU64,
    path,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

#[cfg(feature = "django")]
use cachemere_base::Backend;
use cachemere_base::{
    Clock, Context, Counters, Error, ErrorKind, Expiry, Key, Open, Result, Settings, Ttl, Value,
};

use crate::{
    Options,
    digest::Digest,
    disk,
    draft::Draft,
    entry::{self, Entry, Header, Reading},
    fault::Fault,
    limits::Limits,
    locked::Locked,
    store::Store,
};

/// A cache in the files of a directory.
///
/// - LOCATION is the directory; a relative one is looked for where the process starts.
/// - What it creates is for its user alone: directories have mode 0700, files 0600.
/// - Keys may be of any length and have any characters.
/// - The folder `cachemere` there is refused if it is a symbolic link, of another user, or if others may write into it;
///   LOCATION itself may be any of these.
/// - A file that is damaged anywhere is a miss: it is removed, counted and logged.
#[derive(Debug)]
pub struct File {
    pub(crate) store: Arc<Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) limits: Limits,
    counters: Arc<Counters>,
    location: PathBuf,
    lock_timeout: Duration,
}

impl Open for File {
    const NAMES: &'static [&'static str] = &[
        "file",
        "django.core.cache.backends.filebased.FileBasedCache",
    ];

    type Options = Options;

    fn open(settings: &Settings, options: Options, context: &Context) -> Result<Self> {
        let location = settings.location()?;
        if location.is_empty() {
            let message = "a directory is needed, such as `/var/cache/app`";
            return Err(Error::setting("LOCATION", message));
        }
        let location = path::absolute(location)
            .map_err(|error| Error::setting("LOCATION", error.to_string()).with_source(error))?;
        let make = || Store::new(&location);
        Ok(Self {
            store: context.shared(&location.to_string_lossy(), make),
            clock: context.clock(),
            limits: Limits {
                settings: settings.clone(),
                max_bytes: options.max_bytes.map(NonZeroU64::get),
            },
            counters: context.counters(),
            lock_timeout: options.lock_timeout.duration(),
            location,
        })
    }

    #[cfg(feature = "django")]
    fn open_django(
        settings: &Settings,
        options: Options,
        context: &Context,
    ) -> Result<Arc<dyn Backend>> {
        let cache = crate::django::Django::open(settings, &options, context)?;
        Ok(Arc::new(cache))
    }
}

/// So often an entry that looks wrong is read again before the lock is taken for it.
const RETRIES: usize = 2;

impl File {
    /// The live entry of a key, read without the lock.
    pub(crate) fn peek(&self, key: &Key) -> Result<Option<Entry>> {
        let digest = Digest::of(key);
        let checked = self.store.check();
        let reading = checked.and_then(|()| self.read(digest, key));
        match reading.map_err(|error| self.at(error.into()))? {
            Reading::Missing => Ok(None),
            Reading::Intact(entry) if !entry.is_of(key) => {
                self.locked(|locked| Ok(self.live(locked, key)?))
            }
            Reading::Intact(entry) if !self.is_past(entry.expiry) => Ok(Some(entry)),
            Reading::Intact(_) | Reading::GivenUp => {
                let locked = self.store.lock(Duration::ZERO);
                let _ = locked.and_then(|mut locked| self.live(&mut locked, key));
                Ok(None)
            }
            Reading::Damaged => {
                let locked = self.store.lock(self.lock_timeout);
                let live = locked.and_then(|mut locked| self.live(&mut locked, key));
                Ok(live.unwrap_or_else(|_| {
                    self.report(digest);
                    None
                }))
            }
        }
    }

    /// Reads the file of an entry without the lock. One that was replaced when it had been opened may have been written
    /// anew before it was read: it is looked for again.
    fn read(&self, digest: Digest, key: &Key) -> io::Result<Reading> {
        let path = self.store.layout.entry(digest);
        let mut reading = entry::read(&path)?;
        for _ in 0..RETRIES {
            match &reading {
                Reading::Damaged => {}
                Reading::Intact(entry) if !entry.is_of(key) => {}
                _ => break,
            }
            reading = entry::read(&path)?;
        }
        Ok(reading)
    }

    /// The live entry of a key; one that is expired or damaged is removed.
    pub(crate) fn live(&self, locked: &mut Locked<'_>, key: &Key) -> io::Result<Option<Entry>> {
        let digest = Digest::of(key);
        match entry::read(&locked.layout.entry(digest))? {
            Reading::Missing => Ok(None),
            Reading::Intact(entry) if !entry.is_of(key) => Ok(None),
            Reading::Intact(entry) if !self.is_past(entry.expiry) => Ok(Some(entry)),
            Reading::Intact(_) | Reading::GivenUp => locked.remove(digest).map(|_| None),
            Reading::Damaged => {
                locked.remove(digest)?;
                self.report(digest);
                Ok(None)
            }
        }
    }

    /// Runs `action` under the lock.
    pub(crate) fn locked<T>(
        &self,
        action: impl FnOnce(&mut Locked<'_>) -> Result<T, Fault>,
    ) -> Result<T> {
        let locked = self.store.lock(self.lock_timeout).map_err(Fault::from);
        locked
            .and_then(|mut locked| action(&mut locked))
            .map_err(|fault| self.at(fault))
    }

    /// Stores a value, over whatever is there.
    pub(crate) fn place(&self, key: &Key, value: Value, ttl: Ttl) -> Result<()> {
        let expiry = self.expiry(ttl);
        if self.is_past(expiry) {
            return self.locked(|locked| Ok(locked.remove(Digest::of(key)).map(drop)?));
        }
        let draft = self.draft(key, value, expiry);
        let draft = draft.map_err(|fault| self.at(fault))?;
        self.locked(|locked| Ok(locked.put(draft, &self.limits)?))
    }

    /// Writes an entry that is to be put into its place.
    pub(crate) fn draft(
        &self,
        key: &Key,
        value: Value,
        expiry: Expiry,
    ) -> Result<Draft<'_>, Fault> {
        let (tag, data) = (value.tag(), value.into_bytes());
        let header = Header::new(key, tag, &data, expiry);
        if self.limits.excess(header.file_len()) > 0 {
            return Err(self.too_large(key, header.file_len()).into());
        }
        self.store.prepare()?;
        Ok(Draft::write(&self.store, header, key, &data)?)
    }

    pub(crate) fn expiry(&self, ttl: Ttl) -> Expiry {
        Expiry::after(ttl, self.clock.now())
    }

    pub(crate) fn is_past(&self, expiry: Expiry) -> bool {
        expiry.is_past(self.clock.now())
    }

    pub(crate) fn at(&self, fault: Fault) -> Error {
        fault.at(&self.location)
    }

    /// Removes an entry that could not be replaced, as good as it goes after an error.
    pub(crate) fn forget(&self, key: &Key, problem: ErrorKind) {
        let digest = Digest::of(key);
        let timeout = match problem {
            ErrorKind::TimedOut => Duration::ZERO,
            _ => self.lock_timeout,
        };
        let locked = self.store.lock(timeout);
        let removed = locked.and_then(|mut locked| locked.remove(digest));
        if removed.is_err() && self.store.check().is_ok() {
            let path = self.store.layout.entry(digest);
            // A value that should be gone is worse than books that are not exact.
            let _ = entry::give_up(&path).or_else(|_| disk::remove(&path));
        }
    }

    pub(crate) fn location(&self) -> &Path {
        &self.location
    }

    pub(crate) fn notes_on_location(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let given = self.limits.settings.location().unwrap_or_default();
        if Path::new(given).is_relative() {
            let note = "LOCATION is relative: it depends on the directory the process starts in";
            notes.push(note.to_owned());
        }
        if disk::is_open_to_others(&self.location) {
            let location = self.location.display();
            notes.push(format!("others may write into LOCATION (`{location}`)"));
        }
        notes
    }

    fn too_large(&self, key: &Key, size: u64) -> Error {
        let max = self.limits.max_bytes.unwrap_or(u64::MAX);
        let message = format!("{} takes {size} bytes, MAX_BYTES is {max}", key.shown());
        Error::new(ErrorKind::TooLarge, message)
    }

    fn report(&self, digest: Digest) {
        let alias = self.limits.settings.alias();
        self.counters.count_damaged();
        tracing::warn!(alias, %digest, "the file of an entry is damaged and is removed");
    }
}
