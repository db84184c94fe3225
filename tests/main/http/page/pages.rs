//! What is one page, who gets it, and for how long.

use axum::{Router, body::Body};
use cachemere::{
    Caches, DEFAULT_TIMEOUT, ErrorKind, Raw, Remaining,
    http::{CachePageLayer, ConditionalGetLayer, Language, Pages, get_cache_key},
};
use http::{Request, Response, StatusCode};
use tower::util::MapRequestLayer;

use super::site::{LOCMEM, Site, by_cookie, echo, get, per_site, per_view};

#[test]
fn a_page_is_computed_once_until_its_timeout_is_over() {
    let site = Site::new(LOCMEM, echo, per_view);
    assert!(!site.get("/a").is_hit());
    site.advance(59);
    let hit = site.get("/a");
    assert_eq!(
        (hit.is_hit(), hit.body.as_str(), hit.header("age")),
        (true, "/a", "59")
    );
    site.advance(1);
    assert!(!site.get("/a").is_hit());
    assert_eq!(site.calls(), 2);
}

#[test]
fn pages_are_kept_told_apart_and_purged_in_every_store() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().display();
    let stores = [
        "BACKEND = 'locmem'".to_owned(),
        format!("BACKEND = 'file'\nLOCATION = '{place}'"),
        #[cfg(feature = "db")]
        format!("BACKEND = 'db'\nLOCATION = 'pages'\n[DATABASES]\ndefault = 'sqlite:{place}/db'"),
    ];
    for store in stores {
        let toml = format!("[CACHES.default]\n{store}");
        for layers in [per_view as fn(Router, &Caches) -> Router, per_site] {
            let site = Site::new(&toml, by_cookie, layers);
            let ask = || {
                ["ada", "grace"].map(|user| {
                    let answer = site.ask(get("/").header("cookie", user));
                    assert_eq!(answer.body, format!("hello {user}"));
                    answer.is_hit()
                })
            };
            assert_eq!([ask(), ask()], [[false; 2], [true; 2]], "{store}");
            let head = get("/").method("HEAD").header("cookie", "ada");
            assert!(site.ask(head).is_hit(), "{store}");
            let pages = Pages::new(site.cache());
            pages.purge_url("http://testserver/").unwrap();
            assert_eq!([ask(), ask()], [[false; 2], [true; 2]], "{store}");
            pages.purge_url("http://testserver/").unwrap();
        }
    }
}

#[test]
fn every_url_has_a_page_of_its_own_its_query_included() {
    for layers in [per_view, per_site] {
        let site = Site::new(LOCMEM, echo, layers);
        for _ in 0..2 {
            for path in [
                "/foo/1/",
                "/foo/23/",
                "/foo/23/?a=1",
                "/foo/23/?a=1&b=2",
                "/foo/23/?b=2&a=1",
            ] {
                assert_eq!(site.get(path).body, path);
            }
        }
        assert_eq!(site.calls(), 5);
        assert!(
            !site
                .ask(Request::get("/foo/1/").header("host", "other"))
                .is_hit()
        );
    }
}

#[test]
fn each_variant_of_a_page_is_kept_beside_the_others() {
    for layers in [per_view, per_site] {
        let site = Site::new(LOCMEM, by_cookie, layers);
        for _ in 0..3 {
            assert_eq!(site.get("/").body, "hello nobody");
            for user in ["ada", "grace"] {
                let answer = site.ask(get("/").header("cookie", user));
                assert_eq!(answer.body, format!("hello {user}"));
            }
        }
        assert_eq!(site.calls(), 3);
    }
}

#[test]
fn head_is_answered_from_a_page_of_get_without_its_body() {
    let site = Site::new(LOCMEM, echo, per_view);
    let page = site.get("/page");
    let head = site.ask(Request::head("/page").header("host", "testserver"));
    assert_eq!((site.calls(), head.body.as_str()), (1, ""));
    assert_eq!(head.header("content-length"), page.body.len().to_string());
    assert_eq!(head.header("expires"), page.header("expires"));
}

#[test]
fn get_is_not_answered_from_a_page_of_head() {
    let site = Site::new(LOCMEM, echo, per_view);
    let head = || site.ask(Request::head("/page").header("host", "testserver"));
    assert!(!head().is_hit() && head().is_hit());
    assert_eq!(site.get("/page").body, "/page");
    assert_eq!(site.calls(), 2);
}

