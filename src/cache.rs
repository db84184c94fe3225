use std::{collections::HashMap, fmt, hash::Hash, sync::Arc};

use cachemere_base::{Key, Remaining, Result, Timeout, Value};

use crate::{
    Version,
    codec::{Decode, Encode},
    handle::Handle,
};

/// A cache: the low-level API of one alias, as `caches["alias"]` returns it.
///
/// - Cheap to clone, `Send`, `Sync` and `'static`; [`version`](Self::version) returns one for another version.
/// - Every method has an asynchronous twin with an `a` before its name.
/// - A key is a text of any length and content; where the store cannot take it, the operation is an error, and where
///   memcached could not, a warning is logged (target `cachemere::keys`).
/// - `timeout` is seconds, a [`Duration`](std::time::Duration), `None` for ever or
///   [`DEFAULT_TIMEOUT`](crate::DEFAULT_TIMEOUT): see [`Timeout`].
/// - With `ON_ERROR = "miss"`, a fault of the store is a miss for `get`, `get_many`, `has_key`, `ttl`, false for
///   `touch` and `delete`, passed over by `set` and `delete_many`, all keys for `set_many`; `add`, `incr`,
///   `incr_version` and `clear` stay errors.
///
/// ```
/// # fn main() -> cachemere::Result<()> {
/// # let caches = cachemere::Caches::from_toml("")?;
/// let cache = &caches["default"];
/// cache.set("my_key", "hello, world!", 30)?;
/// let hit: Option<String> = cache.get("my_key")?;
/// assert_eq!(hit.as_deref(), Some("hello, world!"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Cache {
    pub(crate) handle: Arc<Handle>,
    pub(crate) version: Option<Version>,
}

impl Cache {
    pub(crate) fn new(handle: Handle) -> Self {
        Self {
            handle: Arc::new(handle),
            version: None,
        }
    }

    /// The same cache with another version in its keys.
    ///
    /// ```
    /// # fn main() -> cachemere::Result<()> {
    /// # let caches = cachemere::Caches::from_toml("")?;
    /// let cache = &caches["default"];
    /// cache.version(2).set("my_key", "hello world!", None)?;
    /// assert_eq!(cache.get::<String>("my_key")?, None);
    /// assert_eq!(cache.version(2).get::<String>("my_key")?.as_deref(), Some("hello world!"));
    /// assert_eq!(cache.version("1a2B3c4D").make_key("my_key").as_str(), ":1a2B3c4D:my_key");
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn version(&self, version: impl Into<Version>) -> Self {
        Self {
            handle: Arc::clone(&self.handle),
            version: Some(version.into()),
        }
    }

    /// The same cache, in which a fault of the store is a miss whatever ON_ERROR says.
    pub(crate) fn forgiving(&self) -> Self {
        Self {
            handle: Arc::new(self.handle.forgiving()),
            version: self.version.clone(),
        }
    }

    /// The alias in `caches.toml`.
    #[must_use]
    pub fn alias(&self) -> &str {
        &self.handle.alias.name
    }

    /// The final key that the store sees: `prefix:version:key`, or what KEY_FUNCTION makes of the three.
    #[must_use]
    pub fn make_key(&self, key: &str) -> Key {
        self.handle.make_key(key, self.version.as_ref())
    }

    /// What this alias counted quietly since it was opened: faults taken for misses, damaged entries.
    #[must_use]
    pub fn counters(&self) -> &cachemere_base::Counters {
        &self.handle.alias.counters
    }

    #[inline]
    pub(crate) fn key(&self, key: &str) -> Result<Key> {
        let key = self.make_key(key);
        self.handle.check(&key)?;
        Ok(key)
    }

