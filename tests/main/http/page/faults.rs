//! A store that fails never fails a page; layers in the wrong order are said once.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{Router, body::Body, middleware, response::IntoResponse};
use cachemere::{
    Caches, ErrorKind,
    backends::{LocMem, locmem},
    base::{Backend, Context, Error, Key, Open, Result, Settings, Ttl, Value, Wrap},
    http::{CachePageLayer, FetchFromCacheLayer, UpdateCacheLayer},
};
use http::Request;

use super::site::{LOCMEM, ask, get};
use crate::keys::warnings;

/// A store that fails while it is told to, in one of its verbs or in all.
#[derive(Debug)]
struct Shaky(LocMem);

static FAILING: AtomicUsize = AtomicUsize::new(0);
const READS: usize = 1;
const WRITES: usize = 2;

impl Shaky {
    fn fails(verb: usize) -> Result<()> {
        match FAILING.load(Ordering::SeqCst) & verb {
            0 => Ok(()),
            _ => Err(Error::new(
                ErrorKind::Unavailable,
                "connection refused (127.0.0.1:1)",
            )),
        }
    }
}

impl Wrap for Shaky {
    type Inner = LocMem;

    fn inner(&self) -> &LocMem {
        &self.0
    }

    fn get(&self, key: &Key) -> Result<Option<Value>> {
        Self::fails(READS)?;
        self.0.get(key)
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Value>>> {
        Self::fails(READS)?;
        self.0.get_many(keys)
    }

    fn set(&self, key: &Key, value: Value, ttl: Ttl) -> Result<()> {
        Self::fails(WRITES)?;
        self.0.set(key, value, ttl)
    }

    fn add(&self, key: &Key, value: Value, ttl: Ttl) -> Result<bool> {
        Self::fails(WRITES)?;
        self.0.add(key, value, ttl)
    }
}

impl Open for Shaky {
    const NAMES: &'static [&'static str] = &["tests.Shaky"];
    type Options = locmem::Options;

    fn open(settings: &Settings, options: locmem::Options, context: &Context) -> Result<Self> {
        LocMem::open(settings, options, context).map(Self)
    }
}

#[test]
fn a_store_that_fails_is_a_miss_logged_and_counted_whatever_on_error_says() {
    for on_error in ["raise", "miss"] {
        let toml =
            format!("[CACHES.default]\nBACKEND = 'tests.Shaky'\nOPTIONS.ON_ERROR = '{on_error}'");
        let caches = Caches::builder()
            .toml(&toml)
            .backend::<Shaky>()
            .build()
            .unwrap();
        let router = Router::new()
            .fallback(async || "page")
            .layer(CachePageLayer::with_caches(&caches, 60));
        let get = || pollster::block_on(ask(router.clone(), get("/")));
        for failing in [READS, WRITES, READS | WRITES] {
            caches["default"].clear().unwrap();
            FAILING.store(failing, Ordering::SeqCst);
            let faults = caches["default"].counters().faults();
            for _ in 0..2 {
                let answer = get();
                assert_eq!((answer.body.as_str(), answer.is_hit()), ("page", false));
                assert_eq!(answer.header("cache-control"), "max-age=60");
            }
            assert!(
                caches["default"].counters().faults() >= faults + 2,
                "{on_error} {failing}"
            );
        }
        FAILING.store(0, Ordering::SeqCst);
        caches["default"].clear().unwrap();
        get();
        assert!(get().is_hit());
        FAILING.store(WRITES, Ordering::SeqCst);
        let pages = CachePageLayer::with_caches(&caches, 60).pages();
        let error = pages.purge_url("http://testserver/").unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::Unavailable,
            "a purge that failed is said"
        );
        FAILING.store(0, Ordering::SeqCst);
    }
}

/// What is said of a site of these layers while it is asked a few times.
fn said(layers: impl FnOnce(Router, &Caches) -> Router) -> Vec<String> {
    let caches = Caches::from_toml(LOCMEM).unwrap();
    let router = layers(Router::new().fallback(async || "page"), &caches);
    warnings(|| {
        for path in ["/a", "/b", "/a", "/b"] {
            let answer = pollster::block_on(ask(router.clone(), get(path)));
            assert_eq!(answer.body, "page");
        }
    })
}

fn update(caches: &Caches) -> UpdateCacheLayer {
    UpdateCacheLayer::with_caches(caches)
}

#[test]
fn two_layers_in_the_right_order_have_nothing_to_say() {
    let right = said(|router, caches| {
        router
            .layer(FetchFromCacheLayer::new())
            .layer(update(caches))
    });
    assert_eq!(right, [] as [&str; 0]);
}

#[test]
fn two_layers_in_the_wrong_order_and_one_without_the_other_say_so_once() {
    let fetch_alone = said(|router, _| router.layer(FetchFromCacheLayer::new()));
    let update_alone = said(|router, caches| router.layer(update(caches)));
    let wrong = said(|router, caches| {
        router
            .layer(update(caches))
            .layer(FetchFromCacheLayer::new())
    });
    for (lines, of_fetch, of_update) in [(fetch_alone, 1, 0), (update_alone, 0, 1), (wrong, 1, 1)] {
        let count = |text| lines.iter().filter(|line| line.contains(text)).count();
        assert_eq!(
            count("not inside of an `UpdateCacheLayer`"),
            of_fetch,
            "{lines:?}"
        );
        assert_eq!(
            count("no `FetchFromCacheLayer` inside of"),
            of_update,
            "{lines:?}"
        );
        assert_eq!(lines.len(), of_fetch + of_update);
    }
}

#[test]
fn a_layer_that_answers_for_itself_is_no_wrong_order() {
    let lines = said(|router, caches| {
        let guard =
            middleware::from_fn(
                async |request: Request<Body>, next: middleware::Next| match request.uri().path() {
                    "/b" => (http::StatusCode::FORBIDDEN, "page").into_response(),
                    _ => next.run(request).await,
                },
            );
        router
            .layer(FetchFromCacheLayer::new())
            .layer(guard)
            .layer(update(caches))
    });
    assert_eq!(lines, [] as [&str; 0]);
}

#[cfg(feature = "django")]
#[test]
fn a_store_that_a_django_site_reads_gets_no_pages_and_it_is_said_once() {
    let folder = tempfile::tempdir().unwrap();
    let toml = format!(
        "[CACHES.default]\nBACKEND = 'file'\nLOCATION = '{}'\nOPTIONS.FORMAT = 'django'",
        folder.path().display()
    );
    let caches = Caches::from_toml(&toml).unwrap();
    let layer = CachePageLayer::with_caches(&caches, 60);
    let router = Router::new().fallback(async || "page").layer(layer);
    let lines = warnings(|| {
        for _ in 0..3 {
            let answer = pollster::block_on(ask(router.clone(), get("/")));
            assert_eq!((answer.body.as_str(), answer.is_hit()), ("page", false));
        }
    });
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("FORMAT"), "{lines:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
