use std::{
    path::{Component, Path, PathBuf},
    time::{Duration, Instant},
};

use cachemere_base::{Codec, Error, ErrorKind, Result, Timeout};

use crate::{Cache, Caches, Version};

/// What the configuration says of one alias.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Description {
    /// The alias.
    pub alias: String,
    /// The name that BACKEND uses.
    pub backend: String,
    /// LOCATION as it is written, passwords masked and variables not put in.
    pub location: String,
    /// TIMEOUT.
    pub timeout: Timeout,
    /// KEY_PREFIX.
    pub key_prefix: String,
    /// VERSION.
    pub version: Version,
    /// SERIALIZER.
    pub serializer: Codec,
    /// Whether entries outlive this process.
    pub is_lasting: bool,
    /// What to know of this configuration: options without effect, a risky LOCATION.
    pub notes: Vec<String>,
}

/// What [`Cache::check`] saw.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// What the configuration says.
    pub description: Description,
    /// Whether the store keeps what it is given; the dummy cache does not, and is healthy all the same.
    pub stores: bool,
    /// How long a round trip (set, get, delete) took, or why it failed.
    pub result: Result<Duration>,
    /// The servers that answered, and their versions.
    pub servers: Vec<String>,
}

impl Cache {
    /// What the configuration says of this alias, without a look at the store.
    #[must_use]
    pub fn describe(&self) -> Description {
        let (alias, store) = (&self.handle.alias, &self.handle.store);
        let mut notes = store.notes();
        notes.extend(alias.notes.iter().cloned());
        if let Some(folder) = store.folder() {
            notes.extend(served_notes(&folder, &self.handle.served));
        }
        Description {
            alias: alias.name.clone(),
            backend: alias.settings.backend().to_owned(),
            location: alias.location_shown.clone(),
            timeout: alias.timeout.into(),
            key_prefix: alias.key_prefix.clone(),
            version: alias.version.clone(),
            serializer: alias.serializer,
            is_lasting: store.is_lasting(),
            notes,
        }
    }

    /// Makes a real round trip: one short-lived entry under a key of its own is set, read and deleted.
    ///
    /// A store that is full culls for it, as for any entry.
    #[must_use]
    pub fn check(&self) -> Report {
        let started = Instant::now();
        let result = round_trip(self).map(|()| started.elapsed());
        let servers = result.as_ref().map_or_else(
            |_| Vec::new(),
            |_| self.handle.store.servers().unwrap_or_default(),
        );
        Report {
            description: self.describe(),
            stores: !self.handle.store.stores_nothing(),
            result,
            servers,
        }
    }
}

impl Caches {
    /// [`Cache::check`] of every alias, in the order of the configuration.
    #[must_use]
    pub fn check(&self) -> Vec<Report> {
        self.all(false).into_iter().map(Cache::check).collect()
    }
}

/// Django's caches.W002: a file cache that a web server might hand out.
fn served_notes(folder: &Path, served: &[(&'static str, PathBuf)]) -> Vec<String> {
    let folder = resolved(folder);
    let note = |(setting, served): &(&str, PathBuf)| {
        let served = resolved(served);
        let relation = if folder == served {
            "is"
        } else if folder.starts_with(&served) {
            "is inside"
        } else if served.starts_with(&folder) {
            "contains"
        } else {
            return None;
        };
        Some(format!(
            "LOCATION {relation} {setting}: cached data might be served to anyone"
        ))
    };
    served.iter().filter_map(note).collect()
}

fn round_trip(cache: &Cache) -> Result<()> {
    let key = format!(
        "cachemere.check.{}.{:?}",
        std::process::id(),
        std::thread::current().id()
    );
    let key = key.replace(['(', ')'], "");
    let written = format!("{key} at {:?}", Instant::now());
    cache
        .handle
        .store
        .get(&cache.key(&key)?)
        .map_err(|error| cache.handle.named(error))?;
    cache.set(&key, &written, 60)?;
    let read: Option<String> = cache.get(&key)?;
    let deleted = cache.delete(&key)?;
    if cache.handle.store.stores_nothing() || (deleted && read.as_ref() == Some(&written)) {
        return Ok(());
    }
    let message = match read {
        None => "what was set could not be read back; is the store full, or MAX_BYTES too small?",
        Some(_) => "what was read back is not what was set; do two caches share this place?",
    };
    Err(cache.handle.named(Error::new(ErrorKind::Server, message)))
}

/// Absolute, without `.` and `..`, links followed as far as the path exists.
fn resolved(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut plain = PathBuf::new();
    for component in absolute.components() {
        match component {
            Component::ParentDir => drop(plain.pop()),
            other => plain.push(other),
        }
    }
    let existing = plain
        .ancestors()
        .find_map(|ancestor| Some((ancestor, ancestor.canonicalize().ok()?)));
    match existing.and_then(|(ancestor, real)| Some(real.join(plain.strip_prefix(ancestor).ok()?)))
    {
        Some(real) => real,
        None => plain,
    }
}
