use std::{
    fmt, mem,
    sync::Arc,
    task::{Context, Poll},
};

use cachemere_base::{Result, Timeout};
use http::{Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::{
    PageBody, PageFuture, Pages,
    options::Options,
    site::{Found, Site},
};
use crate::{Caches, caches};

/// Caches the pages of a route, or of a whole site: Django's `cache_page`.
///
/// - Answers to GET and HEAD of status 200 are stored for `timeout` and served again for the same URL, with its query;
///   HEAD is answered from a stored GET. `timeout` stands above the answer's `max-age`; with
///   [`DEFAULT_TIMEOUT`](crate::DEFAULT_TIMEOUT), `max-age` counts, else CACHE_MIDDLEWARE_SECONDS.
/// - `Expires` and `max-age` are added to what goes out, and `Age` to what comes from the cache.
/// - Each combination of values of the headers in `Vary` has a page of its own.
/// - Never stored: what is `private`, `no-cache` or `no-store`, has `Vary: *`, `Set-Cookie`, trailers, a body that is
///   too large, cut short or made of server-sent events; answers to requests with `Authorization`, unless `public`.
/// - One request computes a page while the others wait for it, GET_OR_SET_WAIT of the alias (5 s) at most.
/// - A store that fails is a miss, logged and counted: it never fails a page.
///
/// ```
/// # fn main() -> cachemere::Result<()> {
/// # let caches = cachemere::Caches::from_toml("[CACHES.default]\nBACKEND='locmem'\n[CACHES.special]\nBACKEND='locmem'")?;
/// use axum::{Router, routing::get};
/// use cachemere::http::CachePageLayer;
///
/// let cached = CachePageLayer::with_caches(&caches, 60 * 15).cache("special").key_prefix("site1");
/// let app: Router = Router::new()
///     .route("/foo/{code}/", get(async || "computed once in a quarter of an hour"))
///     .layer(cached);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct CachePageLayer {
    site: Arc<Site>,
}

impl CachePageLayer {
    /// Pages that live for `timeout` in the alias `default` of the process, [`caches`].
    ///
    /// # Panics
    /// If the configuration cannot be loaded, or `timeout` is not a number. [`try_new`](Self::try_new) returns an error.
    #[must_use]
    #[track_caller]
    pub fn new(timeout: impl Into<Timeout>) -> Self {
        match Self::try_new(timeout) {
            Ok(layer) => layer,
            Err(error) => panic!("{error}"),
        }
    }

    /// [`new`](Self::new), with an error instead of a panic.
    ///
    /// # Errors
    /// If the configuration cannot be loaded, or `timeout` is not a number.
    pub fn try_new(timeout: impl Into<Timeout>) -> Result<Self> {
        Options::per_view(caches.load()?, timeout.into()).map(Self::from)
    }

    /// Pages that live for `timeout` in the alias `default` of these caches.
    ///
    /// # Panics
    /// If `timeout` is not a number.
    #[must_use]
    #[track_caller]
    pub fn with_caches(configured: &Caches, timeout: impl Into<Timeout>) -> Self {
        match Options::per_view(configured, timeout.into()) {
            Ok(options) => Self::from(options),
            Err(error) => panic!("{error}"),
        }
    }

    /// Stores the pages in this cache.
    ///
    /// # Panics
    /// If the alias is not configured. [`try_cache`](Self::try_cache) returns an error.
    #[must_use]
    #[track_caller]
    pub fn cache(self, alias: &str) -> Self {
        match self.try_cache(alias) {
            Ok(layer) => layer,
            Err(error) => panic!("{error}"),
        }
    }

    /// [`cache`](Self::cache), with an error instead of a panic.
    ///
    /// # Errors
    /// [`UnknownAlias`](crate::ErrorKind::UnknownAlias), naming those that are configured.
    pub fn try_cache(self, alias: &str) -> Result<Self> {
        self.site.options.caches.get(alias)?;
        Ok(self.with(|options| options.alias = alias.to_owned()))
    }

    /// Puts this into the keys, beside the KEY_PREFIX of the alias: the name of a site, say.
    #[must_use]
    pub fn key_prefix(self, prefix: impl Into<String>) -> Self {
        self.with(|options| options.key_prefix = prefix.into())
    }

    /// Stores no page with a body of more bytes; 1 MiB unless said.
    #[must_use]
    pub fn max_body(self, bytes: usize) -> Self {
        self.with(|options| options.max_body = bytes)
    }

    /// Gives the pages a name, by which [`Pages::purge_route`] removes them all.
    #[must_use]
    pub fn route(self, name: impl Into<String>) -> Self {
        self.with(|options| options.route = Some(name.into()))
    }

    /// The pages that this layer stores, for purging.
    #[must_use]
    pub fn pages(&self) -> Pages {
        self.site.options.pages()
    }

    fn with(self, change: impl FnOnce(&mut Options)) -> Self {
        Self::from(self.site.options.with(change))
    }
}

impl From<Options> for CachePageLayer {
    fn from(options: Options) -> Self {
        let site = Arc::new(Site::new(options));
        Self { site }
    }
}

impl<S> Layer<S> for CachePageLayer {
    type Service = CachePage<S>;

    fn layer(&self, inner: S) -> CachePage<S> {
        CachePage {
            inner,
            site: Arc::clone(&self.site),
        }
    }
}

/// The service of a [`CachePageLayer`].
#[derive(Clone)]
pub struct CachePage<S> {
    inner: S,
    site: Arc<Site>,
}

impl<S, Q, A> Service<Request<Q>> for CachePage<S>
where
    S: Service<Request<Q>, Response = Response<A>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Send,
    Q: Send + 'static,
    A: Body + Send + 'static,
{
    type Response = Response<PageBody<A>>;
    type Error = S::Error;
    type Future = PageFuture<S::Future, A, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        if !self.site.serves(&request) {
            return PageFuture::passing(self.inner.call(request));
        }
        let (parts, body) = request.into_parts();
        if let Some(page) = self.site.peek(&parts) {
            return PageFuture::found(page);
        }
        let next = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, next);
        let site = Arc::clone(&self.site);
        PageFuture::looking(async move {
            match site.fetch(&parts).await {
                Found::Page(page) => Ok(page.map(PageBody::cached)),
                Found::Nothing(visit) => {
                    let request = Request::from_parts(parts, body);
                    let answer = visit.run(inner.call(request)).await?;
                    Ok(visit.answer(answer).await)
                }
            }
        })
    }
}

impl<S> fmt::Debug for CachePage<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachePage").finish_non_exhaustive()
    }
}
