//! Cached pages on every store that outlives a process: the exchanges that have to be the same wherever pages are.

mod site;
mod stores;

use http::{Method, Request};

use self::site::{Site, get};

macro_rules! exchanges {
    ($($store:ident)*) => { $(
        mod $store {
            use super::*;

            #[test]
            fn a_page_is_computed_once_and_served_as_it_was() {
                let site = Site::new(&stores::$store());
                let [first, again] = [site.ask(get("/a?x=1")), site.ask(get("/a?x=1"))];
                assert_eq!(site.calls(), 1);
                assert_eq!(again.body, first.body);
                assert_eq!(again.header("x-view"), "the view, 1");
            }

            #[test]
            fn a_hit_has_its_age_and_the_freshness_of_its_page() {
                let site = Site::new(&stores::$store());
                let [first, again] = [site.ask(get("/a")), site.ask(get("/a"))];
                assert!(!first.is_hit() && again.is_hit());
                for name in ["expires", "cache-control"] {
                    assert_ne!(again.header(name), "");
                    assert_eq!(again.header(name), first.header(name));
                }
            }

            #[test]
            fn a_page_of_many_bytes_is_served_as_it_was() {
                let site = Site::new(&stores::$store());
                let [first, again] = [site.ask(get("/large")), site.ask(get("/large"))];
                assert!(again.is_hit());
                assert!(again.body == first.body && again.body.len() > site::LARGE);
            }

            #[test]
            fn another_query_is_another_page() {
                let site = Site::new(&stores::$store());
                let asked = ["/a?x=1", "/a?x=2", "/a?x=1", "/a?x=2"];
                let bodies = asked.map(|path| site.ask(get(path)).body);
                assert_eq!(bodies[..2], bodies[2..]);
                assert_ne!(bodies[0], bodies[1]);
            }

            #[test]
            fn each_value_of_what_a_page_varies_on_has_a_page_of_its_own() {
                let site = Site::new(&stores::$store());
                let ask = |cookie| site.ask(get("/private").header("cookie", cookie));
                let answers = ["ada", "grace", "ada", "grace"].map(ask);
                assert_eq!(answers.each_ref().map(|answer| answer.is_hit()), [false, false, true, true]);
                let bodies = answers.map(|answer| answer.body);
                assert_eq!(bodies, ["ada, 1", "grace, 2", "ada, 1", "grace, 2"]);
            }

            #[test]
            fn head_is_answered_from_the_page_of_get() {
                let site = Site::new(&stores::$store());
                let page = site.ask(get("/a"));
                let head = site.ask(get("/a").method(Method::HEAD));
                assert_eq!(site.calls(), 1);
                assert_eq!(head.body, "");
                assert_eq!(head.header("content-length"), page.body.len().to_string());
            }

            #[test]
            fn a_url_that_is_purged_is_computed_anew_and_no_other_is() {
                let site = Site::new(&stores::$store());
                let both = || ["/a", "/b"].map(|path| site.ask(get(path)).is_hit());
                assert_eq!([both(), both()], [[false; 2], [true; 2]]);
                site.purge_url("http://testserver/a");
                assert_eq!([both(), both()], [[false, true], [true; 2]]);
            }

            #[test]
            fn all_variants_of_a_url_that_is_purged_are_computed_anew() {
                let site = Site::new(&stores::$store());
                let both = || {
                    let ask = |cookie| site.ask(get("/private").header("cookie", cookie));
                    ["ada", "grace"].map(|cookie| ask(cookie).is_hit())
                };
                assert_eq!([both(), both()], [[false; 2], [true; 2]]);
                site.purge_url("http://testserver/private");
                assert_eq!([both(), both()], [[false; 2], [true; 2]]);
            }

            #[test]
            fn a_route_that_is_purged_is_computed_anew_and_no_other_is() {
                let site = Site::new(&stores::$store());
                let all = || ["/a", "/b", "/elsewhere"].map(|path| site.ask(get(path)).is_hit());
                assert_eq!([all(), all()], [[false; 3], [true; 3]]);
                site.purge_route("somewhere");
                assert_eq!([all(), all()], [[false, false, true], [true; 3]]);
            }

            #[test]
            fn another_process_finds_the_page_and_sees_the_purge() {
                let store = stores::$store();
                let (site, other) = (Site::new(&store), Site::new(&store));
                let both = || [&site, &other].map(|site| site.ask(get("/a")).is_hit());
                assert_eq!([both(), both()], [[false, true], [true; 2]]);
                other.purge_url("http://testserver/a");
                assert_eq!([both(), both()], [[false, true], [true; 2]]);
            }
        }
    )* };
}

exchanges! { redis memcached sqlite postgres mariadb file }

macro_rules! without_a_store {
    ($($store:ident)*) => { $(
        mod $store {
            use super::*;

            #[test]
            fn a_store_that_is_gone_is_a_miss_and_fails_no_page() {
                let (store, proxy) = stores::$store();
                let site = Site::new(&store);
                assert_eq!([(); 2].map(|()| site.ask(get("/a")).is_hit()), [false, true]);
                drop(proxy);
                let bodies = [(); 2].map(|()| site.ask(get("/a")).body);
                assert_eq!(bodies, ["/a, 2", "/a, 3"]);
            }
        }
    )* };
}

without_a_store! { redis_by_proxy memcached_by_proxy postgres_by_proxy mariadb_by_proxy }
