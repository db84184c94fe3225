//! The folder of a Django site's file cache: one file an entry, `<md5 of the key>.djcache`, with a pickle of the expiry and
//! the compressed pickle of the value.
//!
//! Python writes there behind our back. What is atomic here is so among the processes of `cachemere`, which share the
//! lock `cachemere.lock`; against Django, `add` and `incr` are as good as Django's own. So is MAX_ENTRIES: the files are
//! counted when one is added, and random ones go.

mod content;
mod folder;

use std::{io, path, sync::Arc, time::Duration};

use cachemere_base::{
    Backend, Clock, Context, Counters, Error, Expiry, Key, Remaining, Result, Settings, Ttl, Value,
};
use cachemere_django::stored;

use crate::{Options, disk, fault::Fault};
use content::Content;
use folder::{Folder, Guard};

/// A file cache that a Django site has too.
#[derive(Debug)]
pub(crate) struct Django {
    folder: Arc<Folder>,
    clock: Arc<dyn Clock>,
    counters: Arc<Counters>,
    settings: Settings,
    lock_timeout: Duration,
}

/// What was found at the place of a key.
enum Found {
    Nothing,
    Expired,
    Damaged,
    Live(Content),
}

impl Django {
    pub(crate) fn open(settings: &Settings, options: &Options, context: &Context) -> Result<Self> {
        stored::only_pickle(settings)?;
        if options.max_bytes.is_some() {
            let message = "Django counts files only; leave it out";
            return Err(Error::setting("OPTIONS.MAX_BYTES", message));
        }
        let location = settings.location()?;
        if location.is_empty() {
            let message =
                "the directory of the site's cache is needed, such as `/var/tmp/django_cache`";
            return Err(Error::setting("LOCATION", message));
        }
        let location = path::absolute(location)
            .map_err(|error| Error::setting("LOCATION", error.to_string()).with_source(error))?;
        Ok(Self {
            folder: context.shared(&location.to_string_lossy(), || Folder::new(&location)),
            clock: context.clock(),
            counters: context.counters(),
            settings: settings.clone(),
            lock_timeout: options.lock_timeout.duration(),
        })
    }

    fn find(&self, key: &Key) -> io::Result<Found> {
        let Some(bytes) = self.folder.read(key)? else {
            return Ok(Found::Nothing);
        };
        let content = match Content::of(bytes) {
            Some(content) if content.is_whole() => content,
            // Django's `touch` writes over what is there: read when it is done
            _ => match self.folder.read_settled(key, self.lock_timeout)? {
                None => return Ok(Found::Nothing),
                Some(bytes) if bytes.is_empty() => return Ok(Found::Expired),
                Some(bytes) => match Content::of(bytes) {
                    Some(content) => content,
                    None => return Ok(Found::Damaged),
                },
            },
        };
        Ok(if content.expiry.is_past(self.clock.now()) {
            Found::Expired
        } else {
            Found::Live(content)
        })
    }

    /// The live entry of a key; one that is expired is removed if nobody else writes.
    fn peek(&self, key: &Key) -> Result<Option<Content>> {
        match self.find(key).map_err(|error| self.at(error.into()))? {
            Found::Live(content) => Ok(Some(content)),
            Found::Nothing => Ok(None),
            Found::Damaged => {
                self.report(key);
                Ok(None)
            }
            Found::Expired => {
                if let Ok(guard) = self.folder.lock(Duration::ZERO) {
                    let _ = self.live(&guard, key);
                }
                Ok(None)
            }
        }
    }

    /// The same under the lock.
    fn live(&self, guard: &Guard<'_>, key: &Key) -> io::Result<Option<Content>> {
        match self.find(key)? {
            Found::Live(content) => Ok(Some(content)),
            Found::Nothing => Ok(None),
            Found::Expired => guard.remove(key).map(|_| None),
            Found::Damaged => {
                self.report(key);
                Ok(None)
            }
        }
    }