#[test]
fn an_answer_of_another_method_is_neither_stored_nor_taken_from_the_cache() {
    let site = Site::new(LOCMEM, echo, per_site);
    site.get("/");
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let answer = site.ask(get("/").method(method));
        assert!(
            !answer.is_hit() && answer.header("expires").is_empty(),
            "{method}"
        );
    }
    assert_eq!(site.calls(), 5);
}

#[test]
fn a_layers_own_timeout_stands_above_max_age_and_the_default_timeout_below() {
    let view = |_: &_| {
        Response::builder()
            .header("Cache-Control", "max-age=10")
            .body(Body::empty())
            .unwrap()
    };
    for (timeout, lives) in [(Some(60), 60), (None, 10)] {
        let site = Site::new(LOCMEM, view, |router, caches| {
            let layer = match timeout {
                Some(timeout) => CachePageLayer::with_caches(caches, timeout),
                None => CachePageLayer::with_caches(caches, DEFAULT_TIMEOUT),
            };
            router.layer(layer)
        });
        assert_eq!(site.get("/").header("cache-control"), "max-age=10");
        site.advance(lives - 1);
        assert!(site.get("/").is_hit());
        site.advance(1);
        assert!(!site.get("/").is_hit());
    }
}

#[test]
fn a_page_for_ever_is_fresh_for_a_year_along_the_way() {
    let forever =
        |router: Router, caches: &Caches| router.layer(CachePageLayer::with_caches(caches, None));
    let site = Site::new(LOCMEM, echo, forever);
    assert_eq!(site.get("/").header("cache-control"), "max-age=31536000");
    site.advance(400 * 24 * 60 * 60);
    assert!(site.get("/").is_hit());
}

#[test]
fn key_prefixes_and_aliases_keep_pages_apart() {
    let toml = format!("{LOCMEM}[CACHES.special]\nBACKEND = 'locmem'\nLOCATION = 'special'");
    let site = Site::new(&toml, echo, |router, caches| {
        let layer = |prefix| CachePageLayer::with_caches(caches, 60).key_prefix(prefix);
        let nested = |layer| router.clone().layer(layer);
        Router::new()
            .nest_service("/1", nested(layer("site1")))
            .nest_service("/2", nested(layer("site2")))
            .nest_service("/s", nested(layer("site1").cache("special")))
    });
    for _ in 0..2 {
        for path in ["/1/page", "/2/page", "/s/page"] {
            assert_eq!(site.get(path).body, "/page");
        }
    }
    assert_eq!(site.calls(), 3);
}

#[test]
fn an_alias_that_is_not_configured_is_an_error_when_the_layer_is_built() {
    let caches = Caches::from_toml(LOCMEM).unwrap();
    let layer = CachePageLayer::with_caches(&caches, 60);
    let error = layer.try_cache("special").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownAlias);
    assert!(error.to_string().contains("`default`"), "{error}");
}

#[test]
fn languages_and_time_zones_have_pages_of_their_own() {
    let view = |request: &Request<Body>| {
        let language = request.extensions().get::<Language>().cloned();
        Response::new(Body::from(
            language.map_or(String::new(), |Language(language)| language),
        ))
    };
    let toml = format!("USE_I18N = true\n{LOCMEM}");
    let site = Site::new(&toml, view, |router, caches| {
        let speaks = MapRequestLayer::new(|mut request: Request<Body>| {
            let language = request.headers().get("accept-language");
            let language = language
                .map_or("en", |language| language.to_str().unwrap())
                .to_owned();
            request.extensions_mut().insert(Language(language));
            request
        });
        per_view(router, caches).layer(speaks)
    });
    for _ in 0..2 {
        for language in ["de", "fr", "en"] {
            let answer = site.ask(get("/").header("accept-language", language));
            assert_eq!(answer.body, language);
        }
    }
    assert_eq!(site.calls(), 3);
}

#[test]
fn ignored_cookies_do_not_tell_pages_apart() {
    let toml = format!("CACHE_MIDDLEWARE_IGNORE_COOKIES = ['_ga*']\n{LOCMEM}");
    let site = Site::new(&toml, by_cookie, per_site);
    assert_eq!(
        site.ask(get("/").header("cookie", "_ga=1")).body,
        "hello _ga=1"
    );
    assert_eq!(site.get("/").body, "hello _ga=1");
    assert_eq!(
        site.ask(get("/").header("cookie", "_ga=2; user=ada")).body,
        "hello _ga=2; user=ada"
    );
    assert!(
        site.ask(get("/").header("cookie", "_gat=3; user=ada"))
            .is_hit()
    );
    assert!(!site.ask(get("/").header("cookie", "user=grace")).is_hit());
    assert_eq!(site.calls(), 3);
}

