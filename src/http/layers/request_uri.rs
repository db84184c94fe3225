use std::task::{Context, Poll};

use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use super::super::request::note_uri;

/// A layer that notes what a client asked for, before a router cuts something off it: see [`RequestUri`](crate::http::RequestUri).
///
/// It belongs around the outermost router. With the feature `axum`, its routers do this themselves.
///
/// ```
/// use axum::{Router, routing::get};
/// use cachemere::http::RequestUriLayer;
/// use tower::Layer;
///
/// let shop = Router::new().route("/{item}", get(async || "a page"));
/// let app = RequestUriLayer::new().layer(Router::new().nest("/shop", shop));
/// # let _: cachemere::http::NoteRequestUri<Router> = app;
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct RequestUriLayer;

impl RequestUriLayer {
    /// The layer.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

impl<S> Layer<S> for RequestUriLayer {
    type Service = NoteRequestUri<S>;

    fn layer(&self, inner: S) -> NoteRequestUri<S> {
        NoteRequestUri { inner }
    }
}

/// The service of a [`RequestUriLayer`].
#[derive(Clone, Debug)]
pub struct NoteRequestUri<S> {
    inner: S,
}

impl<S, Q> Service<Request<Q>> for NoteRequestUri<S>
where
    S: Service<Request<Q>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Q>) -> S::Future {
        note_uri(&mut request);
        self.inner.call(request)
    }
}
