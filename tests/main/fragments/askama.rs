//! The filter `cached`.

use std::{
    any::Any,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use askama::Template;
use cachemere::{Caches, Timeout};

use super::engine::{down, key, site};

#[expect(unreachable_pub, reason = "the macro makes methods")]
mod filters {
    pub(super) use cachemere::templates::askama::cached;

    /// Fails for texts that begin with an exclamation mark.
    #[askama::filter_fn]
    pub(super) fn calm(text: &str, _: &dyn askama::Values) -> askama::Result<String> {
        match text.strip_prefix('!') {
            Some(_) => Err(askama::Error::custom("too loud")),
            None => Ok(text.to_owned()),
        }
    }
}

#[derive(Template)]
#[template(
    ext = "html",
    source = "{% filter cached(timeout, \"sidebar\", (user, page)) %}{{ user|calm }}{{ user|safe }} {{ self.count() }}{% endfilter %}"
)]
struct Sidebar<'a> {
    user: &'a str,
    page: Option<u8>,
    timeout: Timeout,
    rendered: &'a AtomicU32,
}

impl Sidebar<'_> {
    fn count(&self) -> u32 {
        self.rendered.fetch_add(1, Ordering::Relaxed) + 1
    }
}

/// Renders the sidebars of one test, which count together.
struct Test {
    caches: Caches,
    rendered: AtomicU32,
}

impl Test {
    fn with(caches: Caches) -> Self {
        let rendered = AtomicU32::new(0);
        Self { caches, rendered }
    }

    fn sidebar(&self, user: &str, timeout: impl Into<Timeout>) -> askama::Result<String> {
        let timeout = timeout.into();
        let (page, rendered) = (None, &self.rendered);
        let sidebar = Sidebar {
            user,
            page,
            timeout,
            rendered,
        };
        sidebar.render_with_values(&self.caches)
    }
}

#[test]
fn the_body_is_rendered_once_for_each_copy_and_escaped_as_without_the_tag() {
    let test = Test::with(site().clone());
    for _ in 0..2 {
        assert_eq!(test.sidebar("Ada", 500).unwrap(), "AdaAda 1");
        assert_eq!(test.sidebar("<b>", 500).unwrap(), "&#60;b&#62;<b> 2");
    }
}

#[test]
fn the_key_is_djangos_and_the_timeout_counts() {
    let site = site();
    let test = Test::with(site.clone());
    let key = key(&site, "sidebar", ("Ada", None::<u8>));
    for (timeout, seconds) in [
        (Timeout::from(600), Some(600)),
        (Timeout::from(Duration::from_secs(5)), Some(5)),
        (Timeout::Never, None),
    ] {
        site["default"].clear().unwrap();
        test.sidebar("Ada", timeout).unwrap();
        site.lives(&key, seconds);
    }
}

#[derive(Template)]
#[template(
    ext = "txt",
    source = "{% filter cached(5, \"number\", [1, 2]) %}a{% endfilter %}\
              {% filter cached(float, \"float\", ()) %}b{% endfilter %}\
              {% filter cached(none, name, (), using = \"local\") %}\
              {% filter cached(seconds, \"inner\", user) %}{{ user }}{% endfilter %}{% endfilter %}"
)]
struct Kinds {
    float: f64,
    none: Option<u32>,
    seconds: u64,
    name: String,
    user: String,
}

fn kinds(user: &str) -> Kinds {
    Kinds {
        float: 2.5,
        none: None,
        seconds: 7,
        name: "outer".to_owned(),
        user: user.to_owned(),
    }
}

#[test]
fn arguments_are_literals_and_fields_of_every_kind_and_fragments_nest() {
    let site = site();
    assert_eq!(kinds("Ada").render_with_values(&*site).unwrap(), "abAda");
    assert_eq!(kinds("Bob").render_with_values(&*site).unwrap(), "abAda");
    site.lives(&key(&site, "number", [1, 2]), Some(5));
    assert!(site["default"].has_key(&key(&site, "float", ())).unwrap());
    site.lives(&key(&site, "inner", ["Ada"]), Some(7));
    assert!(site["local"].has_key(&key(&site, "outer", ())).unwrap());
}

#[derive(Template)]
#[template(
    ext = "txt",
    source = "{% filter cached(5, \"x\", (), using = \"nope\") %}a{% endfilter %}"
)]
struct Nowhere;

#[test]
fn an_alias_that_is_not_configured_is_an_error() {
    let error = Nowhere.render_with_values(&*site()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the cache `nope` is not configured (there are `default`, `local`)"
    );
}

#[test]
fn the_caches_may_be_one_value_of_several() {
    let (site, color) = (site(), "red".to_owned());
    let values: [(&str, &dyn Any); 2] = [("color", &color), ("caches", &*site)];
    assert_eq!(kinds("Ada").render_with_values(&values).unwrap(), "abAda");
    assert!(site["default"].has_key(&key(&site, "float", ())).unwrap());
}

#[test]
fn a_body_that_fails_is_not_stored_and_says_why() {
    let site = site();
    let test = Test::with(site.clone());
    let error = test.sidebar("!Ada", 500).unwrap_err();
    assert_eq!(error.to_string(), "too loud");
    let key = key(&site, "sidebar", ("!Ada", None::<u8>));
    assert!(!site["default"].has_key(&key).unwrap());
}

#[test]
fn a_fault_of_the_store_renders_the_body() {
    let test = Test::with(down());
    assert_eq!(test.sidebar("Ada", 500).unwrap(), "AdaAda 1");
    assert_eq!(test.sidebar("Ada", 500).unwrap(), "AdaAda 2");
}
