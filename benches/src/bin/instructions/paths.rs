//! Paths that stay in this process, each called over and over.

use std::{
    convert::Infallible,
    hint::black_box,
    iter,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker},
};

use axum::body::{Body, Bytes};
use cachemere::{Cache, Caches, DEFAULT_TIMEOUT, Raw, http::CachePageLayer};
use cachemere_benches::workload::{BYTES, User, decode, encode};
use http::{Request, Response};
use tower::{Layer, Service, service_fn};

/// What is done with a path: it is called over and over.
pub(crate) type Measure<'a> = &'a mut dyn FnMut(&mut dyn FnMut());

/// The paths by their names.
pub(crate) const PATHS: &[(&str, fn(Measure<'_>))] = &[
    ("caches[…]", index),
    ("make_key", make_key),
    ("locmem get, raw bytes", get_raw),
    ("locmem set, raw bytes", set_raw),
    ("locmem get, typed", get_typed),
    ("locmem set, typed", set_typed),
    ("locmem get, missing", get_missing),
    ("locmem get_or_set, found", get_or_set),
    ("locmem incr", incr),
    ("locmem get_many(100), raw bytes", get_many),
    ("decode", decoding),
    ("page of 2 KiB, found", page),
    ("page of 2 KiB, the service alone", plain),
];

fn caches() -> Caches {
    let caches = Caches::from_toml("[CACHES.default]\nBACKEND = 'locmem'\nKEY_PREFIX = 'site'\n");
    caches.expect("the file is right")
}

const KEY: &str = "user:1234";

fn index(measure: Measure<'_>) {
    let caches = caches();
    measure(&mut || {
        black_box(&caches[black_box("default")]);
    });
}

fn make_key(measure: Measure<'_>) {
    with(
        |_| (),
        measure,
        |cache| drop(black_box(cache.make_key(KEY))),
    );
}

fn get_raw(measure: Measure<'_>) {
    let fill = |cache: &Cache| {
        cache
            .set(KEY, &Raw(Bytes::copy_from_slice(&BYTES)), None)
            .expect("it works")
    };
    with(fill, measure, |cache| {
        drop(black_box(cache.get::<Raw>(KEY)))
    });
}

fn set_raw(measure: Measure<'_>) {
    let value = Raw(Bytes::copy_from_slice(&BYTES));
    with(
        |_| (),
        measure,
        |cache| cache.set(KEY, &value, DEFAULT_TIMEOUT).expect("it works"),
    );
}

fn get_typed(measure: Measure<'_>) {
    let fill = |cache: &Cache| cache.set(KEY, &User::new(1234), None).expect("it works");
    with(fill, measure, |cache| {
        drop(black_box(cache.get::<User>(KEY)))
    });
}

fn set_typed(measure: Measure<'_>) {
    let user = User::new(1234);
    with(
        |_| (),
        measure,
        |cache| cache.set(KEY, &user, DEFAULT_TIMEOUT).expect("it works"),
    );
}

fn get_missing(measure: Measure<'_>) {
    with(
        |_| (),
        measure,
        |cache| drop(black_box(cache.get::<User>(KEY))),
    );
}

fn get_or_set(measure: Measure<'_>) {
    let fill = |cache: &Cache| cache.set(KEY, &User::new(1234), None).expect("it works");
    with(fill, measure, |cache| {
        drop(black_box(cache.get_or_set(
            KEY,
            || User::new(1),
            DEFAULT_TIMEOUT,
        )));
    });
}

fn incr(measure: Measure<'_>) {
    let fill = |cache: &Cache| cache.set(KEY, &0, None).expect("it works");
    with(fill, measure, |cache| drop(black_box(cache.incr(KEY, 1))));
}

fn get_many(measure: Measure<'_>) {
    let keys: Vec<_> = (0..100).map(|number| format!("user:{number}")).collect();
    let fill = |cache: &Cache| {
        let entries = keys.iter().zip(iter::repeat(Raw::from_static(&BYTES)));
        cache.set_many(entries, None).expect("it works");
    };
    with(fill, measure, |cache| {
        drop(black_box(cache.get_many::<Raw, _>(&keys)))
    });
}

fn decoding(measure: Measure<'_>) {
    let bytes = encode(&User::new(1234));
    measure(&mut || drop(black_box(decode(&bytes))));
}

/// Calls `operation` on a cache that was filled.
fn with(fill: impl Fn(&Cache), measure: Measure<'_>, operation: impl Fn(&Cache)) {
    let caches = caches();
    fill(&caches["default"]);
    measure(&mut || operation(&caches["default"]));
}

fn page(measure: Measure<'_>) {
    let (layer, computed) = (
        CachePageLayer::with_caches(&caches(), 600),
        Arc::new(AtomicU64::new(0)),
    );
    let count = Arc::clone(&computed);
    let once = service_fn(move |request| {
        count.fetch_add(1, Ordering::Relaxed);
        answer(request)
    });
    serve(measure, layer.layer(once));
    let computed = computed.load(Ordering::Relaxed);
    assert_eq!(computed, 1, "the others come from the cache");
}

fn plain(measure: Measure<'_>) {
    serve(measure, service_fn(answer));
}

async fn answer(_: Request<Body>) -> Result<Response<Body>, Infallible> {
    let body = Body::from(Bytes::from_static(&[b'x'; 2 << 10]));
    Ok(Response::new(body))
}

fn serve<B>(
    measure: Measure<'_>,
    mut service: impl Service<Request<Body>, Response = Response<B>, Error = Infallible>,
) where
    B: http_body::Body,
{
    let mut context = Context::from_waker(Waker::noop());
    measure(&mut || {
        let request = Request::builder()
            .uri("/page")
            .header("host", "example.com");
        let request = request.body(Body::empty()).expect("it is right");
        assert!(service.poll_ready(&mut context).is_ready());
        let mut answer = pin!(service.call(request));
        let Poll::Ready(Ok(answer)) = answer.as_mut().poll(&mut context) else {
            panic!("nothing waits")
        };
        let mut body = pin!(answer.into_body());
        while let Poll::Ready(Some(frame)) = body.as_mut().poll_frame(&mut context) {
            black_box(frame.is_ok());
        }
    });
}
