use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use cachemere_base::{Error, Key, Result};
use http::{Method, Request, Response, StatusCode, header, request::Parts};

use super::{
    known::Known,
    options::Options,
    stored::{Seal, Stored},
    unshared::Unshared,
    visit::Visit,
};
use crate::{
    Cache, Stored as Entry,
    flights::{Flights, Landing, Leader, Mode, Role},
    get_or_set::Patience,
    http::{key::PageKeys, request::is_certain},
};

/// What the layers of one page cache share.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) options: Options,
    pub(super) unshared: Unshared,
    /// Whether the order of the two layers was seen to be right, or was complained of.
    is_order_known: AtomicBool,
    was_uncertainty_said: AtomicBool,
}

/// What stands where a page was looked for.
pub(super) enum Found {
    Page(Response<Bytes>),
    /// The application is to answer, and its answer may become the page.
    Nothing(Box<Visit>),
}

/// What one look at the cache brought.
struct Look {
    page: Option<Stored>,
    known: Known,
    /// What one computes for all: the page; or pages of this URL, as long as it is not known what they vary on.
    flight: Key,
    /// How many flights had landed before the look.
    landed: u64,
}

impl Site {
    pub(super) fn new(options: Options) -> Self {
        Self {
            options,
            unshared: Unshared::default(),
            is_order_known: AtomicBool::new(false),
            was_uncertainty_said: AtomicBool::new(false),
        }
    }

    pub(super) fn cache(&self) -> &Cache {
        &self.options.caches[self.options.alias.as_str()]
    }

    pub(super) fn keys<'a>(&'a self, request: &'a Parts) -> PageKeys<'a> {
        PageKeys::of(request, &self.options.key_prefix, self.cache())
    }

    /// A fault of the store: it never fails a page.
    pub(super) fn forgive(&self, error: &Error) {
        self.cache().counters().count_fault();
        tracing::warn!("a page is not cached: {error}");
    }

    /// Whether a request with a body `Q` can have a page: says once if it is not certain which one.
    pub(super) fn serves<Q: 'static>(&self, request: &Request<Q>) -> bool {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return false;
        }
        let is_certain = is_certain::<Q>(request.extensions());
        if !is_certain && !self.was_uncertainty_said.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "no page is cached: a router of axum may have cut a prefix off the URI of the request, and does not tell \
                 of it; enable the feature `axum` of cachemere (for axum 0.8), or put a `RequestUriLayer` around the \
                 outermost router"
            );
        }
        is_certain
    }

    /// Says once if the outer layer saw a good answer to a request that the inner one did not see.
    pub(super) fn check_order(&self, was_reached: bool, status: StatusCode) {
        let says_nothing = !was_reached && status != StatusCode::OK;
        if says_nothing || self.is_order_known.load(Ordering::Relaxed) {
            return;
        }
        self.is_order_known.store(true, Ordering::Relaxed);
        if !was_reached {
            tracing::warn!(
                "an answer is not cached: no `FetchFromCacheLayer` inside of `UpdateCacheLayer` saw the request; that \
                 one has to be innermost (in axum: added first)"
            );
        }
    }

    /// The page of a request. If there is none, the request is the one to compute it, or need not wait for it.
    pub(super) async fn fetch(self: &Arc<Self>, request: &Parts) -> Found {
        let keys = self.keys(request);
        let visit = |known, leader| Box::new(Visit::new(Arc::clone(self), request, known, leader));
        let mut patience = Patience::default();
        let mut leading: Option<(Key, Leader)> = None;
        loop {
            let Look {
                page,
                known,
                flight,
                landed,
            } = match self.look(&keys, request).await {
                Ok(look) => look,
                Err(error) => {
                    self.forgive(&error);
                    return Found::Nothing(visit(Known::default(), None));
                }
            };
            if let Some(page) = page {
                return Found::Page(self.respond(page));
            }
            if let Some((led, leader)) = leading.take()
                && led == flight
            {
                return Found::Nothing(visit(known, Some(leader)));
            }
            match self.turn(&keys, &flight) {
                Role::Nested => return Found::Nothing(visit(known, None)),
                Role::Leader(leader) if self.flights().landed(&flight) == landed => {
                    return Found::Nothing(visit(known, Some(leader)));
                }
                Role::Leader(leader) => leading = Some((flight, leader)),
                Role::Follower(flight) => {
                    let wait = patience.left(self.cache());
                    if let Landing::TimedOut = flight.await_landing(wait).await {
                        return Found::Nothing(visit(known, None));
                    }
                }
            }
        }
    }

    /// Who computes what this flight brings. Where it would bring nothing, the caller computes alone.
    fn turn(&self, keys: &PageKeys<'_>, flight: &Key) -> Role {
        let store = &self.cache().handle.store;
        if store.stores_nothing() || self.unshared.contains(&keys.header_key(), Instant::now()) {
            return Role::Nested;
        }
        self.flights().join(store.identity(), flight, Mode::Async)
    }

    fn flights(&self) -> &Arc<Flights> {
        &self.cache().handle.flights
    }

    async fn look(&self, keys: &PageKeys<'_>, request: &Parts) -> Result<Look> {
        let (cache, method) = (self.cache(), &request.method);
        let flight = cache.key(&format!("{}.{method}", keys.header_key()))?;
        let landed = self.flights().landed(&flight);
        let known = Known::of(keys, &self.options, cache).await?;
        let Some(list) = &known.list else {
            return Ok(Look {
                page: None,
                known,
                flight,
                landed,
            });
        };
        let flight = cache.key(&keys.page_key(method, list))?;
        let landed = self.flights().landed(&flight);
        let page = match known.seal(keys.seal(list)) {
            Some(seal) => read(cache, keys, method, list, seal).await?,
            None => None,
        };
        Ok(Look {
            page,
            known,
            flight,
            landed,
        })
    }

    pub(super) fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.cache().handle.alias.clock.now())
    }

    fn respond(&self, page: Stored) -> Response<Bytes> {
        let Stored {
            mut headers,
            age,
            body,
        } = page;
        if let Some(age) = age {
            let now = self.cache().handle.alias.clock.now() / 1000;
            let now = i64::try_from(now).unwrap_or(i64::MAX);
            headers.insert(header::AGE, age.saturating_add(now).max(0).into());
        }
        let mut response = Response::new(body);
        *response.headers_mut() = headers;
        response
    }
}

/// The page of these headers. HEAD is answered from a page of GET, else from its own.
async fn read(
    cache: &Cache,
    keys: &PageKeys<'_>,
    method: &Method,
    list: &[String],
    seal: Seal,
) -> Result<Option<Stored>> {
    let page = async |method| {
        let entry = cache.aget::<Entry>(&keys.page_key(method, list)).await?;
        Ok(entry.and_then(|entry| Stored::decode(entry, seal)))
    };
    match page(&Method::GET).await? {
        Some(page) if method == Method::HEAD => Ok(Some(page.without_body())),
        None if method == Method::HEAD => page(&Method::HEAD).await,
        page => Ok(page),
    }
}
