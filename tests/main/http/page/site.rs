//! A site with one view for all URLs, which counts its calls, and a clock that tests move.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, body::Body};
use cachemere::{
    Cache, Caches,
    base::ManualClock,
    http::{CachePageLayer, FetchFromCacheLayer, UpdateCacheLayer},
};
use http::{Request, Response};
use http_body_util::BodyExt;
use tower::{ServiceBuilder, ServiceExt};

use super::super::golden;

/// One alias in memory, with keys as Django 5.2 has them.
pub(super) const LOCMEM: &str =
    "[CACHES.default]\nBACKEND = 'locmem'\nTIMEOUT = 300\nOPTIONS.DJANGO = '5.2'\n";

pub(super) struct Site {
    pub(super) caches: Caches,
    clock: Arc<ManualClock>,
    router: Router,
    calls: Arc<AtomicUsize>,
}

impl Site {
    /// A site with these settings, this view, and around it what `layers` adds.
    pub(super) fn new(
        toml: &str,
        view: impl Fn(&Request<Body>) -> Response<Body> + Clone + Send + Sync + 'static,
        layers: impl FnOnce(Router, &Caches) -> Router,
    ) -> Self {
        let clock = Arc::new(ManualClock::default());
        let shared: Arc<ManualClock> = Arc::clone(&clock);
        let caches = Caches::builder().toml(toml).clock(shared).build().unwrap();
        let calls = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&calls);
        let counted = async move |request: Request<Body>| {
            counter.fetch_add(1, Ordering::SeqCst);
            view(&request)
        };
        let router = layers(Router::new().fallback(counted), &caches);
        Self {
            caches,
            clock,
            router,
            calls,
        }
    }

    pub(super) fn cache(&self) -> &Cache {
        &self.caches["default"]
    }

    pub(super) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    pub(super) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Moves the clock back.
    pub(super) fn go_back(&self, seconds: u64) {
        // the clock adds milliseconds and wraps around
        let milliseconds = 0_u64.wrapping_sub(seconds * 1000);
        self.clock.advance(Duration::from_millis(milliseconds));
    }

    pub(super) fn router(&self) -> Router {
        self.router.clone()
    }

    pub(super) fn ask(&self, request: http::request::Builder) -> Answer {
        pollster::block_on(ask(self.router(), request))
    }

    pub(super) fn get(&self, path: &str) -> Answer {
        self.ask(get(path))
    }
}

pub(super) fn get(path: &str) -> http::request::Builder {
    Request::get(path).header("host", "testserver")
}

pub(super) async fn ask(router: Router, request: http::request::Builder) -> Answer {
    let request = request.body(Body::empty()).unwrap();
    let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let body = String::from_utf8(body.to_vec()).unwrap();
    Answer { parts, body }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) parts: http::response::Parts,
    pub(super) body: String,
}

impl Answer {
    /// The value of a header; nothing if it is not there.
    pub(super) fn header(&self, name: &str) -> &str {
        golden::value(&self.parts.headers, name)
    }

    pub(super) fn is_hit(&self) -> bool {
        self.parts.headers.contains_key("age")
    }
}

/// Says what was asked for.
pub(super) fn echo(request: &Request<Body>) -> Response<Body> {
    Response::new(Body::from(request.uri().to_string()))
}

/// Says who asks, and that it depends on that.
pub(super) fn by_cookie(request: &Request<Body>) -> Response<Body> {
    let cookie = request.headers().get("cookie");
    let cookie = cookie.map_or("nobody", |cookie| cookie.to_str().unwrap());
    let answer = Response::builder().header("Vary", "Cookie");
    answer.body(Body::from(format!("hello {cookie}"))).unwrap()
}

pub(super) fn per_view(router: Router, caches: &Caches) -> Router {
    router.layer(CachePageLayer::with_caches(caches, 60))
}

pub(super) fn per_site(router: Router, caches: &Caches) -> Router {
    let order = ServiceBuilder::new()
        .layer(UpdateCacheLayer::with_caches(caches))
        .layer(FetchFromCacheLayer::new());
    router.layer(order)
}
