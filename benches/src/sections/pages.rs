//! A cached page, over HTTP and in process.

mod client;

use std::{
    convert::Infallible,
    future::{self, poll_fn},
    hint::black_box,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, Bytes},
    response::Response,
    routing::get,
};
use axum_response_cache::CacheLayer;
use cachemere::{Caches, http::CachePageLayer};
use cachemere_benches::{
    bench::Bench,
    contender::Contender,
    contest::Contest,
    result::{Aim, Row},
};
use http::{Request, header::CONTENT_TYPE};
use tokio::{
    net::TcpListener,
    runtime::{Builder, Runtime},
};
use tower::{Layer, Service, ServiceExt, service_fn};

use self::client::Client;

use super::Section;

const NOTE: &str = "\
Pages that are in the cache, on locmem. Over HTTP/1.1 on loopback, 16 connections that stay open, the server in one thread and \
the clients in another: the plain one is an axum handler that has the bytes at hand. In process, the services are called without \
HTTP, and the bodies read. axum-response-cache is given the cache of its example, and has no `Vary`, no validity but its own and no \
other store.";

const LIFETIME: Duration = Duration::from_secs(600);

const SIZES: [(usize, &str); 2] = [(2 << 10, "2 KiB"), (100 << 10, "100 KiB")];

pub(super) const SECTION: Section = Section {
    name: "pages",
    title: "Pages",
    note: NOTE,
    rows,
};

fn rows(bench: &Bench) -> Vec<Row> {
    let caches =
        Caches::from_toml("[CACHES.default]\nBACKEND = 'locmem'\n").expect("the file is right");
    let mut rows = Vec::new();
    for (size, name) in SIZES {
        rows.push(over_http(bench, &caches, size, name));
    }
    for (size, name) in SIZES {
        rows.push(in_process(bench, &caches, size, name));
    }
    rows
}

/// What computes a page, and how often it did.
#[derive(Clone)]
struct Computer {
    bytes: Bytes,
    computed: Arc<AtomicU64>,
}

impl Computer {
    fn new(size: usize) -> Self {
        Self {
            bytes: vec![b'x'; size].into(),
            computed: Arc::default(),
        }
    }

    fn answer(&self) -> Response {
        self.computed.fetch_add(1, Ordering::Relaxed);
        let answer = Response::builder().header(CONTENT_TYPE, "text/html; charset=utf-8");
        let body = Body::from(self.bytes.clone());
        answer.body(body).expect("it is right")
    }

    fn service(
        &self,
    ) -> impl Service<Request<Body>, Response = Response, Error = Infallible, Future: Send>
    + Clone
    + Send
    + use<> {
        let computer = self.clone();
        service_fn(move |_: Request<Body>| future::ready(Ok(computer.answer())))
    }

    /// # Panics
    /// If pages came from anywhere but the cache.
    fn check(&self) {
        assert_eq!(
            self.computed.load(Ordering::Relaxed),
            1,
            "a page is computed once"
        );
    }
}

fn layer(caches: &Caches, name: &str) -> CachePageLayer {
    CachePageLayer::with_caches(caches, LIFETIME).key_prefix(name)
}

fn over_http(bench: &Bench, caches: &Caches, size: usize, name: &str) -> Row {
    let computer = Computer::new(size);
    let routes = |computer: Computer| get(async move || computer.answer());
    let app: Router = Router::new()
        .route("/plain", routes(Computer::new(size)))
        .route("/ours", routes(computer.clone()).layer(layer(caches, name)))
        .route(
            "/theirs",
            routes(Computer::new(size)).layer(CacheLayer::with_lifespan(LIFETIME)),
        );
    let server = serve(app);
    let runtime = runtime();
    let client = |name: &str, path: &str| {
        let mut client = runtime.block_on(Client::connect(server, path));
        let runtime = &runtime;
        Contender::new(name, move |times| runtime.block_on(client.requests(times)))
    };
    let contest = Contest::new(
        format!("{name} over HTTP"),
        client("`CachePageLayer`", "/ours"),
    );
    let row = bench.run(
        contest
            .with(
                client("plain axum", "/plain"),
                Some(Aim::AtLeast(0.9)),
                true,
            )
            .against(client("axum-response-cache", "/theirs"), Aim::AtLeast(1.0)),
    );
    computer.check();
    row
}

/// Serves in a thread of its own, as long as the process lives.
fn serve(app: Router) -> SocketAddr {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    listener.set_nonblocking(true).expect("it can be awaited");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        runtime().block_on(async {
            let listener = TcpListener::from_std(listener).expect("it can be awaited");
            axum::serve(listener, app).await
        })
    });
    address
}

fn in_process(bench: &Bench, caches: &Caches, size: usize, name: &str) -> Row {
    let (computer, other) = (Computer::new(size), Computer::new(size));
    let runtime = runtime();
    let ours = layer(caches, &format!("{name} in process")).layer(computer.service());
    let theirs = CacheLayer::with_lifespan(LIFETIME).layer(other.service());
    let contest = Contest::new(
        format!("{name} in process"),
        calls("`CachePageLayer`", &runtime, ours),
    )
    .added();
    let row = bench.run(
        contest
            .against(
                calls("the service alone", &runtime, other.service()),
                Aim::AtMost(1_000.0),
            )
            .beside(calls("axum-response-cache", &runtime, theirs)),
    );
    computer.check();
    row
}

fn calls<'a, S, B>(name: &str, runtime: &'a Runtime, mut service: S) -> Contender<'a>
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible> + 'a,
    B: http_body::Body,
{
    Contender::new(name, move |times| {
        runtime.block_on(async {
            let start = Instant::now();
            for _ in 0..times {
                let request = Request::builder()
                    .uri("/page?number=1")
                    .header("host", "example.com")
                    .header("accept", "text/html");
                let request = request.body(Body::empty()).expect("it is right");
                let service = service.ready().await.expect("it cannot fail");
                let answer = service.call(request).await.expect("it cannot fail");
                let mut body = pin!(answer.into_body());
                while let Some(frame) = poll_fn(|context| body.as_mut().poll_frame(context)).await {
                    black_box(frame.is_ok());
                }
            }
            start.elapsed()
        })
    })
}

fn runtime() -> Runtime {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime starts")
}
