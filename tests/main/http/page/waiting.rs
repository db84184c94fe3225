//! One request computes a page while the others wait for it.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    middleware::{Next, from_fn},
};
use bytes::Bytes;
use cachemere::{
    Caches,
    http::{CachePageLayer, FetchFromCacheLayer, UpdateCacheLayer},
};
use http::{Request, Response};
use tokio::{sync::Semaphore, task::JoinHandle};
use tower::{ServiceBuilder, ServiceExt};

use super::site::{Answer, ask, get};

const LOCMEM: &str = "[CACHES.default]\nBACKEND = 'locmem'\nOPTIONS.GET_OR_SET_WAIT = '30s'\n";

/// A site whose view waits until it is let go, and counts who is in it.
#[derive(Clone)]
struct Gate {
    router: Router,
    entered: Arc<AtomicUsize>,
    open: Arc<Semaphore>,
}

impl Gate {
    fn new(
        toml: &str,
        view: impl Fn(&Request<Body>) -> Response<Body> + Clone + Send + Sync + 'static,
    ) -> Self {
        let caches = Caches::from_toml(toml).unwrap();
        Self::under(view, |router| {
            router.layer(CachePageLayer::with_caches(&caches, 60))
        })
    }

    fn under(
        view: impl Fn(&Request<Body>) -> Response<Body> + Clone + Send + Sync + 'static,
        layers: impl FnOnce(Router) -> Router,
    ) -> Self {
        let (entered, open) = (Arc::new(AtomicUsize::new(0)), Arc::new(Semaphore::new(0)));
        let gate = (Arc::clone(&entered), Arc::clone(&open));
        let view = async move |request: Request<Body>| {
            gate.0.fetch_add(1, Ordering::SeqCst);
            gate.1.acquire().await.unwrap().forget();
            view(&request)
        };
        let router = layers(Router::new().fallback(view));
        Self {
            router,
            entered,
            open,
        }
    }

    fn ask(&self, request: http::request::Builder) -> JoinHandle<Answer> {
        tokio::spawn(ask(self.router.clone(), request))
    }

    fn entered(&self) -> usize {
        self.entered.load(Ordering::SeqCst)
    }

    /// Waits until so many are in the view.
    async fn until(&self, entered: usize) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.entered() < entered {
            assert!(
                Instant::now() < deadline,
                "{} are in the view",
                self.entered()
            );
            tokio::task::yield_now().await;
        }
    }

    fn let_go(&self, calls: usize) {
        self.open.add_permits(calls);
    }
}

/// Lets every task that can go on do so.
async fn settle() {
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
}

fn page(_: &Request<Body>) -> Response<Body> {
    Response::new(Body::from("page"))
}

