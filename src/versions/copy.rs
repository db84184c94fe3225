use std::{collections::HashMap, time::Duration};

use cachemere_base::{Error, Result};
use serde::{Deserialize, Serialize};

use super::Snapshot;
use crate::{Cache, Version};

/// How long a copy is read, if nobody says that it is old.
const LIFETIME: Duration = Duration::from_secs(30);

/// The copy of the map in a cache: see the module's documentation for why it holds.
pub(super) struct Copy {
    /// As its alias is configured: who changes versions wants to know whether the others do.
    cache: Cache,
    /// A fault is a miss: who reads versions has the database.
    forgiving: Cache,
    token: String,
    map: String,
}

/// What is stored under either key.
#[derive(Deserialize, Serialize)]
struct Entry {
    token: String,
    /// None under the key of the token itself.
    versions: Option<HashMap<String, String>>,
}

/// What a reader found.
pub(super) enum Found {
    /// A map that holds.
    Map(Snapshot),
    /// None, and maybe a token.
    Nothing(Option<String>),
}

impl Copy {
    pub(super) fn new(cache: Cache, table: &str) -> Self {
        Self {
            forgiving: cache.forgiving(),
            cache,
            token: format!("cachemere.versions.{table}.token"),
            map: format!("cachemere.versions.{table}"),
        }
    }

    pub(super) fn read(&self) -> Found {
        self.judged(self.forgiving.get_many(self.keys()))
    }

    pub(super) async fn aread(&self) -> Found {
        self.judged(self.forgiving.aget_many(self.keys()).await)
    }

    /// The token to store a map with that is loaded from now on; none if the cache does not take one.
    pub(super) fn token(&self, known: Option<String>) -> Option<String> {
        if known.is_some() {
            return known;
        }
        let entry = Entry::token();
        let added = self.forgiving.add(&self.token, &entry, None);
        match self.noted(added)? {
            true => Some(entry.token),
            false => self
                .noted(self.forgiving.get(&self.token))?
                .map(|entry: Entry| entry.token),
        }
    }

    pub(super) async fn atoken(&self, known: Option<String>) -> Option<String> {
        if known.is_some() {
            return known;
        }
        let entry = Entry::token();
        let added = self.forgiving.aadd(&self.token, &entry, None).await;
        match self.noted(added)? {
            true => Some(entry.token),
            false => {
                let found = self.forgiving.aget(&self.token).await;
                self.noted(found)?.map(|entry: Entry| entry.token)
            }
        }
    }

    /// Stores a map that was loaded after the token was there.
    pub(super) fn write(&self, token: String, versions: &Snapshot) {
        let entry = Entry::map(token, versions);
        self.noted(self.forgiving.set(&self.map, &entry, LIFETIME));
    }

    pub(super) async fn awrite(&self, token: String, versions: &Snapshot) {
        let entry = Entry::map(token, versions);
        self.noted(self.forgiving.aset(&self.map, &entry, LIFETIME).await);
    }

    /// Makes all maps of before not hold, after a change was committed.
    pub(super) fn outdate(&self) -> Result<()> {
        let told = self.cache.set(&self.token, &Entry::token(), None);
        told.map_err(|error| untold(&error))
    }

    fn keys(&self) -> [&str; 2] {
        [&self.token, &self.map]
    }

    fn judged(&self, found: Result<HashMap<&str, Entry>>) -> Found {
        let mut found = self.noted(found).unwrap_or_default();
        let token = found.remove(self.token.as_str()).map(|entry| entry.token);
        match found.remove(self.map.as_str()) {
            Some(Entry {
                token: of_map,
                versions: Some(versions),
            }) if token.as_ref() == Some(&of_map) => {
                let versions = versions.into_iter();
                Found::Map(Snapshot::new(
                    versions.map(|(name, version)| (name, Version::from(version))),
                ))
            }
            _ => Found::Nothing(token),
        }
    }

    /// What went well; what did not is logged.
    fn noted<T>(&self, result: Result<T>) -> Option<T> {
        result
            .inspect_err(|error| {
                let alias = self.cache.alias();
                tracing::warn!(alias, "no copy of the versions is used: {error}");
            })
            .ok()
    }
}

impl Entry {
    /// Another token than any other.
    fn token() -> Self {
        Self {
            token: format!("{:032x}", fastrand::u128(..)),
            versions: None,
        }
    }

    fn map(token: String, versions: &Snapshot) -> Self {
        let versions = versions.iter();
        let versions = versions.map(|(name, version)| (name.to_owned(), version.to_string()));
        Self {
            token,
            versions: Some(versions.collect()),
        }
    }
}

fn untold(error: &Error) -> Error {
    let message = format!(
        "the versions are changed, but the cache with a copy of them was not told: others may read those of before for {LIFETIME:?}, unless the call is repeated: {error}"
    );
    Error::new(error.kind(), message).with_source(error.clone())
}