#[test]
fn what_a_url_has_varied_on_once_it_goes_on_to_vary_on() {
    let view = |request: &Request<Body>| match request.headers().get("cookie") {
        Some(_) => by_cookie(request),
        None => Response::new(Body::from("for all")),
    };
    let site = Site::new(LOCMEM, view, per_view);
    assert_eq!(site.ask(get("/").header("cookie", "ada")).body, "hello ada");
    assert_eq!(site.get("/").body, "for all");
    assert_eq!(
        site.ask(get("/").header("cookie", "grace")).body,
        "hello grace"
    );
    assert!(site.get("/").is_hit() && site.ask(get("/").header("cookie", "ada")).is_hit());
    assert_eq!(site.calls(), 3);
}

#[test]
fn values_that_run_into_one_another_in_a_key_are_not_the_same_page() {
    let view = |request: &Request<Body>| {
        let of = |name| {
            request
                .headers()
                .get(name)
                .map_or("", |value| value.to_str().unwrap())
        };
        let body = Body::from(format!("{}|{}", of("x-one"), of("x-two")));
        Response::builder()
            .header("Vary", "X-One, X-Two")
            .body(body)
            .unwrap()
    };
    let site = Site::new(LOCMEM, view, per_view);
    let ask = |one, two| {
        site.ask(get("/").header("x-one", one).header("x-two", two))
            .body
    };
    assert_eq!(ask("a", "bc"), "a|bc");
    assert_eq!(ask("ab", "c"), "ab|c");
}

#[test]
fn the_dummy_cache_stores_no_page_and_headers_are_said_all_the_same() {
    let site = Site::new("[CACHES.default]\nBACKEND = 'dummy'", echo, per_view);
    assert_eq!(site.get("/").header("cache-control"), "max-age=60");
    assert!(!site.get("/").is_hit());
}

#[test]
fn status_and_headers_of_a_hit_are_those_of_the_page_in_their_order() {
    let view = |_: &_| {
        let answer = Response::builder()
            .header("X-B", "1")
            .header("X-A", "2")
            .header("X-B", "3");
        let answer = answer
            .header("Connection", "close")
            .header("Content-Type", "text/plain");
        answer.body(Body::from("page")).unwrap()
    };
    let site = Site::new(LOCMEM, view, per_view);
    site.get("/");
    let hit = site.get("/");
    assert_eq!(hit.parts.status, StatusCode::OK);
    let names: Vec<_> = hit
        .parts
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    assert_eq!(
        names[..4],
        ["x-b: 1", "x-b: 3", "x-a: 2", "content-type: text/plain"]
    );
    assert!(!hit.parts.headers.contains_key("connection"));
}

#[test]
fn everything_of_a_page_lives_as_long_as_the_page() {
    let site = Site::new(LOCMEM, echo, per_view);
    site.get("/");
    let keys = cachemere::http::get_cache_key(
        &get("/").body(()).unwrap().into_parts().0,
        None,
        &http::Method::GET,
        site.cache(),
    );
    let key = keys.unwrap().unwrap();
    let lives = Some(Remaining::For(std::time::Duration::from_secs(60)));
    assert_eq!(site.cache().ttl(&key).unwrap(), lives);
}

#[test]
fn the_etag_of_a_page_is_worked_out_when_it_is_stored_and_is_that_of_the_layer_further_out() {
    let conditional = |router: Router, caches: &Caches| {
        per_view(router, caches).layer(ConditionalGetLayer::new())
    };
    let is_stored = |site: &Site, etag: &str| {
        let request = get("/").body(()).unwrap().into_parts().0;
        let key = get_cache_key(&request, None, &http::Method::GET, site.cache()).unwrap();
        let Raw(page) = site.cache().get(&key.unwrap()).unwrap().unwrap();
        page.windows(etag.len()).any(|part| part == etag.as_bytes())
    };
    let site = Site::new(LOCMEM, echo, conditional);
    let [first, hit] = [(), ()].map(|()| site.get("/"));
    let etag = first.header("etag");
    assert!(hit.is_hit() && etag.starts_with('"'));
    assert_eq!(hit.header("etag"), etag);
    assert!(is_stored(&site, etag));

    let bare = Site::new(LOCMEM, echo, per_view);
    bare.get("/");
    assert!(!is_stored(&bare, etag));
}
