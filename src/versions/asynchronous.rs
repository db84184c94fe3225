//! The asynchronous twins: the database is used on a bounded pool of threads, the cache with the copy as its client wants.

use std::{collections::BTreeMap, future::Future};

use cachemere_base::{Result, unblock};

use super::{
    copy::Found,
    snapshot::Snapshot,
    table::Table,
    versions::{Versions, in_order, map},
};
use crate::Version;

impl Versions {
    /// [`start`](Self::start), asynchronously.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn astart(&self, name: &str) -> impl Future<Output = Result<bool>> + Send + use<> {
        let name = name.to_owned();
        self.change(move |table| table.start(&name))
    }

    /// [`stop`](Self::stop), asynchronously.
    ///
    /// # Errors
    /// As [`stop`](Self::stop).
    pub fn astop(&self, name: &str) -> impl Future<Output = Result<bool>> + Send + use<> {
        let name = name.to_owned();
        self.change(move |table| table.stop(&name))
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
                return unblock(move || table.load()).await;
            };
            let token = match copy.aread().await {
                Found::Map(versions) => return Ok(versions),
                Found::Nothing(token) => copy.atoken(token).await,
            };
            let versions = unblock(move || table.load()).await?;
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
        self.change(move |table| table.invalidate(&in_order(&names)))
    }

    /// [`invalidate_all`](Self::invalidate_all), asynchronously.
    ///
    /// # Errors
    /// As [`invalidate`](Self::invalidate).
    pub fn ainvalidate_all(&self) -> impl Future<Output = Result<()>> + Send + use<> {
        self.change(|table| table.invalidate_all())
    }

    /// Changes the table, and says so to those who read the copy.
    fn change<T: Send + 'static, F>(
        &self,
        change: F,
    ) -> impl Future<Output = Result<T>> + Send + use<T, F>
    where
        F: FnOnce(&Table) -> Result<T> + Send + 'static,
    {
        let (copy, table) = (self.copy(), self.table());
        async move {
            let (copy, table) = (copy?, table?);
            let changed = unblock(move || change(&table)).await?;
            if let Some(copy) = copy {
                copy.aoutdate().await?;
            }
            Ok(changed)
        }
    }
}