    fn locked<T>(&self, action: impl FnOnce(&Guard<'_>) -> Result<T, Fault>) -> Result<T> {
        let guard = self.folder.lock(self.lock_timeout).map_err(Fault::from);
        guard
            .and_then(|guard| action(&guard))
            .map_err(|fault| self.at(fault))
    }

    fn put(&self, guard: &Guard<'_>, key: &Key, content: &[u8]) -> io::Result<()> {
        if !guard.has(key) {
            self.cull(guard)?;
        }
        guard.write(key, content)
    }

    /// Removes random entries, as Django does, where one more would be too many.
    fn cull(&self, guard: &Guard<'_>) -> io::Result<()> {
        let mut files = guard.files()?;
        if (files.len() as u64) < self.settings.max_entries() {
            return Ok(());
        }
        let size = self.settings.cull_size(files.len() as u64);
        for _ in 0..size.min(files.len() as u64) {
            let file = files.swap_remove(fastrand::usize(..files.len()));
            disk::remove(&file)?;
        }
        Ok(())
    }

    fn expiry(&self, ttl: Ttl) -> Expiry {
        Expiry::after(ttl, self.clock.now())
    }

    fn at(&self, fault: Fault) -> Error {
        fault.at(&self.folder.location)
    }

    fn report(&self, key: &Key) {
        self.counters.count_damaged();
        let (alias, key) = (self.settings.alias(), key.shown());
        tracing::warn!(alias, %key, "the file of an entry cannot be read, and is left where it is");
    }
}

impl Backend for Django {
    fn get(&self, key: &Key) -> Result<Option<Value>> {
        Ok(self.peek(key)?.map(Content::into_value))
    }

    fn get_with_ttl(&self, key: &Key) -> Result<Option<(Value, Remaining)>> {
        let content = self.peek(key)?;
        Ok(content.map(|content| {
            let remaining = content.expiry.remaining(self.clock.now());
            (content.into_value(), remaining)
        }))
    }

    fn set(&self, key: &Key, value: Value, ttl: Ttl) -> Result<()> {
        let expiry = self.expiry(ttl);
        let content = content::written(value, expiry)?;
        let set = self.locked(|guard| {
            if expiry.is_past(self.clock.now()) {
                return Ok(guard.remove(key).map(drop)?);
            }
            Ok(self.put(guard, key, &content)?)
        });
        if set.is_err() {
            // the old value is not to be read any more
            let _ = self.folder.forget(key);
        }
        set
    }

    fn add(&self, key: &Key, value: Value, ttl: Ttl) -> Result<bool> {
        let expiry = self.expiry(ttl);
        let content = content::written(value, expiry)?;
        self.locked(|guard| {
            let is_free = self.live(guard, key)?.is_none();
            if is_free && !expiry.is_past(self.clock.now()) {
                self.put(guard, key, &content)?;
            }
            Ok(is_free)
        })
    }

    fn touch(&self, key: &Key, ttl: Ttl) -> Result<bool> {
        let expiry = self.expiry(ttl);
        self.locked(|guard| {
            let Some(content) = self.live(guard, key)? else {
                return Ok(false);
            };
            if expiry.is_past(self.clock.now()) {
                return Ok(guard.remove(key)?);
            }
            guard.write(key, &content.with_expiry(expiry))?;
            Ok(true)
        })
    }

    fn delete(&self, key: &Key) -> Result<bool> {
        self.locked(|guard| {
            let is_live = self.live(guard, key)?.is_some();
            Ok(guard.remove(key)? && is_live)
        })
    }

    fn incr(&self, key: &Key, delta: i64) -> Result<Option<i64>> {
        self.locked(|guard| {
            let Some(content) = self.live(guard, key)? else {
                return Ok(None);
            };
            let expiry = content.expiry;
            let sum = stored::counted(&content.into_value(), delta, key)?;
            guard.write(key, &content::written(Value::Int(sum), expiry)?)?;
            Ok(Some(sum))
        })
    }

    fn clear(&self) -> Result<()> {
        self.locked(|guard| {
            let files = guard.files()?;
            Ok(files.iter().try_for_each(|file| disk::remove(file))?)
        })
    }

    fn close(&self) -> Result<()> {
        self.folder.close();
        Ok(())
    }

    fn identity(&self) -> usize {
        Arc::as_ptr(&self.folder).addr()
    }

    fn folder(&self) -> Option<path::PathBuf> {
        Some(self.folder.location.clone())
    }
}
