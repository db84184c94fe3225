use std::{
    fmt, mem,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use http::{Method, Request, Response};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::{super::request::is_certain, PageBody, PageFuture, site::Found, update::Slot};

/// Answers requests from the pages of a site: the inner one of two layers, Django's `FetchFromCacheMiddleware`.
///
/// [`UpdateCacheLayer`](super::UpdateCacheLayer) is the outer one, which stores the pages and knows where. Without it
/// further out, this one lets every request through, and a warning says so once.
#[derive(Clone, Debug, Default)]
pub struct FetchFromCacheLayer {
    was_said: Arc<AtomicBool>,
}

impl FetchFromCacheLayer {
    /// Fetches from where the outer layer stores.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl<S> Layer<S> for FetchFromCacheLayer {
    type Service = FetchFromCache<S>;

    fn layer(&self, inner: S) -> FetchFromCache<S> {
        FetchFromCache {
            inner,
            was_said: Arc::clone(&self.was_said),
        }
    }
}

/// The service of a [`FetchFromCacheLayer`].
#[derive(Clone)]
pub struct FetchFromCache<S> {
    inner: S,
    was_said: Arc<AtomicBool>,
}

impl<S> FetchFromCache<S> {
    /// A request that no outer layer has seen, though it should have.
    fn complain(&self) {
        if !self.was_said.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "no page is cached: `FetchFromCacheLayer` is not inside of an `UpdateCacheLayer`; that one has to be \
                 further out (in axum: added after it)"
            );
        }
    }
}

impl<S, Q, A> Service<Request<Q>> for FetchFromCache<S>
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
        let is_wanted = matches!(*request.method(), Method::GET | Method::HEAD);
        let slot = request.extensions().get::<Slot>().cloned();
        let Some(Slot(slot)) = slot.filter(|_| is_wanted) else {
            if is_wanted && is_certain::<Q>(request.extensions()) {
                self.complain();
            }
            return PageFuture::passing(self.inner.call(request));
        };
        slot.was_reached.store(true, Ordering::Relaxed);
        let (parts, body) = request.into_parts();
        if let Some(page) = slot.site.peek(&parts) {
            return PageFuture::found(page);
        }
        let next = self.inner.clone();
        let mut inner = mem::replace(&mut self.inner, next);
        PageFuture::looking(async move {
            let found = slot.site.fetch(&parts).await;
            let request = Request::from_parts(parts, body);
            Ok(match found {
                Found::Page(page) => page.map(PageBody::cached),
                Found::Nothing(visit) => {
                    let answer = visit.run(inner.call(request)).await?;
                    *slot.visit.lock() = Some(*visit);
                    answer.map(PageBody::passing)
                }
            })
        })
    }
}

impl<S> fmt::Debug for FetchFromCache<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchFromCache").finish_non_exhaustive()
    }
}
