//! Routers that cut prefixes off, layers that rewrite URIs: no page is served where another one was asked for.

use std::convert::Infallible;

use axum::{Router, body::Body, response::Html, routing};
use cachemere::{
    Caches,
    http::{CachePageLayer, FetchFromCacheLayer, Pages, RequestUriLayer, UpdateCacheLayer},
};
use http::{Request, Response, Uri};
use http_body_util::BodyExt;
use tower::{Layer, ServiceBuilder, ServiceExt, service_fn, util::MapRequestLayer};

use super::site::{Answer, LOCMEM, Site, ask, get, per_site, per_view};
use crate::keys::warnings;

/// What layers do to a router.
type Layers = fn(Router, &Caches) -> Router;

fn none(router: Router, _: &Caches) -> Router {
    router
}

fn fetch(router: Router, _: &Caches) -> Router {
    router.layer(FetchFromCacheLayer::new())
}

fn update(router: Router, caches: &Caches) -> Router {
    router.layer(UpdateCacheLayer::with_caches(caches))
}

/// `/shop/…` and `/blog/…`, nested twice, with these layers on the innermost, the middle and the outermost router.
fn nested([inner, middle, outer]: [Layers; 3]) -> Site {
    let view = |_: &Request<Body>| Response::new(Body::empty());
    Site::new(LOCMEM, view, |_, caches| {
        let page = |name: &'static str| {
            let pages = Router::new().route("/1", routing::get(async move || name));
            let pages = inner(pages, caches);
            middle(Router::new().nest("/eu", pages), caches)
        };
        let site = Router::new()
            .nest("/shop", page("shop"))
            .nest_service("/blog", page("blog"));
        outer(site, caches)
    })
}

#[test]
fn pages_of_nested_routers_are_kept_apart_wherever_the_layers_are() {
    let places: [[Layers; 3]; 8] = [
        [per_view, none, none],
        [none, per_view, none],
        [none, none, per_view],
        [per_site, none, none],
        [none, per_site, none],
        [none, none, per_site],
        [fetch, none, update],
        [fetch, update, none],
    ];
    for (place, layers) in places.into_iter().enumerate() {
        let site = nested(layers);
        for is_hit in [false, true, true] {
            for name in ["shop", "blog"] {
                let answer = site.get(&format!("/{name}/eu/1"));
                assert_eq!(
                    (answer.body.as_str(), answer.is_hit()),
                    (name, is_hit),
                    "{place}"
                );
            }
        }
    }
}

#[test]
fn a_page_of_a_nested_router_is_purged_by_the_url_that_the_client_knows() {
    let site = nested([per_view, none, none]);
    let hits = || ["/shop/eu/1", "/blog/eu/1"].map(|path| site.get(path).is_hit());
    assert_eq!([hits(), hits()], [[false; 2], [true; 2]]);
    let pages = Pages::new(site.cache());
    pages.purge_url("http://testserver/shop/eu/1").unwrap();
    assert_eq!(hits(), [false, true]);
}

/// Cuts a prefix off and puts it into the body, as routers do that are not axum's.
fn cut(mut request: Request<String>) -> Request<String> {
    let path = request.uri().path().to_owned();
    let (name, rest) = path[1..].split_once('/').unwrap();
    *request.body_mut() = name.to_owned();
    *request.uri_mut() = format!("/{rest}").parse().unwrap();
    request
}

#[test]
fn a_layer_around_another_router_tells_what_was_asked_for() {
    let caches = Caches::from_toml(LOCMEM).unwrap();
    let view = |request: Request<String>| async move {
        Ok::<_, Infallible>(Response::new(request.into_body()))
    };
    let site = ServiceBuilder::new()
        .layer(RequestUriLayer::new())
        .map_request(cut)
        .layer(CachePageLayer::with_caches(&caches, 60))
        .service_fn(view);
    let ask = |path| {
        let request = get(path).body(String::new()).unwrap();
        let answer = pollster::block_on(site.clone().oneshot(request)).unwrap();
        let is_hit = answer.headers().contains_key("age");
        let body = pollster::block_on(answer.collect()).unwrap().to_bytes();
        (String::from_utf8(body.to_vec()).unwrap(), is_hit)
    };
    for is_hit in [false, true] {
        assert_eq!(ask("/shop/1"), ("shop".to_owned(), is_hit));
        assert_eq!(ask("/blog/1"), ("blog".to_owned(), is_hit));
    }
}

