use std::time::Duration;

use cachemere_base::{Error, ErrorKind, Key, Result, Shown, Ttl, Value};

use super::generation;
use crate::{Cache, http::key};

/// A request that is computed for longer than this while its URL is purged for the first time may be stored.
const LONGEST_REQUEST: Duration = Duration::from_secs(60 * 60);

/// The pages that page-cache layers store in a cache, for purging: also in a process that serves none of them.
///
/// ```
/// # fn main() -> cachemere::Result<()> {
/// # let caches = cachemere::Caches::from_toml("")?;
/// use cachemere::http::Pages;
///
/// let pages = Pages::new(&caches["default"]).key_prefix("site1");
/// pages.purge_url("https://example.com/articles/?page=2")?;
/// pages.purge_route("articles")?;
/// # Ok(())
/// # }
/// ```
///
/// Nothing is removed: a page is served only as long as the generation of its URL, and that of its route, is the one
/// it was computed in, and purging begins another one. What is being computed meanwhile is of the old one, too.
#[derive(Clone, Debug)]
pub struct Pages {
    cache: Cache,
    key_prefix: String,
}

impl Pages {
    /// The pages in this cache.
    #[must_use]
    pub fn new(cache: &Cache) -> Self {
        Self {
            cache: cache.clone(),
            key_prefix: String::new(),
        }
    }

    /// Those with this key prefix: that of the layer, or CACHE_MIDDLEWARE_KEY_PREFIX.
    #[must_use]
    pub fn key_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.key_prefix = prefix.into();
        self
    }

    /// Where they are.
    #[must_use]
    pub fn cache(&self) -> &Cache {
        &self.cache
    }

    /// Makes the pages of a URL unknown: all variants of it, in all languages and time zones.
    ///
    /// # Errors
    /// [`InvalidKey`](ErrorKind::InvalidKey) if it is no absolute URL; a fault of the store, whatever ON_ERROR says: the
    /// old pages are still there then.
    pub fn purge_url(&self, url: &str) -> Result<()> {
        let (key, value, ttl) = self.purge_of_url(url)?;
        self.named(self.cache.handle.store.set(&key, value, ttl))
    }

    /// [`purge_url`](Self::purge_url), asynchronously.
    ///
    /// # Errors
    /// As [`purge_url`](Self::purge_url).
    pub async fn apurge_url(&self, url: &str) -> Result<()> {
        let (key, value, ttl) = self.purge_of_url(url)?;
        self.named(self.cache.handle.store.aset(key, value, ttl).await)
    }

    /// Makes the pages of all layers unknown that were given this name by [`route`](super::CachePageLayer::route).
    ///
    /// # Errors
    /// A fault of the store, whatever ON_ERROR says.
    pub fn purge_route(&self, name: &str) -> Result<()> {
        let (key, value, ttl) = self.purge_of_route(name)?;
        self.named(self.cache.handle.store.set(&key, value, ttl))
    }

    /// [`purge_route`](Self::purge_route), asynchronously.
    ///
    /// # Errors
    /// As [`purge_route`](Self::purge_route).
    pub async fn apurge_route(&self, name: &str) -> Result<()> {
        let (key, value, ttl) = self.purge_of_route(name)?;
        self.named(self.cache.handle.store.aset(key, value, ttl).await)
    }

    fn purge_of_url(&self, url: &str) -> Result<(Key, Value, Ttl)> {
        let Some(digest) = key::digest_of_url(url) else {
            let message = format!(
                "the URL {} cannot be purged: expected an absolute one, `https://example.com/path`",
                Shown::new(url)
            );
            return self.named(Err(Error::new(ErrorKind::InvalidKey, message)));
        };
        let key = generation::of_url(&self.key_prefix, digest);
        let value = Value::Int(generation::random());
        Ok((self.cache.key(&key)?, value, Some(LONGEST_REQUEST)))
    }

    fn purge_of_route(&self, name: &str) -> Result<(Key, Value, Ttl)> {
        let key = generation::of_route(&self.key_prefix, name);
        Ok((
            self.cache.key(&key)?,
            Value::Int(generation::random()),
            None,
        ))
    }

    /// A purge that failed is an error: what ON_ERROR is for is reading.
    fn named<T>(&self, result: Result<T>) -> Result<T> {
        result.map_err(|error| self.cache.handle.named(error))
    }
}