async fn all(tasks: Vec<JoinHandle<Answer>>) -> Vec<Answer> {
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

#[tokio::test]
async fn fifty_requests_for_a_page_call_the_view_once() {
    let caches = Caches::from_toml(LOCMEM).unwrap();
    let per_site = ServiceBuilder::new()
        .layer(UpdateCacheLayer::with_caches(&caches))
        .layer(FetchFromCacheLayer::new());
    for gate in [
        Gate::new(LOCMEM, page),
        Gate::under(page, |router| router.layer(per_site)),
    ] {
        let tasks = (0..50).map(|_| gate.ask(get("/"))).collect();
        gate.until(1).await;
        settle().await;
        gate.let_go(1);
        let answers = all(tasks).await;
        assert!(answers.iter().all(|answer| answer.body == "page"));
        assert_eq!(answers.iter().filter(|answer| answer.is_hit()).count(), 49);
        assert_eq!(gate.entered(), 1);
    }
}

#[tokio::test]
async fn other_urls_are_not_waited_for() {
    let gate = Gate::new(LOCMEM, page);
    let tasks = (0..5).map(|n| gate.ask(get(&format!("/{n}")))).collect();
    gate.until(5).await;
    gate.let_go(5);
    all(tasks).await;
}

#[tokio::test]
async fn who_waited_for_another_variant_gets_its_own() {
    let view = |request: &Request<Body>| {
        let cookie = request.headers()["cookie"].to_str().unwrap().to_owned();
        Response::builder()
            .header("Vary", "Cookie")
            .body(Body::from(cookie))
            .unwrap()
    };
    let gate = Gate::new(LOCMEM, view);
    let users: Vec<_> = (0..12).map(|n| format!("user={}", n % 4)).collect();
    let tasks = users
        .iter()
        .map(|user| gate.ask(get("/").header("cookie", user)))
        .collect();
    gate.until(1).await;
    settle().await;
    gate.let_go(1);
    // it is known now that they differ: the other three are computed at the same time
    gate.until(4).await;
    settle().await;
    gate.let_go(3);
    let answers = all(tasks).await;
    assert!(answers.iter().map(|answer| &answer.body).eq(&users));
    assert_eq!(gate.entered(), 4);
}

#[tokio::test]
async fn an_answer_that_may_not_be_stored_lets_all_go_at_once_and_is_not_waited_for_again() {
    let view = |_: &Request<Body>| {
        Response::builder()
            .header("Cache-Control", "private")
            .body(Body::from("mine"))
            .unwrap()
    };
    let gate = Gate::new(LOCMEM, view);
    let tasks = (0..10).map(|_| gate.ask(get("/"))).collect();
    gate.until(1).await;
    settle().await;
    assert_eq!(gate.entered(), 1);
    gate.let_go(1);
    gate.until(10).await;
    gate.let_go(9);
    all(tasks).await;
    let tasks = (0..5).map(|_| gate.ask(get("/"))).collect();
    gate.until(15).await;
    gate.let_go(5);
    all(tasks).await;
}

#[tokio::test]
async fn a_request_that_is_dropped_lets_the_next_one_compute() {
    let gate = Gate::new(LOCMEM, page);
    let leader = gate.ask(get("/"));
    gate.until(1).await;
    let tasks: Vec<_> = (0..5).map(|_| gate.ask(get("/"))).collect();
    settle().await;
    leader.abort();
    gate.until(2).await;
    settle().await;
    assert_eq!(gate.entered(), 2);
    gate.let_go(1);
    assert!(all(tasks).await.iter().all(|answer| answer.body == "page"));
}

#[tokio::test]
async fn a_view_that_panics_lets_the_next_one_compute() {
    let calls = Arc::new(AtomicUsize::new(0));
    let view = move |_: &Request<Body>| {
        assert_ne!(
            calls.fetch_add(1, Ordering::SeqCst),
            0,
            "the first call fails"
        );
        Response::new(Body::from("page"))
    };
    let gate = Gate::new(LOCMEM, view);
    let leader = gate.ask(get("/"));
    gate.until(1).await;
    let tasks: Vec<_> = (0..5).map(|_| gate.ask(get("/"))).collect();
    settle().await;
    gate.let_go(2);
    assert!(leader.await.unwrap_err().is_panic());
    assert!(all(tasks).await.iter().all(|answer| answer.body == "page"));
    assert_eq!(gate.entered(), 2);
}

#[tokio::test]
async fn a_body_that_fails_lets_the_next_one_compute() {
    let calls = Arc::new(AtomicUsize::new(0));
    let view = move |_: &Request<Body>| match calls.fetch_add(1, Ordering::SeqCst) {
        0 => Response::new(Body::new(Broken)),
        _ => Response::new(Body::from("page")),
    };
    let gate = Gate::new(LOCMEM, view);
    let leader = tokio::spawn(
        gate.router
            .clone()
            .oneshot(get("/").body(Body::empty()).unwrap()),
    );
    gate.until(1).await;
    let tasks: Vec<_> = (0..5).map(|_| gate.ask(get("/"))).collect();
    settle().await;
    gate.let_go(1);
    let answer = leader.await.unwrap().unwrap();
    settle().await;
    assert_eq!(gate.entered(), 1);
    assert!(
        http_body_util::BodyExt::collect(answer.into_body())
            .await
            .is_err()
    );
    gate.until(2).await;
    gate.let_go(1);
    assert!(all(tasks).await.iter().all(|answer| answer.body == "page"));
    assert_eq!(gate.entered(), 2);
}

struct Broken;

impl http_body::Body for Broken {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
        std::task::Poll::Ready(Some(Err(std::io::Error::other("cut"))))
    }
}

