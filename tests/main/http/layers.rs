use std::{
    collections::VecDeque,
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{Router, routing::get};
use bytes::Bytes;
use cachemere::http::{
    ConditionalGetLayer, cache_control, never_cache, vary_on_cookie, vary_on_headers,
};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Full};
use tower::{Layer, Service, ServiceExt, service_fn};

use super::golden::value;

/// A body of these frames; one that is not to be read has none that can be.
struct Frames {
    frames: VecDeque<Result<Frame<Bytes>, &'static str>>,
    length: Option<u64>,
}

impl Frames {
    fn new(frames: impl IntoIterator<Item = Result<Frame<Bytes>, &'static str>>) -> Self {
        let frames: VecDeque<_> = frames.into_iter().collect();
        let data = frames.iter().flatten().filter_map(Frame::data_ref);
        let length = Some(data.map(|data| data.len() as u64).sum());
        Self { frames, length }
    }

    fn of_unknown_length(mut self) -> Self {
        self.length = None;
        self
    }
}

impl Body for Frames {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        Poll::Ready(self.frames.pop_front())
    }

    fn size_hint(&self) -> SizeHint {
        self.length
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

fn data(text: &'static str) -> Result<Frame<Bytes>, &'static str> {
    Ok(Frame::data(Bytes::from_static(text.as_bytes())))
}

fn response(headers: &[(&str, &str)], body: Frames) -> Response<Frames> {
    let mut response = Response::builder();
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(body).unwrap()
}

/// What becomes of a response to this request behind a [`ConditionalGetLayer`].
fn conditional<B>(
    request: http::request::Builder,
    answer: Response<B>,
) -> Response<impl Body<Data = Bytes, Error = B::Error>>
where
    B: Body<Error: Send> + Send + 'static,
{
    let mut answer = Some(answer);
    let inner = service_fn(move |_: Request<()>| {
        let answer = answer.take().unwrap();
        async { Ok::<_, Infallible>(answer) }
    });
    let service = ConditionalGetLayer::new().layer(inner);
    pollster::block_on(service.oneshot(request.body(()).unwrap())).unwrap()
}

/// The data of a body, its trailers, and the error that it ends with.
fn read<B: Body<Data = Bytes> + Unpin>(
    mut body: B,
) -> (String, Option<HeaderMap>, Option<B::Error>) {
    let (mut text, mut trailers) = (String::new(), None);
    while let Some(frame) = pollster::block_on(body.frame()) {
        match frame.map(Frame::into_data) {
            Ok(Ok(data)) => text.push_str(std::str::from_utf8(&data).unwrap()),
            Ok(Err(frame)) => trailers = frame.into_trailers().ok(),
            Err(error) => return (text, trailers, Some(error)),
        }
    }
    (text, trailers, None)
}

const ETAG: &str = "\"9473fdd0d880a43c21b7778d34872157\"";

#[test]
fn a_layer_of_directives_patches_every_response() {
    let inner = service_fn(async |_: Request<()>| {
        let response = Response::builder().header("cache-control", "max-age=60, x=1");
        Ok::<_, Infallible>(response.body(()).unwrap())
    });
    let mut service = cache_control().private().max_age(3600).layer(inner);
    for _ in 0..2 {
        let response = pollster::block_on(service.call(Request::new(()))).unwrap();
        let header = value(response.headers(), "cache-control");
        assert_eq!(header, "max-age=60, x=1, private");
    }
}

#[test]
fn layers_of_headers_work_on_routes_and_on_each_other() {
    let app: Router = Router::new()
        .route("/now", get(async || "1").layer(never_cache()))
        .route("/mine", get(async || "2").layer(vary_on_cookie()))
        .layer(vary_on_headers(["User-Agent", "cookie"]));
    let headers = |path| {
        let request = Request::get(path).body(axum::body::Body::empty()).unwrap();
        let response = pollster::block_on(app.clone().oneshot(request)).unwrap();
        response.headers().clone()
    };
    let now = headers("/now");
    let never = "max-age=0, no-cache, no-store, must-revalidate, private";
    assert_eq!(value(&now, "cache-control"), never);
    assert!(now.contains_key("expires"));
    assert_eq!(value(&now, "vary"), "User-Agent, cookie");
    assert_eq!(value(&headers("/mine"), "vary"), "Cookie, User-Agent");
}

#[test]
fn an_error_of_the_application_passes_through() {
    let inner = service_fn(async |_: Request<()>| Err::<Response<()>, _>("down"));
    let result = pollster::block_on(never_cache().layer(inner).oneshot(Request::new(())));
    assert_eq!(result.unwrap_err(), "down");
}

#[test]
#[should_panic(expected = "`User Agent` is not the name of a header")]
fn a_layer_does_not_vary_on_what_is_no_header() {
    let _ = vary_on_headers(["User Agent"]);
}

#[test]
fn a_page_is_sent_once_to_each_browser() {
    let page = || Response::new(Full::<Bytes>::from("test content"));
    let first = conditional(Request::get("/"), page());
    assert_eq!(first.status(), StatusCode::OK);
    assert_eq!(value(first.headers(), "etag"), ETAG);
    assert_eq!(first.body().size_hint().exact(), Some(12));
    assert_eq!(read(first.into_body()).0, "test content");

    let again = conditional(Request::get("/").header("if-none-match", ETAG), page());
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(value(again.headers(), "etag"), ETAG);
    assert!(again.body().is_end_stream());
    assert_eq!(read(again.into_body()).0, "");

    let other = conditional(Request::get("/").header("if-none-match", "\"x\""), page());
    assert_eq!(other.status(), StatusCode::OK);
    assert_eq!(read(other.into_body()).0, "test content");
}

#[test]
fn a_response_with_validators_is_not_read() {
    let modified = "Tue, 14 Nov 2023 22:13:20 GMT";
    let body = || Frames::new([data("test"), Err("was read")]).of_unknown_length();
    for (header, validator, condition) in [
        ("etag", "W/\"v1\"", "if-none-match"),
        ("last-modified", modified, "if-modified-since"),
    ] {
        let request = Request::get("/").header(condition, validator);
        let response = conditional(request, response(&[(header, validator)], body()));
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{header}");
        assert_eq!(read(response.into_body()), (String::new(), None, None));
    }
}

#[test]
fn only_what_may_be_stored_and_whose_length_is_known_gets_an_etag() {
    let page = || Frames::new([data("test"), data(" content")]);
    let etag = |request: http::request::Builder, response| {
        let response = conditional(request, response);
        let has_etag = response.headers().contains_key("etag");
        assert_eq!(read(response.into_body()).0, "test content");
        has_etag
    };
    assert!(etag(Request::get("/"), response(&[], page())));
    assert!(!etag(Request::head("/"), response(&[], page())));
    assert!(!etag(Request::post("/"), response(&[], page())));
    let no_store = [("cache-control", "x, NO-STORE")];
    assert!(!etag(Request::get("/"), response(&no_store, page())));
    assert!(!etag(
        Request::get("/"),
        response(&[], page().of_unknown_length())
    ));
    let mut partial = response(&[], page());
    *partial.status_mut() = StatusCode::PARTIAL_CONTENT;
    assert!(!etag(Request::get("/"), partial));
}

#[test]
fn a_long_body_passes_without_an_etag() {
    let long = Full::<Bytes>::from(vec![0; (1 << 20) + 1]);
    let response = conditional(Request::get("/"), Response::new(long));
    assert!(!response.headers().contains_key("etag"));
    assert_eq!(response.body().size_hint().exact(), Some((1 << 20) + 1));
}

#[test]
fn a_body_that_is_cut_short_is_so_for_the_client_too() {
    let body = Frames::new([data("test"), Err("connection lost"), data("more")]);
    let response = conditional(Request::get("/"), response(&[], body));
    assert!(!response.headers().contains_key("etag"));
    let expected = ("test".to_owned(), None, Some("connection lost"));
    assert_eq!(read(response.into_body()), expected);
}

#[test]
fn trailers_survive() {
    let mut trailers = HeaderMap::new();
    trailers.insert("x-sum", "1".parse().unwrap());
    let body = Frames::new([data("test"), Ok(Frame::trailers(trailers.clone()))]);
    let response = conditional(Request::get("/"), response(&[], body));
    assert!(!response.headers().contains_key("etag"));
    assert_eq!(
        read(response.into_body()),
        ("test".to_owned(), Some(trailers), None)
    );
}
