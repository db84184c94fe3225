//! Pages that are purged stay so.

use std::sync::{Arc, OnceLock};

use axum::{Router, body::Body};
use cachemere::{
    Caches, ErrorKind,
    http::{CachePageLayer, Language, Pages, UpdateCacheLayer},
};
use http::{Request, Response};
use tower::util::MapRequestLayer;

use super::site::{LOCMEM, Site, by_cookie, echo, get, per_site, per_view};

#[test]
fn a_url_is_purged_in_all_its_variants_and_languages_and_nothing_else_is() {
    let toml = format!("USE_I18N = true\n{LOCMEM}");
    let site = Site::new(&toml, by_cookie, |router, caches| {
        let speaks = MapRequestLayer::new(|mut request: Request<Body>| {
            if let Some(language) = request.headers().get("x-language") {
                let language = Language(language.to_str().unwrap().to_owned());
                request.extensions_mut().insert(language);
            }
            request
        });
        per_site(router, caches).layer(speaks)
    });
    let all = || {
        let ask = |path, cookie, language| {
            site.ask(
                get(path)
                    .header("cookie", cookie)
                    .header("x-language", language),
            )
        };
        [
            ("/a?x=1", "ada", "de"),
            ("/a?x=1", "ada", "en"),
            ("/a?x=1", "grace", "de"),
            ("/b", "ada", "de"),
        ]
        .map(|(path, cookie, language)| ask(path, cookie, language).is_hit())
    };
    assert_eq!([all(), all()], [[false; 4], [true; 4]]);
    let pages = UpdateCacheLayer::with_caches(&site.caches).pages();
    pages.purge_url("http://testserver/a?x=1").unwrap();
    assert_eq!([all(), all()], [[false, false, false, true], [true; 4]]);
    pollster::block_on(pages.apurge_url("http://testserver/b")).unwrap();
    assert_eq!(all(), [true, true, true, false]);
}

#[test]
fn a_route_is_purged_by_its_name_and_no_other_is() {
    let site = Site::new(LOCMEM, echo, |router, caches| {
        let named = |name| {
            CachePageLayer::with_caches(caches, 60)
                .key_prefix("site1")
                .route(name)
        };
        let nested = |layer| router.clone().layer(layer);
        Router::new()
            .nest_service("/articles", nested(named("articles").key_prefix("a")))
            .nest_service("/users", nested(named("users")))
    });
    let all = || ["/articles/1", "/articles/2", "/users/3"].map(|path| site.get(path).is_hit());
    assert_eq!([all(), all()], [[false; 3], [true; 3]]);
    let pages = Pages::new(site.cache());
    pages
        .clone()
        .key_prefix("a")
        .purge_route("articles")
        .unwrap();
    assert_eq!([all(), all()], [[false, false, true], [true; 3]]);
    pollster::block_on(pages.key_prefix("site1").apurge_route("users")).unwrap();
    assert_eq!(all(), [true, true, false]);
}

#[test]
fn only_an_absolute_url_can_be_purged() {
    let caches = Caches::from_toml(LOCMEM).unwrap();
    let pages = CachePageLayer::with_caches(&caches, 60).pages();
    for url in ["/a", "example.com/a", "not a url", ""] {
        let error = pages.purge_url(url).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidKey, "{url}");
    }
}

#[test]
fn what_was_computed_while_its_url_was_purged_is_not_served() {
    for is_known in [false, true] {
        let pages = Arc::new(OnceLock::<Pages>::new());
        let purge = Arc::clone(&pages);
        let view = move |request: &Request<Body>| {
            if request.headers().contains_key("x-purge") {
                purge
                    .get()
                    .unwrap()
                    .purge_url("http://testserver/")
                    .unwrap();
            }
            Response::builder()
                .header("Vary", "X-Purge")
                .body(Body::from("old"))
                .unwrap()
        };
        let site = Site::new(LOCMEM, view, per_view);
        pages
            .set(CachePageLayer::with_caches(&site.caches, 60).pages())
            .unwrap();
        if is_known {
            site.get("/");
        }
        let ask = || site.ask(get("/").header("x-purge", "1")).is_hit();
        assert!(!ask() && !ask(), "{is_known}");
    }
}

#[test]
fn a_generation_that_was_purged_and_lost_does_not_come_back_with_what_was_computed_meanwhile() {
    let caches = Arc::new(OnceLock::<Caches>::new());
    let purged = Arc::clone(&caches);
    let view = move |request: &Request<Body>| {
        if request.headers().contains_key("x-purge") {
            let cache = &purged.get().unwrap()["default"];
            let pages = Pages::new(cache);
            pages.purge_url("http://testserver/").unwrap();
            cache.clear().unwrap(); // as a store does that is full
        }
        by_cookie(request)
    };
    let site = Site::new(LOCMEM, view, per_view);
    caches.set(site.caches.clone()).unwrap();
    site.get("/");
    let purging = get("/").header("cookie", "ada").header("x-purge", "1");
    assert!(!site.ask(purging).is_hit());
    assert!(!site.ask(get("/").header("cookie", "ada")).is_hit());
}
