use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use cachemere_base::{BoxFuture, Result};
use http::{Request, Response};
use http_body::Body;
use parking_lot::Mutex;
use tower_layer::Layer;
use tower_service::Service;

use super::{
    super::request::{note_credentials, note_uri},
    PageBody,
    options::Options,
    pages::Pages,
    site::Site,
    visit::{Visit, is_authorized},
};
use crate::{Caches, caches};

/// Stores the pages of a site: the outer one of two layers, Django's `UpdateCacheMiddleware`.
///
/// [`FetchFromCacheLayer`](super::FetchFromCacheLayer) is the inner one. Layers between the two may add to `Vary`, and
/// what they add tells pages apart; what one does that is further out is not in a page.
///
/// - CACHE_MIDDLEWARE_ALIAS, CACHE_MIDDLEWARE_SECONDS and CACHE_MIDDLEWARE_KEY_PREFIX say where pages are stored, and for
///   how long if their `max-age` does not.
/// - Everything else is as for [`CachePageLayer`](super::CachePageLayer).
///
/// ```
/// # let caches = cachemere::Caches::from_toml("").unwrap();
/// use axum::{Router, routing::get};
/// use cachemere::http::{FetchFromCacheLayer, UpdateCacheLayer};
/// # type SessionLayer = tower::layer::util::Identity;
///
/// // axum runs the layer first that is added last: read it from below
/// let app: Router = Router::new()
///     .route("/", get(async || "hello, world!"))
///     .layer(FetchFromCacheLayer::new())
///     .layer(SessionLayer::new())
///     .layer(UpdateCacheLayer::with_caches(&caches));
/// ```
#[derive(Clone, Debug)]
pub struct UpdateCacheLayer {
    site: Arc<Site>,
}

impl UpdateCacheLayer {
    /// Stores pages in the [`caches`] of the process.
    ///
    /// # Panics
    /// If the configuration cannot be loaded. [`try_new`](Self::try_new) returns an error.
    #[must_use]
    #[track_caller]
    #[expect(clippy::new_without_default, reason = "it may panic")]
    pub fn new() -> Self {
        match Self::try_new() {
            Ok(layer) => layer,
            Err(error) => panic!("{error}"),
        }
    }

    /// [`new`](Self::new), with an error instead of a panic.
    ///
    /// # Errors
    /// If the configuration cannot be loaded.
    pub fn try_new() -> Result<Self> {
        caches.load().map(Self::with_caches)
    }

    /// Stores pages in these caches.
    #[must_use]
    pub fn with_caches(configured: &Caches) -> Self {
        Self::from(Options::per_site(configured))
    }

    /// Stores no page with a body of more bytes; 1 MiB unless said.
    #[must_use]
    pub fn max_body(self, bytes: usize) -> Self {
        Self::from(self.site.options.with(|options| options.max_body = bytes))
    }

    /// The pages that this layer stores, for purging.
    #[must_use]
    pub fn pages(&self) -> Pages {
        self.site.options.pages()
    }
}

impl From<Options> for UpdateCacheLayer {
    fn from(options: Options) -> Self {
        let site = Arc::new(Site::new(options));
        Self { site }
    }
}

impl<S> Layer<S> for UpdateCacheLayer {
    type Service = UpdateCache<S>;

    fn layer(&self, inner: S) -> UpdateCache<S> {
        UpdateCache {
            inner,
            site: Arc::clone(&self.site),
        }
    }
}

/// The service of an [`UpdateCacheLayer`].
#[derive(Clone)]
pub struct UpdateCache<S> {
    inner: S,
    site: Arc<Site>,
}

/// Where the inner layer leaves a request that found no page: an extension of the request.
#[derive(Clone)]
pub(super) struct Slot(pub(super) Arc<Contents>);

pub(super) struct Contents {
    pub(super) site: Arc<Site>,
    pub(super) visit: Mutex<Option<Visit>>,
    /// Whether the inner layer was reached at all.
    pub(super) was_reached: AtomicBool,
}

/// The outer layer's hold on a slot: who waits for its page is let go when this is dropped, though an application may
/// have kept the request.
struct Held(Slot);

impl Held {
    fn take(&self) -> Option<Visit> {
        self.0.0.visit.lock().take()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.take());
    }
}

impl<S, Q, A> Service<Request<Q>> for UpdateCache<S>
where
    S: Service<Request<Q>, Response = Response<A>>,
    S::Future: Send + 'static,
    Q: 'static,
    A: Body + Send + 'static,
{
    type Response = Response<PageBody<A>>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Self::Response, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Q>) -> Self::Future {
        if !self.site.serves(&request) {
            let answer = self.inner.call(request);
            return Box::pin(async move { Ok(answer.await?.map(PageBody::passing)) });
        }
        note_uri(&mut request);
        note_credentials(&mut request);
        let is_authorized = is_authorized(request.headers());
        let slot = Slot(Arc::new(Contents {
            site: Arc::clone(&self.site),
            visit: Mutex::new(None),
            was_reached: AtomicBool::new(false),
        }));
        request.extensions_mut().insert(slot.clone());
        let held = Held(slot);
        let answer = self.inner.call(request);
        Box::pin(async move {
            let answer = answer.await?;
            let Slot(contents) = &held.0;
            let was_reached = contents.was_reached.load(Ordering::Relaxed);
            contents.site.check_order(was_reached, answer.status());
            if let Some(mut visit) = held.take() {
                visit.is_authorized |= is_authorized;
                return Ok(visit.answer(answer).await);
            }
            Ok(answer.map(PageBody::passing))
        })
    }
}

impl<S> fmt::Debug for UpdateCache<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdateCache").finish_non_exhaustive()
    }
}
