//! Pages and fragments of templates that a site stored.

use cachemere::{
    Cache,
    django::{Page, SafeString},
    http::get_cache_key,
};
use http::{Method, Request};

use crate::site::Site;

/// The key of a page of the site, if it has it.
fn key(cache: &Cache, path: &str, cookie: &str) -> Option<String> {
    let request = Request::get(path).header("host", "example.com");
    let (request, ()) = request
        .header("cookie", cookie)
        .body(())
        .unwrap()
        .into_parts();
    get_cache_key(&request, Some(""), &Method::GET, cache).unwrap()
}

fn a_page_is_read_and_deleted_by_its_key(site: &Site) {
    let cache = site.cache();
    assert_eq!(key(cache, "/page/", ""), None);
    let shown = site.ask(&["visit", "/page/"]);
    assert_eq!(site.ask(&["visit", "/page/"]), shown);

    let key = key(cache, "/page/", "").unwrap();
    let Page(response) = cache.get(&key).unwrap().unwrap();
    assert_eq!(
        (response.status().as_u16(), response.body()),
        (200, &shown.clone().into())
    );
    let header = |name| response.headers()[name].to_str().unwrap();
    assert_eq!(header("x-kettle"), "19.90");
    assert_eq!(header("cache-control"), "max-age=600");
    assert_eq!(header("content-type"), "text/html; charset=utf-8");
    let cookie = header("set-cookie");
    assert!(cookie.starts_with("seen=1; expires="), "{cookie}");
    assert!(
        cookie.ends_with(" GMT; Max-Age=60; Path=/shop; SameSite=Lax; Secure"),
        "{cookie}"
    );

    assert!(cache.delete(&key).unwrap());
    assert_ne!(site.ask(&["visit", "/page/"]), shown);
    assert!(cache.has_key(&key).unwrap());
}

#[test]
fn a_page_is_read_and_deleted_by_its_key_on_redis() {
    a_page_is_read_and_deleted_by_its_key(&Site::on_redis());
}

#[test]
fn a_page_is_read_and_deleted_by_its_key_on_sqlite() {
    a_page_is_read_and_deleted_by_its_key(&Site::on_sqlite());
}

#[test]
fn a_page_that_varies_has_a_key_for_each_request() {
    let site = Site::on_memcached();
    let ada = site.ask(&["visit", "/personal/", "user=Ada"]);
    let bob = site.ask(&["visit", "/personal/", "user=Bob"]);
    let stored = |cookie| {
        let key = key(site.cache(), "/personal/", cookie).unwrap();
        let page: Option<Page> = site.cache().get(&key).unwrap();
        page.map(|Page(response)| response.into_body())
    };
    assert_eq!(stored("user=Ada"), Some(ada.into()));
    assert_eq!(stored("user=Bob"), Some(bob.into()));
    assert!(stored("user=Eve").is_none());
}

fn a_fragment_is_read_replaced_and_deleted_by_its_key(site: &Site) {
    let cache = site.cache();
    let key = cache
        .make_template_fragment_key("sidebar", ["Ada"])
        .unwrap();
    let shown = site.ask(&["fragment", "Ada"]);
    assert_eq!(cache.get::<String>(&key).unwrap(), Some(shown.clone()));
    assert_eq!(site.ask(&["fragment", "Ada"]), shown);

    cache
        .set(&key, &SafeString::from("<i>ours</i>"), 60)
        .unwrap();
    assert_eq!(site.ask(&["fragment", "Ada"]), "<i>ours</i>");
    assert!(cache.delete(&key).unwrap());
    let again = site.ask(&["fragment", "Ada"]);
    assert!(again.starts_with("<b>Ada</b>") && again != shown, "{again}");
}

#[test]
fn a_fragment_is_read_replaced_and_deleted_by_its_key_on_files() {
    a_fragment_is_read_replaced_and_deleted_by_its_key(&Site::on_files());
}

#[test]
fn a_fragment_is_read_replaced_and_deleted_by_its_key_on_postgres() {
    a_fragment_is_read_replaced_and_deleted_by_its_key(&Site::on_postgres());
}
