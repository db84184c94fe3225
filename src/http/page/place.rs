//! Where the pages of a URL are stored: worked out once, and remembered.

use std::{sync::Arc, thread::LocalKey};

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

/// A request, on the way to its place and its spot.
pub(super) struct Search<'a> {
    request: &'a Parts,
    options: &'a Options,
    cache: &'a Cache,
    /// All that these are made of. `None` if they may be made of more, which a KEY_FUNCTION knows.
    identity: Option<Vec<u8>>,
}

impl<'a> Search<'a> {
    pub(super) fn new(request: &'a Parts, options: &'a Options, cache: &'a Cache) -> Self {
        let handle = &cache.handle;
        let identity = handle.alias.key_function.is_none().then(|| {
            let mut identity = Vec::with_capacity(512);
            identity.extend_from_slice(&options.id.to_ne_bytes());
            key::identify(request, &handle.middleware, &mut identity);
            identity
        });
        Self {
            request,
            options,
            cache,
            identity,
        }
    }

    /// Where what is known of the URL is.
    pub(super) fn place(&self) -> Result<Arc<Place>> {
        let (options, cache) = (self.options, self.cache);
        self.recall(&PLACES, |keys| {
            let url = generation::of_url(&options.key_prefix, keys.uri());
            let route = options.route_key.as_deref();
            Ok(Place {
                list: cache.key(&keys.header_key())?,
                url: cache.key(&url)?,
                route: route.map(|route| cache.key(route)).transpose()?,
            })
        })
    }

    /// Where the page is, if pages of the URL vary on these headers.
    pub(super) fn spot(mut self, list: &[String]) -> Result<Arc<Spot>> {
        if let Some(identity) = &mut self.identity {
            key::identify_variant(self.request, list, identity);
        }
        let cache = self.cache;
        self.recall(&SPOTS, |keys| {
            Ok(Spot {
                get: cache.key(&keys.spelled_page_key(&Method::GET, list))?,
                head: cache.key(&keys.spelled_page_key(&Method::HEAD, list))?,
                request: keys.seal(list),
            })
        })
    }

    fn recall<T>(
        &self,
        memo: &'static LocalKey<Memo<T>>,
        make: impl FnOnce(&PageKeys<'_>) -> Result<T>,
    ) -> Result<Arc<T>> {
        let keys = || PageKeys::of(self.request, &self.options.key_prefix, self.cache);
        match &self.identity {
            Some(identity) => Memo::recall(memo, identity, || make(&keys())),
            None => make(&keys()).map(Arc::new),
        }
    }
}
