//! The asynchronous twins: the key and the value are made before the future exists, which holds the handle only, so
//! that it can be joined and spawned.

use std::{collections::HashMap, future::Future, hash::Hash, sync::Arc};

use cachemere_base::{Key, Remaining, Result, Timeout, Value};

use crate::{
    Cache,
    cache::pick,
    codec::{Decode, Encode},
    handle::Handle,
};

impl Cache {
    /// [`get`](Self::get), asynchronously.
    ///
    /// ```
    /// # fn main() -> cachemere::Result<()> {
    /// # let caches = cachemere::Caches::from_toml("")?;
    /// # pollster::block_on(async {
    /// let cache = &caches["default"];
    /// cache.aset("num", &1, 60).await?;
    /// assert!(cache.ahas_key("num").await?);
    /// assert_eq!(cache.aget::<u8>("num").await?, Some(1));
    /// # Ok(())
    /// # })
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn aget<T: Decode>(
        &self,
        key: &str,
    ) -> impl Future<Output = Result<Option<T>>> + Send + use<T> {
        let (key, cache) = (self.key(key), self.clone());
        async move {
            let key = key?;
            let found = cache.handle.store.aget(key.clone()).await;
            cache.adecoded(key, found).await
        }
    }

    pub(crate) async fn adecoded<T: Decode>(
        &self,
        key: Key,
        found: Result<Option<Value>>,
    ) -> Result<Option<T>> {
        let Some(value) = self.handle.forgive(found, || None)? else {
            return Ok(None);
        };
        if let Some(value) = self.handle.readable(&key, value) {
            return self.handle.decode(&key, value).map(Some);
        }
        self.handle
            .forgive(self.handle.store.adelete(key).await, || false)?;
        Ok(None)
    }

