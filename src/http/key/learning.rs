use cachemere_base::{ErrorKind, Result, Timeout};
use http::{HeaderMap, Method, request::Parts};
use serde::{Deserialize, Serialize};

use super::PageKeys;
use crate::Cache;

/// What a store knows of a URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HeaderRecord {
    /// The request headers that its pages vary on, as [`PageKeys::header_list`] has them.
    pub(crate) headers: Vec<String>,
    /// A random number that stays while the record is overwritten, and is another one after it was removed: pages that
    /// carry it can be told from those of before.
    pub(crate) generation: u64,
}

impl HeaderRecord {
    /// The record that takes the place of the one that was found. One that is none is overwritten.
    fn after(found: Result<Option<Self>>, headers: Vec<String>) -> Result<Self> {
        let generation = readable(found)?.map(|known| known.generation);
        Ok(Self {
            headers,
            generation: generation.unwrap_or_else(|| fastrand::u64(1..)),
        })
    }
}

/// A record, unless something else stands in its place.
fn readable(found: Result<Option<HeaderRecord>>) -> Result<Option<HeaderRecord>> {
    match found {
        Err(error) if error.kind() == ErrorKind::Decode => Ok(None),
        found => found,
    }
}

/// Remembers which request headers a response varies on, and returns the key that its page is to be stored under.
///
/// - `timeout` is how long that is remembered: as long as the page lives. [`DEFAULT_TIMEOUT`](crate::DEFAULT_TIMEOUT) is
///   CACHE_MIDDLEWARE_SECONDS.
/// - `key_prefix` is a part of the key; `None` is CACHE_MIDDLEWARE_KEY_PREFIX.
///
/// ```
/// # fn main() -> cachemere::Result<()> {
/// # let caches = cachemere::Caches::from_toml("")?;
/// # let cache = &caches["default"];
/// use cachemere::http::{get_cache_key, learn_cache_key};
/// use http::{HeaderMap, Method, Request};
///
/// let request = Request::get("/cart").header("Cookie", "session=1").body(()).unwrap();
/// let (request, ()) = request.into_parts();
/// assert_eq!(get_cache_key(&request, None, &Method::GET, cache)?, None);
///
/// let response = HeaderMap::from_iter([("Vary".parse().unwrap(), "Cookie".parse().unwrap())]);
/// let key = learn_cache_key(&request, &response, 60, None, cache)?;
/// assert!(key.starts_with("views.decorators.cache.cache_page..GET."));
/// assert_eq!(get_cache_key(&request, None, &Method::GET, cache)?, Some(key));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// As [`Cache::set`].
pub fn learn_cache_key(
    request: &Parts,
    response: &HeaderMap,
    timeout: impl Into<Timeout>,
    key_prefix: Option<&str>,
    cache: &Cache,
) -> Result<String> {
    let keys = PageKeys::of(request, prefix(key_prefix, cache), cache);
    let (list, header_key) = (keys.header_list(response), keys.header_key());
    let page_key = keys.page_key(&request.method, &list);
    let record = HeaderRecord::after(cache.get(&header_key), list)?;
    cache.set(&header_key, &record, lifetime(timeout.into(), cache))?;
    Ok(page_key)
}

/// The key of the page for a request of this method; `None` if no response of its URL was learned from.
///
/// # Errors
/// As [`Cache::get`].
pub fn get_cache_key(
    request: &Parts,
    key_prefix: Option<&str>,
    method: &Method,
    cache: &Cache,
) -> Result<Option<String>> {
    let keys = PageKeys::of(request, prefix(key_prefix, cache), cache);
    let record = readable(cache.get(&keys.header_key()))?;
    Ok(record.map(|record| keys.page_key(method, &record.headers)))
}

/// [`learn_cache_key`], asynchronously.
///
/// # Errors
/// As [`learn_cache_key`].
pub async fn alearn_cache_key(
    request: &Parts,
    response: &HeaderMap,
    timeout: impl Into<Timeout>,
    key_prefix: Option<&str>,
    cache: &Cache,
) -> Result<String> {
    let timeout = lifetime(timeout.into(), cache);
    let keys = PageKeys::of(request, prefix(key_prefix, cache), cache);
    let (list, header_key) = (keys.header_list(response), keys.header_key());
    let page_key = keys.page_key(&request.method, &list);
    let record = HeaderRecord::after(cache.aget(&header_key).await, list)?;
    cache.aset(&header_key, &record, timeout).await?;
    Ok(page_key)
}

/// [`get_cache_key`], asynchronously.
///
/// # Errors
/// As [`get_cache_key`].
pub async fn aget_cache_key(
    request: &Parts,
    key_prefix: Option<&str>,
    method: &Method,
    cache: &Cache,
) -> Result<Option<String>> {
    let keys = PageKeys::of(request, prefix(key_prefix, cache), cache);
    let record = readable(cache.aget(&keys.header_key()).await)?;
    Ok(record.map(|record| keys.page_key(method, &record.headers)))
}

fn prefix<'a>(given: Option<&'a str>, cache: &'a Cache) -> &'a str {
    given.unwrap_or(&cache.handle.middleware.key_prefix)
}

fn lifetime(timeout: Timeout, cache: &Cache) -> Timeout {
    match timeout {
        Timeout::Default => Timeout::from(cache.handle.middleware.seconds),
        given => given,
    }
}
