use std::{
    convert::Infallible,
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use cachemere_base::{Asynchrony, Error, Key, Result};
use http::{HeaderValue, Method, Request, Response, StatusCode, header, request::Parts};

use super::{
    known::{Known, entries},
    memo::Memo,
    options::Options,
    place::{Search, Spot},
    stored::Stored,
    unshared::Unshared,
    visit::Visit,
};
use crate::{
    Cache,
    flights::{Flights, Landing, Leader, Mode, Role},
    get_or_set::Patience,
    http::{key::PageKeys, request::is_certain},
};

thread_local! {
    static NUMBERS: Memo<HeaderValue> = const { Memo::new() };
}

/// What the layers of one page cache share.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) options: Options,
    pub(super) unshared: Unshared,
    /// Whether the order of the two layers was seen to be right, or was complained of.
    is_order_known: AtomicBool,
    /// Whether the store is one for such pages.
    is_own: bool,
    was_obstacle_said: AtomicBool,
}

const UNCERTAIN: &str = "a router of axum may have cut a prefix off the URI of the request, and does not tell of it; \
    enable the feature `axum` of cachemere (for axum 0.8), or put a `RequestUriLayer` around the outermost router";

const FOREIGN: &str = "its alias has `FORMAT = \"django\"`, and a Django site would fail on pages that are not its own; \
    name another alias";

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
}

impl Site {
    pub(super) fn new(options: Options) -> Self {
        let cache = &options.caches[options.alias.as_str()];
        Self {
            is_own: !cache.handle.alias.is_djangos,
            options,
            unshared: Unshared::default(),
            is_order_known: AtomicBool::new(false),
            was_obstacle_said: AtomicBool::new(false),
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

    /// Whether a request with a body `Q` can have a page; says once why it cannot.
    pub(super) fn serves<Q: 'static>(&self, request: &Request<Q>) -> bool {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return false;
        }
        let obstacle = match is_certain::<Q>(request.extensions()) {
            true if self.is_own => return true,
            true => FOREIGN,
            false => UNCERTAIN,
        };
        if !self.was_obstacle_said.swap(true, Ordering::Relaxed) {
            let alias = self.options.alias.as_str();
            tracing::warn!(alias, "no page is cached: {obstacle}");
        }
        false
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
        let cache = self.cache();
        let visit = |known, leader| Box::new(Visit::new(Arc::clone(self), request, known, leader));
        let mut patience = Patience::default();
        let mut leading: Option<(Key, Leader)> = None;
        loop {
            let landed = cache.handle.flights.all_landed();
            let look = match self.look(cache, request).await {
                Ok(Look {
                    page: Some(page), ..
                }) => return Found::Page(respond(cache, page)),
                look => look.and_then(|look| Ok((self.flight(request, &look.known)?, look))),
            };
            let (flight, Look { known, .. }) = match look {
                Ok(look) => look,
                Err(error) => {
                    self.forgive(&error);
                    return Found::Nothing(visit(Known::default(), None));
                }
            };
            if let Some((led, leader)) = leading.take()
                && led == flight
            {
                return Found::Nothing(visit(known, Some(leader)));
            }
            match self.turn(request, &flight) {
                Role::Nested => return Found::Nothing(visit(known, None)),
                Role::Leader(leader) if !self.flights().has_landed(&flight, &landed) => {
                    return Found::Nothing(visit(known, Some(leader)));
                }
                Role::Leader(leader) => leading = Some((flight, leader)),
                Role::Follower(flight) => {
                    let wait = patience.left(cache);
                    if let Landing::TimedOut = flight.await_landing(wait).await {
                        return Found::Nothing(visit(known, None));
                    }
                }
            }
        }
    }

    /// The page of a request, if it can be had without waiting.
    pub(super) fn peek(&self, request: &Parts) -> Option<Response<Bytes>> {
        let cache = self.cache();
        let Asynchrony::Inline = cache.handle.store.asynchronous() else {
            return None;
        };
        let look = pin!(self.look(cache, request));
        match look.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Ok(look)) => look.page.map(|page| respond(cache, page)),
            _ => None,
        }
    }

    /// Who computes what this flight brings. Where it would bring nothing, the caller computes alone.
    fn turn(&self, request: &Parts, flight: &Key) -> Role {
        let store = &self.cache().handle.store;
        let url = || self.keys(request).header_key();
        if store.stores_nothing() || self.unshared.contains(&url(), Instant::now()) {
            return Role::Nested;
        }
        self.flights().join(store.identity(), flight, Mode::Async)
    }

    fn flights(&self) -> &Arc<Flights> {
        &self.cache().handle.flights
    }

    async fn look(&self, cache: &Cache, request: &Parts) -> Result<Look> {
        let search = Search::new(request, &self.options, cache);
        let place = search.place()?;
        let known = Known::of(&place, cache).await?;
        let page = match &known.list {
            None => None,
            Some(list) => {
                let spot = search.spot(&place, list)?;
                read(cache, &spot, &known, &request.method).await?
            }
        };
        Ok(Look { page, known })
    }

    /// What one computes for all: the page; or pages of this URL, as long as it is not known what they vary on.
    fn flight(&self, request: &Parts, known: &Known) -> Result<Key> {
        let keys = self.keys(request);
        self.cache().key(&match &known.list {
            Some(list) => keys.spelled_page_key(&request.method, list),
            None => format!("{}.{}", keys.header_key(), request.method),
        })
    }

    pub(super) fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.cache().handle.alias.clock.now())
    }
}

/// The page of a spot. HEAD is answered from a page of GET, else from its own.
async fn read(
    cache: &Cache,
    spot: &Spot,
    known: &Known,
    method: &Method,
) -> Result<Option<Stored>> {
    let Some(seal) = known.seal(spot.request) else {
        return Ok(None);
    };
    let page = async |key| {
        let [entry] = entries([Some(key)], cache).await?;
        Ok(entry.and_then(|entry| Stored::decode(entry, seal)))
    };
    match page(&spot.get).await? {
        Some(page) if method == Method::HEAD => Ok(Some(page.without_body())),
        None if method == Method::HEAD => page(&spot.head).await,
        page => Ok(page),
    }
}

/// The answer that a page is, with its Age.
fn respond(cache: &Cache, page: Stored) -> Response<Bytes> {
    let Stored {
        front,
        length,
        body,
    } = page;
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    front.put(headers);
    if let Some(age) = front.age {
        let now = cache.handle.alias.clock.lately() / 1000;
        let now = i64::try_from(now).unwrap_or(i64::MAX);
        headers.insert(header::AGE, seconds(age.saturating_add(now).max(0)));
    }
    if let Some(length) = length {
        let length = HeaderValue::from(length);
        headers.entry(header::CONTENT_LENGTH).or_insert(length);
    }
    response
}

/// A number of seconds as a header says it: for a second, it is the same one for all hits of a page.
fn seconds(number: i64) -> HeaderValue {
    let identity = number.to_ne_bytes();
    let written = Memo::recall(&NUMBERS, &identity, || Ok::<_, Infallible>(number.into()));
    let Ok(written) = written;
    HeaderValue::clone(&written)
}
