use cachemere_base::{ErrorKind, Result, Timeout};
use http::{HeaderMap, Method, request::Parts};

use super::PageKeys;
use crate::Cache;

/// The header list of a URL, unless something else stands in its place.
fn readable(found: Result<Option<Vec<String>>>) -> Result<Option<Vec<String>>> {
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
    cache.set(&header_key, &list, lifetime(timeout.into(), cache))?;
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
    let list = readable(cache.get(&keys.header_key()))?;
    Ok(list.map(|list| keys.page_key(method, &list)))
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
    cache.aset(&header_key, &list, timeout).await?;
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
    let list = readable(cache.aget(&keys.header_key()).await)?;
    Ok(list.map(|list| keys.page_key(method, &list)))
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