mod axum_core {
    /// The body of an axum that does not tell what was asked for.
    pub(super) struct Body;
}

#[test]
fn where_a_router_of_axum_may_have_cut_a_prefix_off_unseen_no_page_is_cached_and_it_is_said_once() {
    let caches = Caches::from_toml(LOCMEM).unwrap();
    let view = || service_fn(async |_| Ok::<_, Infallible>(Response::new(Body::empty())));
    let per_view = CachePageLayer::with_caches(&caches, 60).layer(view());
    let per_site = ServiceBuilder::new()
        .layer(UpdateCacheLayer::with_caches(&caches))
        .layer(FetchFromCacheLayer::new())
        .service(view());
    let ask = || get("/1").body(axum_core::Body).unwrap();
    let lines = warnings(|| {
        for _ in 0..3 {
            let answer = pollster::block_on(per_view.clone().oneshot(ask())).unwrap();
            assert!(answer.headers().is_empty());
            let answer = pollster::block_on(per_site.clone().oneshot(ask())).unwrap();
            assert!(answer.headers().is_empty());
        }
    });
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(
        lines.iter().all(|line| line.contains("RequestUriLayer")),
        "{lines:?}"
    );
}

/// Says which URI was left for the application.
fn left(request: &Request<Body>) -> Response<Body> {
    Response::new(Body::from(request.uri().to_string()))
}

#[test]
fn urls_that_django_takes_for_one_have_pages_of_their_own_and_are_purged_together() {
    for layers in [per_view as Layers, per_site] {
        let site = Site::new(LOCMEM, left, layers);
        for [plain, odd] in [
            ["/a/b", "/a%2Fb"],
            ["/b", "/c/../b"],
            ["/~", "/%7E"],
            ["/c", "/c?"],
            ["/d", "http://other/d"],
        ] {
            let ask = |uri| site.ask(Request::get(uri).header("host", "testserver"));
            for is_hit in [false, true, true] {
                for uri in [odd, plain] {
                    let answer = ask(uri);
                    assert_eq!((answer.body.as_str(), answer.is_hit()), (uri, is_hit));
                }
            }
            let pages = UpdateCacheLayer::with_caches(&site.caches).pages();
            pages
                .purge_url(&format!("http://testserver{plain}"))
                .unwrap();
            assert_eq!([plain, odd].map(|uri| ask(uri).is_hit()), [false; 2]);
        }
    }
}

#[test]
fn a_uri_that_a_layer_rewrites_has_pages_of_its_own() {
    let by_tenant = MapRequestLayer::new(|mut request: Request<Body>| {
        let tenant = request.headers()["x-tenant"].to_str().unwrap();
        let uri: Uri = format!("/{tenant}{}", request.uri()).parse().unwrap();
        *request.uri_mut() = uri;
        request
    });
    let site = Site::new(LOCMEM, left, |router, caches| {
        per_view(router, caches).layer(by_tenant)
    });
    let body = |tenant| site.ask(get("/1").header("x-tenant", tenant)).body;
    assert_eq!(
        ["a", "b", "a", "b"].map(body),
        ["/a/1", "/b/1", "/a/1", "/b/1"]
    );
}

#[test]
fn layers_around_the_whole_router_cache_as_those_in_it_do() {
    let caches = Caches::from_toml(LOCMEM).unwrap();
    let router = Router::new().nest("/shop", Router::new().fallback(async || Html("page")));
    let site = ServiceBuilder::new()
        .layer(UpdateCacheLayer::with_caches(&caches))
        .layer(FetchFromCacheLayer::new())
        .service(router);
    let site = Router::new().fallback_service(site);
    let ask = || -> Answer { pollster::block_on(ask(site.clone(), get("/shop/1"))) };
    assert_eq!([ask(), ask()].map(|answer| answer.is_hit()), [false, true]);
}
