//! The asynchronous twins.

use std::{future::Future, sync::Arc};

use cachemere_base::{Error, Key, Result, Timeout, Ttl, Value};

use crate::{
    Cache, Decode, Encode,
    flights::{Leading, Mode},
};

use super::{Computer, Found, Inner, Landed, Patience, Turn, land};

impl Cache {
    /// [`get_or_set`](Self::get_or_set), asynchronously: `default` returns a future.
    ///
    /// ```
    /// # fn main() -> cachemere::Result<()> {
    /// # let caches = cachemere::Caches::from_toml("")?;
    /// # pollster::block_on(async {
    /// let answer: u64 = caches["default"].aget_or_set("answer", async || 6 * 7, 100).await?;
    /// assert_eq!(answer, 42);
    /// # Ok(())
    /// # })
    /// # }
    /// ```
    ///
    /// Dropping the future that computes lets the next one try.
    ///
    /// # Errors
    /// As [`get_or_set`](Self::get_or_set).
    pub fn aget_or_set<T, F, Fut, I>(
        &self,
        key: &str,
        default: F,
        timeout: I,
    ) -> impl Future<Output = Result<T>> + Send + use<T, F, Fut, I>
    where
        T: Encode + Decode + Send,
        F: FnOnce() -> Fut + Send,
        Fut: Future<Output = T> + Send,
        I: Into<Timeout>,
    {
        let infallible = move || {
            let value = default();
            async move { Ok(value.await) }
        };
        self.atry_get_or_set(key, infallible, timeout)
    }

    /// [`try_get_or_set`](Self::try_get_or_set), asynchronously: `default` returns a future.
    ///
    /// # Errors
    /// As [`try_get_or_set`](Self::try_get_or_set).
    pub fn atry_get_or_set<T, E, F, Fut, I>(
        &self,
        key: &str,
        default: F,
        timeout: I,
    ) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F, Fut, I>
    where
        T: Encode + Decode + Send,
        E: From<Error> + Send,
        F: FnOnce() -> Fut + Send,
        Fut: Future<Output = Result<T, E>> + Send,
        I: Into<Timeout>,
    {
        self.acompute(key, default, timeout.into(), Inner::Stays)
    }

    pub(crate) fn acompute<T, E, F, Fut>(
        &self,
        key: &str,
        default: F,
        timeout: Timeout,
        inner: Inner,
    ) -> impl Future<Output = Result<T, E>> + Send + use<T, E, F, Fut>
    where
        T: Encode + Decode + Send,
        E: From<Error> + Send,
        F: FnOnce() -> Fut + Send,
        Fut: Future<Output = Result<T, E>> + Send,
    {
        let prepared = self
            .handle
            .ttl(timeout)
            .and_then(|ttl| Ok((self.key(key)?, ttl)));
        let cache = self.clone();
        let user_key: Box<str> = key.into();
        async move {
            let (key, ttl) = prepared?;
            cache.acompute_at(&user_key, key, default, ttl, inner).await
        }
    }

    async fn acompute_at<T, E, F, Fut>(
        &self,
        user_key: &str,
        key: Key,
        default: F,
        ttl: Ttl,
        inner: Inner,
    ) -> Result<T, E>
    where
        T: Encode + Decode + Send,
        E: From<Error> + Send,
        F: FnOnce() -> Fut + Send,
        Fut: Future<Output = Result<T, E>> + Send,
    {
        let mut seen = self.handle.flights.landed(&key);
        let mut found = self.alook(&key).await?;
        if self.handle.store.stores_nothing() {
            return default().await;
        }
        let mut patience = Patience(None);
        let computer = loop {
            if let Found::Value(value) = found {
                return Ok(value);
            }
            match self.turn(&key, Mode::Async, &mut seen) {
                Turn::Lead(leader) => break Computer::Leader(leader),
                Turn::Nested => break Computer::Nested,
                Turn::LookAgain(leader) => {
                    found = self.alook(&key).await?;
                    if !matches!(found, Found::Value(_)) {
                        break Computer::Leader(leader);
                    }
                }
                Turn::Wait(flight) => {
                    match self.landed(&key, flight.await_landing(patience.left(self)).await) {
                        Landed::Nothing => {}
                        Landed::Alone => break Computer::Alone,
                        Landed::With(landed) => found = landed,
                    }
                }
            }
        };
        let value = match &computer {
            Computer::Leader(leader) => {
                let flight = Arc::clone(&leader.flight);
                Leading {
                    flight,
                    future: Box::pin(async move { default().await }),
                }
                .await?
            }
            Computer::Nested | Computer::Alone => default().await?,
        };
        let encoded = self.handle.encode(user_key, &value)?;
        let stored = self
            .astore_computed(
                key.clone(),
                encoded.clone(),
                ttl,
                matches!(found, Found::Other) || computer.replaces(inner),
            )
            .await?;
        land(computer, stored.as_ref().unwrap_or(&encoded));
        Ok(self.winner(&key, stored).unwrap_or(value))
    }

    async fn alook<T: Decode>(&self, key: &Key) -> Result<Found<T>> {
        let found = self.handle.store.aget_for_update(key.clone()).await;
        Found::of(self.adecoded(key.clone(), found).await)
    }

    async fn astore_computed(
        &self,
        key: Key,
        value: Value,
        ttl: Ttl,
        replace: bool,
    ) -> Result<Option<Value>> {
        let store = &self.handle.store;
        if replace {
            return self
                .handle
                .forgive_size(store.aset(key, value, ttl).await, || ())
                .map(|()| None);
        }
        if self
            .handle
            .forgive_size(store.aadd(key.clone(), value, ttl).await, || true)?
        {
            return Ok(None);
        }
        self.handle
            .forgive(store.aget_for_update(key).await, || None)
    }
}
