//! Where the pages of a URL are stored: worked out once, and remembered.

use std::{
    cell::Cell,
    sync::{Arc, OnceLock},
    thread::LocalKey,
};

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
    /// Room to write down an identity, which is not made anew for each.
    static ROOM: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// More room than this is given back.
const MOST_ROOM: usize = 4096;

/// Where what is known of a URL is stored.
#[derive(Debug)]
pub(super) struct Place {
    /// The request headers that its pages vary on.
    pub(super) list: Key,
    /// The generation of its pages.
    pub(super) url: Key,
    /// The generation of the pages of the route, if that has a name.
    pub(super) route: Option<Key>,
    /// Where its page is, if that varies on nothing.
    only: OnceLock<Arc<Spot>>,
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
            let mut identity = ROOM.take();
            identity.clear();
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
                only: OnceLock::new(),
            })
        })
    }

    /// Where the page is, if pages of the URL, whose place this is, vary on these headers.
    pub(super) fn spot(mut self, place: &Place, list: &[String]) -> Result<Arc<Spot>> {
        if list.is_empty() {
            // a place is remembered under all that this spot is made of
            if let Some(spot) = place.only.get() {
                return Ok(Arc::clone(spot));
            }
            let spot = Arc::new(self.new_spot(&self.keys(), list)?);
            return Ok(Arc::clone(place.only.get_or_init(|| spot)));
        }
        if let Some(identity) = &mut self.identity {
            key::identify_variant(self.request, list, identity);
        }
        self.recall(&SPOTS, |keys| self.new_spot(keys, list))
    }

    fn new_spot(&self, keys: &PageKeys<'_>, list: &[String]) -> Result<Spot> {
        let key = |method| self.cache.key(&keys.spelled_page_key(method, list));
        Ok(Spot {
            get: key(&Method::GET)?,
            head: key(&Method::HEAD)?,
            request: keys.seal(list),
        })
    }

    fn keys(&self) -> PageKeys<'a> {
        PageKeys::of(self.request, &self.options.key_prefix, self.cache)
    }

    fn recall<T>(
        &self,
        memo: &'static LocalKey<Memo<T>>,
        make: impl FnOnce(&PageKeys<'_>) -> Result<T>,
    ) -> Result<Arc<T>> {
        match &self.identity {
            Some(identity) => Memo::recall(memo, identity, || make(&self.keys())),
            None => make(&self.keys()).map(Arc::new),
        }
    }
}

impl Drop for Search<'_> {
    fn drop(&mut self) {
        if let Some(room) = self.identity.take_if(|room| room.capacity() <= MOST_ROOM) {
            // it is gone where a thread ends
            let _ = ROOM.try_with(|kept| kept.set(room));
        }
    }
}
