use cachemere_base::Result;

use super::{generation, options::Options, stored::Seal};
use crate::{Cache, Decode, Stored as Entry, http::key::PageKeys};

/// What the cache knows of a URL.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The request headers that its pages vary on.
    pub(super) list: Option<Vec<String>>,
    /// The generation of its pages.
    pub(super) url: Option<i64>,
    /// The generation of the pages of the route; 0 if the layer has no name for it.
    pub(super) route: Option<i64>,
}

impl Known {
    pub(super) async fn of(keys: &PageKeys<'_>, options: &Options, cache: &Cache) -> Result<Self> {
        let list = keys.header_key();
        let url = generation::of_url(&options.key_prefix, keys.uri());
        let route = options.route_key.as_deref();
        let names = [list.as_str(), &url].into_iter().chain(route);
        let mut found = cache.aget_many::<Entry, &str, _>(names).await?;
        Ok(Self {
            list: found.remove(list.as_str()).and_then(decoded),
            url: found.remove(url.as_str()).and_then(decoded),
            route: route.map_or(Some(0), |route| found.remove(route).and_then(decoded)),
        })
    }

    /// What a page has to agree with; `None` if there is no generation that it could be of.
    pub(super) fn seal(&self, request: u128) -> Option<Seal> {
        Some(Seal {
            url: self.url?,
            route: self.route?,
            request,
        })
    }
}

/// What an entry says; something else in its place is nothing, and is overwritten.
fn decoded<T: Decode>(entry: Entry) -> Option<T> {
    T::decode(entry.0).ok()
}
