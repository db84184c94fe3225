//! A site with two routes, which counts what it computes.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use cachemere::{
    Caches,
    http::{CachePageLayer, Pages},
};
use http::{HeaderMap, Response, request::Builder};
use http_body_util::BodyExt;
use tokio::runtime::Runtime;
use tower::{Layer, ServiceExt, service_fn};

use super::{Request, stores::Store};

/// A large page has more bytes.
pub(crate) const LARGE: usize = 200 << 10;

pub(crate) struct Site {
    caches: Caches,
    somewhere: CachePageLayer,
    elsewhere: CachePageLayer,
    calls: Arc<AtomicUsize>,
    runtime: Runtime,
    _store: Arc<Store>,
}

pub(crate) fn get(path: &str) -> Builder {
    Request::get(path).header("host", "testserver")
}

/// An answer, read to its end.
pub(crate) struct Answer {
    headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// The value of a header; nothing if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn is_hit(&self) -> bool {
        self.headers.contains_key("age")
    }
}

impl Site {
    /// Caches and a runtime of its own, as another process has them.
    pub(crate) fn new(store: &Arc<Store>) -> Self {
        let caches = Caches::from_toml(&store.toml).unwrap();
        for table in caches.cache_tables() {
            table.create().unwrap();
        }
        let route = |name| CachePageLayer::with_caches(&caches, 600).route(name);
        Self {
            somewhere: route("somewhere"),
            elsewhere: route("elsewhere"),
            caches,
            calls: Arc::default(),
            runtime: Runtime::new().unwrap(),
            _store: Arc::clone(store),
        }
    }

    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    pub(crate) fn ask(&self, request: Builder) -> Answer {
        let request = request.body(String::new()).unwrap();
        let layer = match request.uri().path() {
            "/elsewhere" => &self.elsewhere,
            _ => &self.somewhere,
        };
        let calls = Arc::clone(&self.calls);
        let view = service_fn(move |request: Request<String>| {
            let number = calls.fetch_add(1, Ordering::SeqCst) + 1;
            async move { Ok::<_, Infallible>(answer(&request, number)) }
        });
        self.runtime.block_on(async {
            let answer = layer.layer(view).oneshot(request).await.unwrap();
            let (parts, body) = answer.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            Answer {
                headers: parts.headers,
                body: String::from_utf8(body.to_vec()).unwrap(),
            }
        })
    }

    fn pages(&self) -> Pages {
        Pages::new(&self.caches["default"])
    }

    pub(crate) fn purge_url(&self, url: &str) {
        self.runtime.block_on(self.pages().apurge_url(url)).unwrap();
    }

    pub(crate) fn purge_route(&self, name: &str) {
        self.runtime
            .block_on(self.pages().apurge_route(name))
            .unwrap();
    }
}

/// Says what was asked for, or who asks for what is private, and how many answers there are with this one.
fn answer(request: &Request<String>, number: usize) -> Response<String> {
    let answer = Response::builder().header("x-view", format!("the view, {number}"));
    let path = request.uri().path();
    match path {
        "/private" => {
            let cookie = request.headers()["cookie"].to_str().unwrap();
            let answer = answer.header("vary", "Cookie");
            answer.body(format!("{cookie}, {number}"))
        }
        "/large" => answer.body(format!("{number}{}", "x".repeat(LARGE))),
        _ => answer.body(format!("{path}, {number}")),
    }
    .unwrap()
}
