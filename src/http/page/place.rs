//! Where the pages of a URL are stored: worked out once, and remembered.

use std::sync::Arc;

use cachemere_base::{Key, Result};
use http::{Method, request::Parts};

use super::{generation, memo::Memo, options::Options};
use crate::{
    Cache,
    http::key::{self, PageKeys},
};

thread_local! {
    static PLACES: Memo<Place> = const { Memo::new() };
    static SPOTS: Memo<Spot> = const { Memo::new() };
}

/// Where what is known of a URL is stored.
#[derive(Debug)]
pub(super) struct Place {
    /// The request headers that its pages vary on.
    pub(super) list: Key,
    /// The generation of its pages.
    pub(super) url: Key,
    /// The generation of the pages of the route, if that has a name.
    pub(super) route: Option<Key>,
}

/// Where one page is stored, and what it has to agree with.
#[derive(Debug)]
pub(super) struct Spot {
    pub(super) get: Key,
    pub(super) head: Key,
    /// A digest of what was asked for.
    pub(super) request: u128,
}

impl Place {
    /// Where what is known of the URL of a request is.
    pub(super) fn of(request: &Parts, options: &Options, cache: &Cache) -> Result<Arc<Self>> {
        recall(&PLACES, request, &[], options, cache, |keys| {
            let url = generation::of_url(&options.key_prefix, keys.uri());
            let route = options.route_key.as_deref();
            Ok(Self {
                list: cache.key(&keys.header_key())?,
                url: cache.key(&url)?,
                route: route.map(|route| cache.key(route)).transpose()?,
            })
        })
    }
}

impl Spot {
    /// Where the page of a request is, whose URL varies on these headers.
    pub(super) fn of(
        request: &Parts,
        list: &[String],
        options: &Options,
        cache: &Cache,
    ) -> Result<Arc<Self>> {
        recall(&SPOTS, request, list, options, cache, |keys| {
            Ok(Self {
                get: cache.key(&keys.page_key(&Method::GET, list))?,
                head: cache.key(&keys.page_key(&Method::HEAD, list))?,
                request: keys.seal(list),
            })
        })
    }
}

fn recall<T>(
    memo: &'static std::thread::LocalKey<Memo<T>>,
    request: &Parts,
    list: &[String],
    options: &Options,
    cache: &Cache,
    make: impl FnOnce(&PageKeys<'_>) -> Result<T>,
) -> Result<Arc<T>> {
    let make = || make(&PageKeys::of(request, &options.key_prefix, cache));
    if cache.handle.alias.key_function.is_some() {
        // it may know more than what it is given, and is asked each time
        return make().map(Arc::new);
    }
    let mut identity = Vec::with_capacity(512);
    identity.extend_from_slice(&options.id.to_ne_bytes());
    key::identify(request, list, &cache.handle.middleware, &mut identity);
    Memo::recall(memo, identity, make)
}