#[tokio::test]
async fn who_has_waited_long_enough_computes_alone() {
    let toml = "[CACHES.default]\nBACKEND = 'locmem'\nOPTIONS.GET_OR_SET_WAIT = '50ms'\n";
    let gate = Gate::new(toml, page);
    let leader = gate.ask(get("/"));
    gate.until(1).await;
    let second = gate.ask(get("/"));
    gate.until(2).await;
    gate.let_go(2);
    assert!(!leader.await.unwrap().is_hit() && !second.await.unwrap().is_hit());
}

#[tokio::test]
async fn a_page_layer_within_another_does_not_wait_for_its_own_request() {
    let caches = Caches::from_toml(LOCMEM).unwrap();
    let gate = Gate::under(page, |router| {
        let inner = router.layer(CachePageLayer::with_caches(&caches, 60));
        let inner = inner.layer(CachePageLayer::with_caches(&caches, 60));
        inner
            .layer(FetchFromCacheLayer::new())
            .layer(UpdateCacheLayer::with_caches(&caches))
    });
    gate.let_go(1);
    let started = Instant::now();
    assert!(!gate.ask(get("/")).await.unwrap().is_hit());
    assert!(started.elapsed() < Duration::from_secs(10));
    assert!(gate.ask(get("/")).await.unwrap().is_hit());
}

#[tokio::test]
async fn a_layer_that_keeps_the_request_and_never_answers_keeps_nobody_waiting() {
    let caches = Caches::from_toml(LOCMEM).unwrap();
    let kept = Arc::new(Mutex::new(Vec::new()));
    let keeper = Arc::clone(&kept);
    let hangs = from_fn(move |request: Request<Body>, next: Next| {
        let mut kept = keeper.lock().unwrap();
        kept.push(request.extensions().clone());
        let is_first = kept.len() == 1;
        async move {
            let answer = next.run(request).await;
            if is_first {
                std::future::pending::<()>().await;
            }
            answer
        }
    });
    let gate = Gate::under(page, |router| {
        let inner = router.layer(FetchFromCacheLayer::new()).layer(hangs);
        inner.layer(UpdateCacheLayer::with_caches(&caches))
    });
    gate.let_go(2);
    let leader = gate.ask(get("/"));
    gate.until(1).await;
    let second = gate.ask(get("/"));
    settle().await;
    assert_eq!(gate.entered(), 1);
    leader.abort();
    assert_eq!(second.await.unwrap().body, "page");
    assert_eq!(kept.lock().unwrap().len(), 2);
}

#[test]
fn a_service_that_fails_lets_the_next_one_compute() {
    let caches = Caches::from_toml(LOCMEM).unwrap();
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let failing = tower::service_fn(move |_: Request<Body>| {
        let call = counter.fetch_add(1, Ordering::SeqCst);
        async move {
            match call {
                0 => Err("down"),
                _ => Ok(Response::new(Body::from("page"))),
            }
        }
    });
    let service = ServiceBuilder::new()
        .layer(CachePageLayer::with_caches(&caches, 60))
        .service(failing);
    let ask = || {
        pollster::block_on(
            service
                .clone()
                .oneshot(get("/").body(Body::empty()).unwrap()),
        )
    };
    assert_eq!(ask().unwrap_err(), "down");
    let started = Instant::now();
    assert!(ask().is_ok());
    assert!(started.elapsed() < Duration::from_secs(10));
}
