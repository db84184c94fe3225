use std::time::UNIX_EPOCH;

use bytes::Bytes;
use cachemere_base::{Result, Timeout, Ttl};
use http::{HeaderMap, HeaderName, Method, header};

use super::{
    generation,
    stored::{Seal, Stored},
    visit::Visit,
};
use crate::{
    Cache, Raw,
    http::{etag::etag_of, get_max_age, parse_http_date, request::WantsEtag},
};

/// Headers of one connection, which no page has (RFC 9111, section 3.1).
const OF_A_CONNECTION: [HeaderName; 9] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHENTICATE,
    HeaderName::from_static("proxy-authentication-info"),
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
    header::TE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// An answer that is to become a page: everything but its body.
pub(super) struct Storing {
    visit: Visit,
    headers: HeaderMap,
    ttl: Ttl,
}

impl Storing {
    pub(super) fn new(visit: Visit, headers: &HeaderMap, ttl: Ttl) -> Self {
        let is_kept = |name: &HeaderName| !OF_A_CONNECTION.contains(name);
        let kept = headers.iter().filter(|(name, _)| is_kept(name));
        Self {
            visit,
            headers: kept
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            ttl,
        }
    }

    /// How many bytes the body may have.
    pub(super) fn limit(&self) -> usize {
        self.visit.site.options.max_body
    }

    pub(super) fn give_up(self) {
        self.visit.give_up();
    }

    /// Stores the page; then those who wait for it look.
    pub(super) async fn store(mut self, frames: Vec<Bytes>) {
        if let Err(error) = self.try_store(&frames).await {
            self.visit.site.forgive(&error);
            self.give_up();
        }
    }

    async fn try_store(&mut self, frames: &[Bytes]) -> Result<()> {
        self.add_etag(frames);
        let (site, known) = (&self.visit.site, &self.visit.known);
        let (cache, keys) = (site.cache(), site.keys(&self.visit.request));
        let timeout = Timeout::from(self.ttl);
        let url_key = generation::of_url(&site.options.key_prefix, keys.uri());
        let Some(url) = generation(cache, &url_key, known.url, timeout).await? else {
            return Ok(());
        };
        let route = match (&site.options.route_key, known.route) {
            (Some(key), None) => generation(cache, key, None, Timeout::Never).await?,
            (_, known) => known,
        };
        let Some(route) = route else { return Ok(()) };
        let list = self.list(keys.header_list(&self.headers));
        let request = keys.seal(&list);
        let seal = Seal {
            url,
            route,
            request,
        };
        let page = Stored::encode(seal, &self.headers, self.age(), frames);
        cache.aset(&keys.header_key(), &list, timeout).await?;
        let page_key = keys.spelled_page_key(&self.visit.request.method, &list);
        cache.aset(&page_key, &Raw(page), timeout).await
    }

    /// What a `ConditionalGetLayer` further out would work out for every hit.
    fn add_etag(&mut self, frames: &[Bytes]) {
        let request = &self.visit.request;
        let is_wanted =
            request.method == Method::GET && request.extensions.get::<WantsEtag>().is_some();
        if is_wanted && !frames.is_empty() {
            let etag = || etag_of(frames);
            self.headers.entry(header::ETAG).or_insert_with(etag);
        }
    }

    /// What a URL has varied on once, it goes on to vary on: a page for all is not in the way of one for some.
    fn list(&self, mut list: Vec<String>) -> Vec<String> {
        for name in self.visit.known.list.iter().flatten() {
            if !list.contains(name) {
                list.push(name.clone());
            }
        }
        list.sort_unstable();
        list
    }

    /// What is to be added to the time of a hit for its Age: `max-age` less `Expires`.
    fn age(&self) -> Option<i64> {
        let max_age = i64::try_from(get_max_age(&self.headers)?).ok()?;
        let expires = self.headers.get(header::EXPIRES)?.to_str().ok()?;
        let since = parse_http_date(expires)?.duration_since(UNIX_EPOCH).ok()?;
        max_age.checked_sub(i64::try_from(since.as_secs()).ok()?)
    }
}

/// The generation that a page is of: the one that was there before the page was computed, kept alive as long as the
/// page. Where there was none, one begins. `None` if another one has meanwhile, or the one that was there is gone: it
/// may have been purged before, and does not come back.
async fn generation(
    cache: &Cache,
    key: &str,
    seen: Option<i64>,
    timeout: Timeout,
) -> Result<Option<i64>> {
    if seen.is_some() {
        let is_there = cache.atouch(key, timeout).await?;
        return Ok(seen.filter(|_| is_there));
    }
    let generation = generation::random();
    let begins = cache.aadd(key, &generation, timeout).await?;
    Ok(begins.then_some(generation))
}