    /// [`set`](Self::set), asynchronously.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub fn aset<T: Encode + ?Sized, I: Into<Timeout>>(
        &self,
        key: &str,
        value: &T,
        timeout: I,
    ) -> impl Future<Output = Result<()>> + Send + use<T, I> {
        let (entry, handle) = (self.entry(key, value, timeout.into()), self.handle());
        async move {
            let (key, value, ttl) = entry?;
            handle.forgive(handle.store.aset(key, value, ttl).await, || ())
        }
    }

    /// [`add`](Self::add), asynchronously.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn aadd<T: Encode + ?Sized, I: Into<Timeout>>(
        &self,
        key: &str,
        value: &T,
        timeout: I,
    ) -> impl Future<Output = Result<bool>> + Send + use<T, I> {
        let (entry, handle) = (self.entry(key, value, timeout.into()), self.handle());
        async move {
            let (key, value, ttl) = entry?;
            handle
                .store
                .aadd(key, value, ttl)
                .await
                .map_err(|error| handle.named(error))
        }
    }

    /// [`touch`](Self::touch), asynchronously.
    ///
    /// # Errors
    /// As [`touch`](Self::touch).
    pub fn atouch<I: Into<Timeout>>(
        &self,
        key: &str,
        timeout: I,
    ) -> impl Future<Output = Result<bool>> + Send + use<I> {
        let (key, ttl, handle) = (
            self.key(key),
            self.handle.ttl(timeout.into()),
            self.handle(),
        );
        async move { handle.forgive(handle.store.atouch(key?, ttl?).await, || false) }
    }

    /// [`delete`](Self::delete), asynchronously.
    ///
    /// # Errors
    /// As [`delete`](Self::delete).
    pub fn adelete(&self, key: &str) -> impl Future<Output = Result<bool>> + Send + use<> {
        let (key, handle) = (self.key(key), self.handle());
        async move { handle.forgive(handle.store.adelete(key?).await, || false) }
    }

    /// [`has_key`](Self::has_key), asynchronously.
    ///
    /// # Errors
    /// As [`has_key`](Self::has_key).
    pub fn ahas_key(&self, key: &str) -> impl Future<Output = Result<bool>> + Send + use<> {
        let (key, handle) = (self.key(key), self.handle());
        async move { handle.forgive(handle.store.ahas_key(key?).await, || false) }
    }

    /// [`ttl`](Self::ttl), asynchronously.
    ///
    /// # Errors
    /// As [`ttl`](Self::ttl).
    pub fn attl(
        &self,
        key: &str,
    ) -> impl Future<Output = Result<Option<Remaining>>> + Send + use<> {
        let (key, handle) = (self.key(key), self.handle());
        async move {
            let found = handle.forgive(handle.store.aget_with_ttl(key?).await, || None)?;
            Ok(found.map(|(_, remaining)| remaining))
        }
    }

    /// [`get_many`](Self::get_many), asynchronously.
    ///
    /// # Errors
    /// As [`get_many`](Self::get_many).
    pub fn aget_many<T, K, Q>(
        &self,
        keys: Q,
    ) -> impl Future<Output = Result<HashMap<K, T>>> + Send + use<T, K, Q>
    where
        T: Decode + Send,
        K: AsRef<str> + Eq + Hash + Send,
        Q: IntoIterator<Item = K>,
    {
        let (keys, cache) = (self.keys(keys), self.clone());
        async move {
            let (users, keys) = keys?;
            let store = &cache.handle.store;
            let values = cache
                .handle
                .forgive(store.aget_many(keys.clone()).await, Vec::new)?;
            let (found, damaged) = cache.found(users, &keys, values)?;
            if !damaged.is_empty() {
                cache
                    .handle
                    .forgive(store.adelete_many(damaged).await, || ())?;
            }
            Ok(found)
        }
    }

    /// [`set_many`](Self::set_many), asynchronously.
    ///
    /// # Errors
    /// As [`set_many`](Self::set_many).
    pub fn aset_many<K, T, Q, I>(
        &self,
        entries: Q,
        timeout: I,
    ) -> impl Future<Output = Result<Vec<K>>> + Send + use<K, T, Q, I>
    where
        K: AsRef<str> + Send,
        T: Encode,
        Q: IntoIterator<Item = (K, T)>,
        I: Into<Timeout>,
    {
        let (entries, ttl, handle) = (
            self.entries(entries),
            self.handle.ttl(timeout.into()),
            self.handle(),
        );
        async move {
            let (users, entries) = entries?;
            let all = entries.len();
            let failed = handle.forgive(handle.store.aset_many(entries, ttl?).await, || {
                (0..all).collect()
            })?;
            Ok(pick(users, &failed))
        }
    }

    /// [`delete_many`](Self::delete_many), asynchronously.
    ///
    /// # Errors
    /// As [`delete_many`](Self::delete_many).
    pub fn adelete_many<K: AsRef<str>, Q: IntoIterator<Item = K>>(
        &self,
        keys: Q,
    ) -> impl Future<Output = Result<()>> + Send + use<K, Q> {
        let (keys, handle) = (self.keys(keys).map(|(_, keys)| keys), self.handle());
        async move { handle.forgive(handle.store.adelete_many(keys?).await, || ()) }
    }

    /// [`incr`](Self::incr), asynchronously.
    ///
    /// # Errors
    /// As [`incr`](Self::incr).
    pub fn aincr(&self, key: &str, delta: i64) -> impl Future<Output = Result<i64>> + Send + use<> {
        self.acount(key, Ok(delta))
    }

    /// [`decr`](Self::decr), asynchronously.
    ///
    /// # Errors
    /// As [`incr`](Self::incr).
    pub fn adecr(&self, key: &str, delta: i64) -> impl Future<Output = Result<i64>> + Send + use<> {
        self.acount(key, self.handle.negated(delta))
    }

    fn acount(
        &self,
        key: &str,
        delta: Result<i64>,
    ) -> impl Future<Output = Result<i64>> + Send + use<> {
        let (key, handle) = (self.key(key), self.handle());
        async move {
            let key = key?;
            let sum = handle
                .store
                .aincr(key.clone(), delta?)
                .await
                .map_err(|error| handle.named(error))?;
            sum.ok_or_else(|| handle.not_found(&key))
        }
    }

    /// [`incr_version`](Self::incr_version), asynchronously.
    ///
    /// # Errors
    /// As [`incr_version`](Self::incr_version).
    pub fn aincr_version(
        &self,
        key: &str,
        delta: i64,
    ) -> impl Future<Output = Result<i64>> + Send + use<> {
        self.amove(key, Ok(delta))
    }

    /// [`decr_version`](Self::decr_version), asynchronously.
    ///
    /// # Errors
    /// As [`incr_version`](Self::incr_version).
    pub fn adecr_version(
        &self,
        key: &str,
        delta: i64,
    ) -> impl Future<Output = Result<i64>> + Send + use<> {
        self.amove(key, self.handle.negated(delta))
    }

    fn amove(
        &self,
        key: &str,
        delta: Result<i64>,
    ) -> impl Future<Output = Result<i64>> + Send + use<> {
        let prepared = delta.and_then(|delta| self.version_keys(key, delta));
        let handle = self.handle();
        async move {
            let (old, new, version) = prepared?;
            let moved = async {
                let Some((value, remaining)) = handle.store.aget_with_ttl(old.clone()).await?
                else {
                    return Ok(None);
                };
                if old != new {
                    handle
                        .store
                        .aset(new, value, handle.kept(remaining))
                        .await?;
                    handle.store.adelete(old.clone()).await?;
                }
                Ok(Some(version))
            };
            moved
                .await
                .map_err(|error| handle.named(error))?
                .ok_or_else(|| handle.not_found(&old))
        }
    }

    /// [`clear`](Self::clear), asynchronously.
    ///
    /// # Errors
    /// As [`clear`](Self::clear).
    pub fn aclear(&self) -> impl Future<Output = Result<()>> + Send + use<> {
        let handle = self.handle();
        async move {
            handle
                .store
                .aclear()
                .await
                .map_err(|error| handle.named(error))
        }
    }

    /// [`close`](Self::close), asynchronously.
    ///
    /// # Errors
    /// As [`close`](Self::close).
    pub fn aclose(&self) -> impl Future<Output = Result<()>> + Send + use<> {
        let handle = self.handle();
        async move {
            handle
                .store
                .aclose()
                .await
                .map_err(|error| handle.named(error))
        }
    }

    fn handle(&self) -> Arc<Handle> {
        Arc::clone(&self.handle)
    }
}