    pub(crate) fn keys<K: AsRef<str>>(
        &self,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<(Vec<K>, Vec<Key>)> {
        let keys = keys.into_iter();
        let mut final_keys = Vec::with_capacity(keys.size_hint().0);
        let mut users = Vec::with_capacity(keys.size_hint().0);
        for key in keys {
            final_keys.push(self.key(key.as_ref())?);
            users.push(key);
        }
        Ok((users, final_keys))
    }

    /// The value of a key, `None` if there is none.
    ///
    /// A stored `Option::None` is `Some(None)` of the type that was asked for. A damaged entry is removed, logged,
    /// counted and a miss.
    ///
    /// # Errors
    /// [`Decode`](crate::ErrorKind::Decode) if the entry is not a `T`; it stays where it is.
    pub fn get<T: Decode>(&self, key: &str) -> Result<Option<T>> {
        let Some(value) = self.stored(key)? else {
            return Ok(None);
        };
        T::decode(value)
            .map(Some)
            .map_err(|error| self.handle.undecodable(&self.make_key(key), &error))
    }

    fn stored(&self, key: &str) -> Result<Option<Value>> {
        let key = self.make_key(key);
        self.handle.check(&key)?;
        self.readable(&key, self.handle.store.get(&key))
    }

    /// What the store found, ready to be decoded; what is damaged is removed.
    #[inline]
    pub(crate) fn readable(
        &self,
        key: &Key,
        found: Result<Option<Value>>,
    ) -> Result<Option<Value>> {
        let Some(value) = self.handle.forgive(found, || None)? else {
            return Ok(None);
        };
        let readable = self.handle.readable(key, value);
        if readable.is_none() {
            self.handle
                .forgive(self.handle.store.delete(key), || false)?;
        }
        Ok(readable)
    }

    /// Stores a value, over whatever is there.
    ///
    /// # Errors
    /// [`Encode`](crate::ErrorKind::Encode) if the value cannot be serialized; the cache is as it was.
    pub fn set<T: Encode + ?Sized>(
        &self,
        key: &str,
        value: &T,
        timeout: impl Into<Timeout>,
    ) -> Result<()> {
        let value = self.handle.encode(key, value)?;
        self.store(key, value, timeout.into())
    }

    fn store(&self, key: &str, value: Value, timeout: Timeout) -> Result<()> {
        let key = self.make_key(key);
        self.handle.check(&key)?;
        let ttl = self.handle.ttl(timeout)?;
        self.handle
            .forgive(self.handle.store.set(&key, value, ttl), || ())
    }

    pub(crate) fn entry<T: Encode + ?Sized>(
        &self,
        key: &str,
        value: &T,
        timeout: Timeout,
    ) -> Result<(Key, Value, cachemere_base::Ttl)> {
        Ok((
            self.key(key)?,
            self.handle.encode(key, value)?,
            self.handle.ttl(timeout)?,
        ))
    }

    /// Stores a value where there is none; false if there is one. Atomic.
    ///
    /// # Errors
    /// As [`set`](Self::set). Faults of the store stay errors under `ON_ERROR = "miss"`: an `add` may be a lock.
    pub fn add<T: Encode + ?Sized>(
        &self,
        key: &str,
        value: &T,
        timeout: impl Into<Timeout>,
    ) -> Result<bool> {
        let (key, value, ttl) = self.entry(key, value, timeout.into())?;
        self.handle
            .store
            .add(&key, value, ttl)
            .map_err(|error| self.handle.named(error))
    }

    /// Gives an entry a new timeout; false if there is none.
    pub fn touch(&self, key: &str, timeout: impl Into<Timeout>) -> Result<bool> {
        let (key, ttl) = (self.key(key)?, self.handle.ttl(timeout.into())?);
        self.handle
            .forgive(self.handle.store.touch(&key, ttl), || false)
    }

    /// Removes an entry; false if there was none.
    pub fn delete(&self, key: &str) -> Result<bool> {
        let key = self.key(key)?;
        self.handle
            .forgive(self.handle.store.delete(&key), || false)
    }

    /// Whether there is an entry, of whatever type.
    pub fn has_key(&self, key: &str) -> Result<bool> {
        let key = self.key(key)?;
        self.handle
            .forgive(self.handle.store.has_key(&key), || false)
    }

    /// How long an entry still lives; `None` if there is none.
    pub fn ttl(&self, key: &str) -> Result<Option<Remaining>> {
        let key = self.key(key)?;
        let found = self
            .handle
            .forgive(self.handle.store.get_with_ttl(&key), || None)?;
        Ok(found.map(|(_, remaining)| remaining))
    }

    /// The values of those of `keys` that have one, in one round trip where the store can.
    ///
    /// # Errors
    /// As [`get`](Self::get), for any of them.
    pub fn get_many<T: Decode, K: AsRef<str> + Eq + Hash>(
        &self,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<HashMap<K, T>> {
        let (users, keys) = self.keys(keys)?;
        let values = self
            .handle
            .forgive(self.handle.store.get_many(&keys), Vec::new)?;
        let (found, damaged) = self.found(users, &keys, values)?;
        if !damaged.is_empty() {
            self.handle
                .forgive(self.handle.store.delete_many(&damaged), || ())?;
        }
        Ok(found)
    }

    /// The hits by the user's keys, and the keys of what is damaged.
    pub(crate) fn found<T: Decode, K: Eq + Hash>(
        &self,
        users: Vec<K>,
        keys: &[Key],
        values: Vec<Option<Value>>,
    ) -> Result<(HashMap<K, T>, Vec<Key>)> {
        // it is the hashing that takes time: a map that grows hashes everything twice
        let mut found = HashMap::with_capacity(values.iter().flatten().count());
        let mut damaged = Vec::new();
        for ((user, key), value) in users.into_iter().zip(keys).zip(values) {
            let Some(value) = value else {
                continue;
            };
            match self.handle.readable(key, value) {
                Some(value) => drop(found.insert(user, self.handle.decode(key, value)?)),
                None => damaged.push(key.clone()),
            }
        }
        Ok((found, damaged))
    }

    /// Stores several values, in one round trip where the store can, and returns the keys that failed.
    ///
    /// ```
    /// # fn main() -> cachemere::Result<()> {
    /// # let caches = cachemere::Caches::from_toml("")?;
    /// let cache = &caches["default"];
    /// let failed = cache.set_many([("a", 1), ("b", 2)], 60)?;
    /// assert!(failed.is_empty());
    /// assert_eq!(cache.get_many::<i64, _>(["a", "b", "c"])?, [("a", 1), ("b", 2)].into());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`set`](Self::set); a value that cannot be serialized or a key that is refused is found before any is stored.
    pub fn set_many<K: AsRef<str>, T: Encode>(
        &self,
        entries: impl IntoIterator<Item = (K, T)>,
        timeout: impl Into<Timeout>,
    ) -> Result<Vec<K>> {
        let (users, entries) = self.entries(entries)?;
        let ttl = self.handle.ttl(timeout.into())?;
        let all = entries.len();
        let failed = self
            .handle
            .forgive(self.handle.store.set_many(entries, ttl), || {
                (0..all).collect()
            })?;
        Ok(pick(users, &failed))
    }

    pub(crate) fn entries<K: AsRef<str>, T: Encode>(
        &self,
        entries: impl IntoIterator<Item = (K, T)>,
    ) -> Result<Entries<K>> {
        let entries = entries.into_iter();
        let mut users = Vec::with_capacity(entries.size_hint().0);
        let mut encoded = Vec::with_capacity(entries.size_hint().0);
        for (key, value) in entries {
            encoded.push((
                self.key(key.as_ref())?,
                self.handle.encode(key.as_ref(), &value)?,
            ));
            users.push(key);
        }
        Ok((users, encoded))
    }

    /// Removes several entries, in one round trip where the store can.
    pub fn delete_many<K: AsRef<str>>(&self, keys: impl IntoIterator<Item = K>) -> Result<()> {
        let (_, keys) = self.keys(keys)?;
        self.handle
            .forgive(self.handle.store.delete_many(&keys), || ())
    }

    /// Adds `delta` to a stored integer and returns the sum. Atomic; the timeout stays.
    ///
    /// # Errors
    /// [`KeyNotFound`](crate::ErrorKind::KeyNotFound) if there is no entry,
    /// [`NotAnInteger`](crate::ErrorKind::NotAnInteger) if it is no integer,
    /// [`Overflow`](crate::ErrorKind::Overflow) if the sum does not fit 64 bits with a sign; it stays as it was.
    pub fn incr(&self, key: &str, delta: i64) -> Result<i64> {
        let key = self.make_key(key);
        self.handle.check(&key)?;
        let sum = self
            .handle
            .store
            .incr(&key, delta)
            .map_err(|error| self.handle.named(error))?;
        sum.ok_or_else(|| self.handle.not_found(&key))
    }

    /// Subtracts `delta`: [`incr`](Self::incr) of its opposite.
    ///
    /// # Errors
    /// As [`incr`](Self::incr).
    pub fn decr(&self, key: &str, delta: i64) -> Result<i64> {
        self.incr(key, self.handle.negated(delta)?)
    }

    /// Moves an entry to the version `delta` further on, with its remaining timeout, and returns that version.
    ///
    /// Where the store cannot tell the remaining timeout, the entry gets the alias' TIMEOUT. A `delta` of 0 changes
    /// nothing. Not atomic.
    ///
    /// # Errors
    /// [`KeyNotFound`](crate::ErrorKind::KeyNotFound) if there is no entry,
    /// [`InvalidVersion`](crate::ErrorKind::InvalidVersion) if the version is text.
    pub fn incr_version(&self, key: &str, delta: i64) -> Result<i64> {
        let (old, new, version) = self.version_keys(key, delta)?;
        let store = &self.handle.store;
        let moved = || -> Result<Option<i64>> {
            let Some((value, remaining)) = store.get_with_ttl(&old)? else {
                return Ok(None);
            };
            if old != new {
                store.set(&new, value, self.handle.kept(remaining))?;
                store.delete(&old)?;
            }
            Ok(Some(version))
        };
        moved()
            .map_err(|error| self.handle.named(error))?
            .ok_or_else(|| self.handle.not_found(&old))
    }

    /// The final keys that `incr_version` moves between, and the version it ends at.
    pub(crate) fn version_keys(&self, key: &str, delta: i64) -> Result<(Key, Key, i64)> {
        let (from, to) = self.handle.next_version(self.version.as_ref(), delta)?;
        Ok((self.version(from).key(key)?, self.version(to).key(key)?, to))
    }

    /// [`incr_version`](Self::incr_version) in the other direction.
    ///
    /// # Errors
    /// As [`incr_version`](Self::incr_version).
    pub fn decr_version(&self, key: &str, delta: i64) -> Result<i64> {
        self.incr_version(key, self.handle.negated(delta)?)
    }

    /// Removes everything in the store, also what other prefixes, versions and aliases put there.
    pub fn clear(&self) -> Result<()> {
        self.handle
            .store
            .clear()
            .map_err(|error| self.handle.named(error))
    }

    /// Gives connections back to the system; the next operation connects again.
    pub fn close(&self) -> Result<()> {
        self.handle
            .store
            .close()
            .map_err(|error| self.handle.named(error))
    }
}

/// The user's keys, and what is stored for each.
pub(crate) type Entries<K> = (Vec<K>, Vec<(Key, Value)>);

/// Those of `users` at these positions.
pub(crate) fn pick<K>(users: Vec<K>, positions: &[usize]) -> Vec<K> {
    let mut is_picked = vec![false; users.len()];
    for at in positions {
        is_picked
            .get_mut(*at)
            .into_iter()
            .for_each(|is_picked| *is_picked = true);
    }
    users
        .into_iter()
        .zip(is_picked)
        .filter_map(|(key, is_picked)| is_picked.then_some(key))
        .collect()
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let alias = &self.handle.alias;
        f.debug_struct("Cache")
            .field("alias", &alias.name)
            .field("backend", &alias.settings.backend())
            .field("version", self.version.as_ref().unwrap_or(&alias.version))
            .finish()
    }
}
