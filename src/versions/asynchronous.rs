//! The asynchronous twins: a snapshot reads the copy as the client of its cache wants; the database is used, and all is
//! changed, on a bounded pool of threads.

use std::{collections::BTreeMap, future::Future, time::Duration};

use cachemere_base::{Result, unblock_within};

use super::{
    copy::Found,
    snapshot::Snapshot,
    versions::{Versions, map},
};
use crate::Version;

impl Versions {
    /// [`start`](Self::start), asynchronously.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn astart(&self, name: &str) -> impl Future<Output = Result<bool>> + Send + use<> {
        let name = name.to_owned();
        self.change(move |versions| versions.start(&name))
    }

    /// [`stop`](Self::stop), asynchronously.
    ///
    /// # Errors
    /// As [`stop`](Self::stop).
    pub fn astop(&self, name: &str) -> impl Future<Output = Result<bool>> + Send + use<> {
        let name = name.to_owned();
        self.change(move |versions| versions.stop(&name))
    }

    /// [`get`](Self::get), asynchronously.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn aget(&self, name: &str) -> impl Future<Output = Result<Version>> + Send + use<> {
        let (name, versions) = (name.to_owned(), self.asnapshot());
        async move { versions.await?.get(&name).cloned() }
    }

    /// [`is_valid`](Self::is_valid), asynchronously.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn ais_valid<V: Into<Version>>(
        &self,
        name: &str,
        version: V,
    ) -> impl Future<Output = Result<bool>> + Send + use<V> {
        let (name, version) = (name.to_owned(), version.into());
        let versions = self.asnapshot();
        async move { versions.await?.is_valid(&name, version) }
    }

    /// [`all`](Self::all), asynchronously.
    ///
    /// # Errors
    /// As [`all`](Self::all).
    pub fn aall(&self) -> impl Future<Output = Result<BTreeMap<String, Version>>> + Send + use<> {
        let versions = self.asnapshot();
        async move { Ok(map(&versions.await?)) }
    }

    /// [`snapshot`](Self::snapshot), asynchronously.
    ///
    /// # Errors
    /// As [`snapshot`](Self::snapshot).
    pub fn asnapshot(&self) -> impl Future<Output = Result<Snapshot>> + Send + use<> {
        let (copy, table) = (self.copy(), self.table());
        async move {
            let (copy, table) = (copy?, table?);
            let Some(copy) = copy else {
                return unblock_within(table.database().patience(), move || table.load()).await;
            };
            let token = match copy.aread().await {
                Found::Map(versions) => return Ok(versions),
                Found::Nothing(token) => copy.atoken(token).await,
            };
            let limit = table.database().patience();
            let versions = unblock_within(limit, move || table.load()).await?;
            if let Some(token) = token {
                copy.awrite(token, &versions).await;
            }
            Ok(versions)
        }
    }

    /// [`invalidate`](Self::invalidate), asynchronously.
    ///
    /// # Errors
    /// As [`invalidate`](Self::invalidate).
    pub fn ainvalidate<N: AsRef<str>, I: IntoIterator<Item = N>>(
        &self,
        names: I,
    ) -> impl Future<Output = Result<()>> + Send + use<N, I> {
        let names = names.into_iter().map(|name| name.as_ref().to_owned());
        let names: Vec<String> = names.collect();
        self.change(move |versions| versions.invalidate(names))
    }

    /// [`invalidate_all`](Self::invalidate_all), asynchronously.
    ///
    /// # Errors
    /// As [`invalidate`](Self::invalidate).
    pub fn ainvalidate_all(&self) -> impl Future<Output = Result<()>> + Send + use<> {
        self.change(Self::invalidate_all)
    }

    /// Runs to its end once it has begun: a future that is dropped leaves no cache untold.
    fn change<T: Send + 'static, F>(
        &self,
        change: F,
    ) -> impl Future<Output = Result<T>> + Send + use<T, F>
    where
        F: FnOnce(&Self) -> Result<T> + Send + 'static,
    {
        let (versions, table) = (self.clone(), self.table());
        let limit = table.map_or(Duration::MAX, |table| table.database().patience());
        unblock_within(limit, move || change(&versions))
    }
}
