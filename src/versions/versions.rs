use std::{collections::BTreeMap, fmt};

use cachemere_base::Result;
use cachemere_db::{Database, NewTable};

use super::{
    copy::{Copy, Found},
    snapshot::Snapshot,
    table::Table,
};
use crate::{Caches, Global, Version};

/// The names that have versions, as `[VERSIONS]` says where: in a table of a database.
///
/// - A version is eight letters and digits at random, or a number that counts up from 0, by KIND.
/// - Whatever changes versions is committed before it returns; processes that change them at once all take effect.
/// - Every method has an asynchronous twin with an `a` before its name.
/// - Cheap to clone.
#[derive(Clone)]
pub struct Versions {
    pub(super) caches: Caches,
}

impl Caches {
    /// The named versions.
    #[must_use]
    pub fn versions(&self) -> Versions {
        let caches = self.clone();
        Versions { caches }
    }
}

impl Global {
    /// The named versions.
    ///
    /// # Errors
    /// If the configuration cannot be loaded.
    pub fn versions(&self) -> Result<Versions> {
        Ok(self.load()?.versions())
    }
}

impl Versions {
    /// Gives a name a version; false if it has one, which stays.
    ///
    /// A name that was stopped gets another version than it ever had: the next number, or one at random.
    ///
    /// # Errors
    /// If the name is empty, has control characters or more than 128 characters; if the database fails.
    pub fn start(&self, name: &str) -> Result<bool> {
        let is_new = self.table()?.start(name)?;
        self.outdate()?;
        Ok(is_new)
    }

    /// Takes the version of a name away; false if it was stopped before.
    ///
    /// # Errors
    /// [`UnknownVersion`](crate::ErrorKind::UnknownVersion) for a name that was never started; if the database fails.
    pub fn stop(&self, name: &str) -> Result<bool> {
        let is_new = self.table()?.stop(name)?;
        self.outdate()?;
        Ok(is_new)
    }

    /// The version of a name, in one look-up. A [`snapshot`](Self::snapshot) has them all.
    ///
    /// # Errors
    /// [`UnknownVersion`](crate::ErrorKind::UnknownVersion), with the names there are; if the database fails.
    pub fn get(&self, name: &str) -> Result<Version> {
        self.snapshot()?.get(name).cloned()
    }

    /// Whether this is the version of a name.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn is_valid(&self, name: &str, version: impl Into<Version>) -> Result<bool> {
        self.snapshot()?.is_valid(name, version)
    }

    /// The versions of all names.
    ///
    /// # Errors
    /// If the database fails.
    pub fn all(&self) -> Result<BTreeMap<String, Version>> {
        Ok(map(&self.snapshot()?))
    }

    /// The versions of all names, for one request: in one look-up of the copy in the cache, or one query.
    ///
    /// # Errors
    /// If the database fails. A cache that fails is logged, counted, and passed over.
    pub fn snapshot(&self) -> Result<Snapshot> {
        let Some(copy) = self.copy()? else {
            return self.table()?.load();
        };
        let token = match copy.read() {
            Found::Map(versions) => return Ok(versions),
            Found::Nothing(token) => copy.token(token),
        };
        let versions = self.table()?.load()?;
        if let Some(token) = token {
            copy.write(token, &versions);
        }
        Ok(versions)
    }

    /// Gives names other versions: all of them, or none if one is unknown.
    ///
    /// The entries of other names stay as they are.
    ///
    /// ```
    /// # fn main() -> cachemere::Result<()> {
    /// # let toml = "[DATABASES]\ndefault = 'sqlite::memory:'\n[CACHES.default]\nBACKEND = 'locmem'";
    /// # let caches = cachemere::Caches::from_toml(toml)?;
    /// let versions = caches.versions();
    /// # versions.start("bans")?;
    /// let version = versions.get("bans")?;
    /// versions.invalidate(["bans"])?;
    /// assert!(!versions.is_valid("bans", version)?);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`UnknownVersion`](crate::ErrorKind::UnknownVersion), with the names there are; if the database fails; if the
    /// cache with the copy fails and its ON_ERROR is `"raise"`: the versions are changed then, and to repeat the call tells
    /// the cache.
    pub fn invalidate<N: AsRef<str>>(&self, names: impl IntoIterator<Item = N>) -> Result<()> {
        let names: Vec<N> = names.into_iter().collect();
        self.table()?.invalidate(&in_order(&names))?;
        self.outdate()
    }

    /// Gives every name another version.
    ///
    /// # Errors
    /// As [`invalidate`](Self::invalidate).
    pub fn invalidate_all(&self) -> Result<()> {
        self.table()?.invalidate_all()?;
        self.outdate()
    }

    /// The table, if the configuration speaks of versions, and where it is.
    pub(crate) fn new_table(&self) -> Option<(Database, NewTable)> {
        let table = self.table().ok()?;
        let is_given = self.caches.version_settings().is_given;
        is_given.then(|| (table.database().clone(), table.layout()))
    }

    /// The table, if it has this name in this database.
    pub(crate) fn table_in(&self, database: &Database, name: &str) -> Option<NewTable> {
        let table = self.table().ok()?;
        let is_there = table.database().identity() == database.identity();
        let table = table.layout();
        (is_there && table.name() == name).then_some(table)
    }

    pub(super) fn table(&self) -> Result<Table> {
        Table::open(self.caches.databases(), self.caches.version_settings())
    }

    pub(super) fn copy(&self) -> Result<Option<Copy>> {
        let settings = self.caches.version_settings();
        let cache = settings
            .cache
            .as_deref()
            .map(|alias| self.caches.get(alias));
        let cache = cache.transpose()?;
        Ok(cache.map(|cache| Copy::new(cache, &settings.table)))
    }

    fn outdate(&self) -> Result<()> {
        self.copy()?.map_or(Ok(()), |copy| copy.outdate())
    }
}

/// Each once, by name.
fn in_order<N: AsRef<str>>(names: &[N]) -> Vec<&str> {
    let mut names: Vec<_> = names.iter().map(AsRef::as_ref).collect();
    names.sort_unstable();
    names.dedup();
    names
}

pub(super) fn map(versions: &Snapshot) -> BTreeMap<String, Version> {
    let versions = versions.iter();
    versions
        .map(|(name, version)| (name.to_owned(), version.clone()))
        .collect()
}

impl fmt::Debug for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Versions")
            .field(self.caches.version_settings())
            .finish()
    }
}
