use std::{
    collections::VecDeque,
    future::poll_fn,
    pin::pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use cachemere_base::BoxFuture;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body::{Body, Frame};
use tower_layer::Layer;
use tower_service::Service;

use super::{
    super::{
        CacheControl, Precondition,
        conditional::{conditions, not_modified, precondition_failed},
        etag::etag_of,
        frames::poll_bytes,
        parse_http_date,
        request::WantsEtag,
    },
    body::ConditionalBody,
};

/// A longer body gets no ETag: 1 MiB, which is held back until all of it was read.
const MOST: u64 = 1 << 20;

/// A layer that sends no page which the client has already: Django's `ConditionalGetMiddleware`.
///
/// - A GET whose `If-None-Match` or `If-Modified-Since` fits the response is answered with status 304 and no body: see
///   [`Precondition`].
/// - A response of status 200 without an `ETag` gets one, the MD5 digest of its body, if it may be stored, the length of
///   the body is known beforehand, and that is 1 MiB at most.
/// - A page that a page cache further in stores gets it when it is stored, and each hit has it.
/// - Other methods, bodies that stream and trailers pass as they are.
///
/// ```
/// use axum::{Router, routing::get};
/// use cachemere::http::ConditionalGetLayer;
///
/// let app: Router = Router::new()
///     .route("/", get(async || "sent once to each browser"))
///     .layer(ConditionalGetLayer::new());
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct ConditionalGetLayer;

impl ConditionalGetLayer {
    /// The layer.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

impl<S> Layer<S> for ConditionalGetLayer {
    type Service = ConditionalGet<S>;

    fn layer(&self, inner: S) -> ConditionalGet<S> {
        ConditionalGet { inner }
    }
}

/// The service of a [`ConditionalGetLayer`].
#[derive(Clone, Debug)]
pub struct ConditionalGet<S> {
    inner: S,
}

impl<S, Q, A> Service<Request<Q>> for ConditionalGet<S>
where
    S: Service<Request<Q>, Response = Response<A>>,
    S::Future: Send + 'static,
    A: Body + Send,
    A::Error: Send,
{
    type Response = Response<ConditionalBody<A>>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Self::Response, S::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Q>) -> Self::Future {
        let is_get = *request.method() == Method::GET;
        if is_get {
            request.extensions_mut().insert(WantsEtag);
        }
        let conditions = is_get.then(|| conditions(request.headers()));
        let response = self.inner.call(request);
        Box::pin(async move {
            let response = response.await?;
            let Some(conditions) = conditions else {
                return Ok(response.map(ConditionalBody::unread));
            };
            let response = match wants_etag(&response) {
                true => with_etag(response).await,
                false => response.map(ConditionalBody::unread),
            };
            Ok(checked(&conditions, response))
        })
    }
}

/// Whether the digest of the body is to be its ETag.
fn wants_etag<A: Body>(response: &Response<A>) -> bool {
    let length = response.body().size_hint().exact().unwrap_or(0);
    response.status() == StatusCode::OK
        && (1..=MOST).contains(&length)
        && !response.headers().contains_key(header::ETAG)
        && !CacheControl::of(response.headers()).has("no-store")
}

/// The response with the digest of its body, unless it is cut short or has trailers.
async fn with_etag<A: Body>(response: Response<A>) -> Response<ConditionalBody<A>> {
    let (mut head, body) = response.into_parts();
    let read = read(body).await;
    let data = read.iter().map(|frame| frame.as_ref().ok()?.data_ref());
    if let Some(data) = data.collect::<Option<Vec<&Bytes>>>() {
        head.headers.insert(header::ETAG, etag_of(data));
    }
    Response::from_parts(head, ConditionalBody::read(read))
}

async fn read<A: Body>(body: A) -> VecDeque<Result<Frame<Bytes>, A::Error>> {
    let mut body = pin!(body);
    let mut read = VecDeque::new();
    while let Some(frame) = poll_fn(|context| poll_bytes(body.as_mut(), context)).await {
        let is_error = frame.is_err();
        read.push_back(frame);
        if is_error {
            break;
        }
    }
    read
}

/// The response, or what the conditions make of it.
fn checked<A: Body>(
    conditions: &HeaderMap,
    response: Response<ConditionalBody<A>>,
) -> Response<ConditionalBody<A>> {
    if conditions.is_empty() || !response.status().is_success() {
        return response;
    }
    let text = |name| response.headers().get(name)?.to_str().ok();
    let modified = text(header::LAST_MODIFIED).and_then(parse_http_date);
    let etag = text(header::ETAG);
    if etag.is_none() && modified.is_none() {
        return response;
    }
    match Precondition::check(&Method::GET, conditions, etag, modified) {
        Precondition::Met => response,
        Precondition::NotModified => not_modified(response).map(|_| ConditionalBody::empty()),
        Precondition::Failed => precondition_failed(response).map(|_| ConditionalBody::empty()),
    }
}
