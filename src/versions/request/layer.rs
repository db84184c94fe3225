use std::task::{Context, Poll};

use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use super::RequestVersions;
use crate::versions::Versions;

/// Puts [`RequestVersions`] into the extensions of every request, for handlers to take from there.
///
/// One look-up a request; none where nobody reads them.
///
/// ```
/// # fn main() -> cachemere::Result<()> {
/// use axum::{Extension, Router, routing::get};
/// use cachemere::versions::{CacheVersionsLayer, RequestVersions};
///
/// async fn bans(Extension(versions): Extension<RequestVersions>) -> String {
///     match versions.aget("bans").await {
///         Ok(version) => version.to_string(),
///         Err(error) => error.to_string(),
///     }
/// }
///
/// # let caches = cachemere::Caches::from_toml("[DATABASES]\ndefault = 'sqlite::memory:'")?;
/// let layer = CacheVersionsLayer::new(caches.versions());
/// let app: Router = Router::new().route("/bans", get(bans)).layer(layer);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct CacheVersionsLayer {
    versions: Versions,
}

impl CacheVersionsLayer {
    /// A layer for these versions.
    #[must_use]
    pub fn new(versions: Versions) -> Self {
        Self { versions }
    }
}

impl<S> Layer<S> for CacheVersionsLayer {
    type Service = CacheVersions<S>;

    fn layer(&self, inner: S) -> CacheVersions<S> {
        let versions = self.versions.clone();
        CacheVersions { inner, versions }
    }
}

/// The service of [`CacheVersionsLayer`].
#[derive(Clone, Debug)]
pub struct CacheVersions<S> {
    inner: S,
    versions: Versions,
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for CacheVersions<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        let versions = RequestVersions::new(self.versions.clone());
        request.extensions_mut().insert(versions);
        self.inner.call(request)
    }
}
