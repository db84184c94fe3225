use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::SystemTime,
};

use http::{HeaderMap, HeaderName, Request, Response};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::super::{
    CacheControl, add_never_cache_headers, patch_cache_control, patch_vary_headers,
};

/// Adds to the headers of all responses: see [`never_cache`], [`vary_on_headers`] and [`vary_on_cookie`].
#[derive(Clone, Debug)]
pub struct PatchHeadersLayer {
    patch: Arc<Patch>,
}

#[derive(Debug)]
enum Patch {
    CacheControl(CacheControl),
    NeverCache,
    Vary(Vec<String>),
}

impl Patch {
    fn apply(&self, headers: &mut HeaderMap) {
        match self {
            Self::CacheControl(changes) => patch_cache_control(headers, changes),
            Self::NeverCache => add_never_cache_headers(headers, SystemTime::now()),
            Self::Vary(names) => patch_vary_headers(headers, names),
        }
    }
}

/// A layer that tells caches never to store a response, and browsers to ask for it each time: see
/// [`add_never_cache_headers`].
///
/// ```
/// use axum::{Router, routing::get};
/// use cachemere::http::never_cache;
///
/// let app: Router = Router::new().route("/balance", get(async || "9.99")).layer(never_cache());
/// ```
#[must_use]
pub fn never_cache() -> PatchHeadersLayer {
    Patch::NeverCache.into()
}

/// A layer that tells caches which request headers a response depends on: see [`patch_vary_headers`].
///
/// ```
/// use axum::{Router, routing::get};
/// use cachemere::http::vary_on_headers;
///
/// let app: Router = Router::new()
///     .route("/", get(async || "for this browser"))
///     .layer(vary_on_headers(["User-Agent", "Cookie"]));
/// ```
///
/// # Panics
/// If a name is not that of a header.
#[must_use]
#[track_caller]
pub fn vary_on_headers<N: AsRef<str>>(names: impl IntoIterator<Item = N>) -> PatchHeadersLayer {
    let names = names.into_iter().map(|name| name.as_ref().to_owned());
    let names: Vec<_> = names.collect();
    for name in &names {
        let is_header = HeaderName::try_from(name).is_ok();
        assert!(
            is_header,
            "`{}` is not the name of a header",
            name.escape_debug()
        );
    }
    Patch::Vary(names).into()
}

/// [`vary_on_headers`] of `Cookie`: each user has a response of their own.
#[must_use]
pub fn vary_on_cookie() -> PatchHeadersLayer {
    vary_on_headers(["Cookie"])
}

impl From<Patch> for PatchHeadersLayer {
    fn from(patch: Patch) -> Self {
        let patch = Arc::new(patch);
        Self { patch }
    }
}

impl<S> Layer<S> for PatchHeadersLayer {
    type Service = PatchHeaders<S>;

    fn layer(&self, inner: S) -> PatchHeaders<S> {
        let patch = Arc::clone(&self.patch);
        PatchHeaders { inner, patch }
    }
}

/// Directives are a layer that adds them to all responses: see [`patch_cache_control`].
impl<S> Layer<S> for CacheControl {
    type Service = PatchHeaders<S>;

    fn layer(&self, inner: S) -> PatchHeaders<S> {
        PatchHeadersLayer::from(Patch::CacheControl(self.clone())).layer(inner)
    }
}

/// The service of a [`PatchHeadersLayer`], and of [`CacheControl`] as a layer.
#[derive(Clone, Debug)]
pub struct PatchHeaders<S> {
    inner: S,
    patch: Arc<Patch>,
}

impl<S, Q, A> Service<Request<Q>> for PatchHeaders<S>
where
    S: Service<Request<Q>, Response = Response<A>>,
{
    type Response = Response<A>;
    type Error = S::Error;
    type Future = PatchHeadersFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        PatchHeadersFuture {
            inner: self.inner.call(request),
            patch: Arc::clone(&self.patch),
        }
    }
}

pin_project! {
    /// The response of [`PatchHeaders`].
    #[derive(Debug)]
    pub struct PatchHeadersFuture<F> {
        #[pin]
        inner: F,
        patch: Arc<Patch>,
    }
}

impl<F, A, E> Future for PatchHeadersFuture<F>
where
    F: Future<Output = Result<Response<A>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mut response = ready!(this.inner.poll(context))?;
        this.patch.apply(response.headers_mut());
        Poll::Ready(Ok(response))
    }
}
