use std::{collections::BTreeMap, sync::Arc};

use cachemere_base::{Error, ErrorKind, Result, Shown};

use crate::{
    Cache, Version,
    suggestion::{listed, suggest},
};

/// The versions of all names at one moment: what a request reads once.
///
/// ```
/// # fn main() -> cachemere::Result<()> {
/// # let toml = "[DATABASES]\ndefault = 'sqlite::memory:'\n[CACHES.default]\nBACKEND = 'locmem'";
/// # let caches = cachemere::Caches::from_toml(toml)?;
/// # caches.versions().start("bans")?;
/// let versions = caches.versions().snapshot()?;
/// let bans = caches["default"].versioned(&versions, "bans")?; // no second look-up
/// bans.set("user:1", "banned", None)?;
/// assert!(versions.is_valid("bans", versions.get("bans")?)?);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot(Arc<BTreeMap<String, Version>>);

impl Snapshot {
    pub(super) fn new(versions: impl IntoIterator<Item = (String, Version)>) -> Self {
        Self(Arc::new(versions.into_iter().collect()))
    }

    /// The version of a name.
    ///
    /// # Errors
    /// [`UnknownVersion`](ErrorKind::UnknownVersion), with the names there are.
    pub fn get(&self, name: &str) -> Result<&Version> {
        self.0.get(name).ok_or_else(|| self.unknown(name))
    }

    /// Whether this is the version of a name.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn is_valid(&self, name: &str, version: impl Into<Version>) -> Result<bool> {
        Ok(*self.get(name)? == version.into())
    }

    /// The names and their versions, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Version)> {
        self.0
            .iter()
            .map(|(name, version)| (name.as_str(), version))
    }

    pub(super) fn unknown(&self, name: &str) -> Error {
        unknown(name, self.0.keys().map(String::as_str))
    }
}

pub(super) fn unknown<'a>(name: &str, names: impl Iterator<Item = &'a str> + Clone) -> Error {
    let meant = suggest(name, names.clone());
    let meant = meant.map_or_else(String::new, |meant| format!(", did you mean `{meant}`?"));
    let there_are = match listed(names) {
        none if none.is_empty() => "none was started".to_owned(),
        names => format!("there are {names}"),
    };
    let message = format!(
        "the name {} has no versions{meant} ({there_are}; `start` adds one)",
        Shown::new(name)
    );
    Error::new(ErrorKind::UnknownVersion, message)
}

impl Cache {
    /// The same cache for the version that a name has in a snapshot:
    /// [`version`](Self::version) of [`get`](Snapshot::get).
    ///
    /// # Errors
    /// [`UnknownVersion`](ErrorKind::UnknownVersion), with the names there are.
    pub fn versioned(&self, versions: &Snapshot, name: &str) -> Result<Self> {
        Ok(self.version(versions.get(name)?))
    }
}
