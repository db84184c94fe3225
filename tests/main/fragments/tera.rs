//! The function and the filter `cache`.

use std::sync::atomic::{AtomicU32, Ordering};

use cachemere::{Caches, templates::tera::add_cache};
use tera::{Context, Kwargs, State, Tera};

use super::engine::{down, key, site};

/// A tera whose function `count` says how often it was called.
fn engine(caches: &Caches) -> Tera {
    let mut tera = Tera::default();
    add_cache(&mut tera, caches.clone());
    let counter = AtomicU32::new(0);
    tera.register_function("count", move |_: Kwargs, _: &State<'_>| {
        u64::from(counter.fetch_add(1, Ordering::Relaxed) + 1)
    });
    tera
}

/// A template with one fragment.
fn fragment(arguments: &str, body: &str) -> String {
    format!(
        "{{% set part = cache({arguments}) %}}{{% if part.hit %}}{{{{ part.text }}}}{{% else %}}\
         {{% filter cache(fragment=part) %}}{body}{{% endfilter %}}{{% endif %}}"
    )
}

fn attempt(
    tera: &mut Tera,
    source: &str,
    context: &[(&'static str, &str)],
) -> Result<String, String> {
    let mut values = Context::new();
    for (name, value) in context {
        values.insert(*name, value);
    }
    values.insert("seconds", &600);
    values.insert("nothing", &None::<u8>);
    values.insert("nan", &f64::NAN);
    let added = tera.add_raw_template("page.html", source);
    let rendered = added.and_then(|()| tera.render("page.html", &values));
    rendered.map_err(|error| error.to_string())
}

fn rendered(tera: &mut Tera, source: &str, context: &[(&'static str, &str)]) -> String {
    attempt(tera, source, context).unwrap()
}

#[test]
fn the_body_is_rendered_once_for_each_copy() {
    let mut tera = engine(&site());
    let source = fragment(
        "timeout=500, name='sidebar', vary_on=[user]",
        "{{ user }} {{ count() }}",
    );
    for _ in 0..2 {
        assert_eq!(rendered(&mut tera, &source, &[("user", "Ada")]), "Ada 1");
        assert_eq!(rendered(&mut tera, &source, &[("user", "Bob")]), "Bob 2");
    }
}

#[test]
fn the_key_is_djangos() {
    let site = site();
    let source = fragment(
        "timeout=500, name='sidebar', vary_on=[none, true, 1.5, 'a', ['a', 1], -42]",
        "x",
    );
    rendered(&mut engine(&site), &source, &[]);
    let varied = key(
        &site,
        "sidebar",
        (None::<u8>, true, 1.5, "a", ("a", 1), -42),
    );
    assert!(site["default"].has_key(&varied).unwrap());
    rendered(
        &mut engine(&site),
        &fragment("timeout=500, name='sidebar'", "x"),
        &[],
    );
    assert!(site["default"].has_key(&key(&site, "sidebar", ())).unwrap());
}

#[test]
fn escaping_is_as_without_the_tag() {
    let mut tera = engine(&site());
    let (body, context) = ("<p>{{ text }}{{ text|safe }}</p>", [("text", "<b>&")]);
    let plain = rendered(&mut tera, body, &context);
    let source = fragment("timeout=500, name='x'", body);
    assert_eq!(rendered(&mut tera, &source, &context), plain);
    assert_eq!(rendered(&mut tera, &source, &context), plain);
}

#[test]
fn fragments_nest_and_empty_ones_are_hits() {
    let mut tera = engine(&site());
    let inner = fragment("timeout=60, name='inner'", "({{ count() }})").replace("part", "other");
    let source = fragment(
        "timeout=0, name='outer'",
        &format!("{{{{ count() }}}}{inner}"),
    );
    assert_eq!(rendered(&mut tera, &source, &[]), "1(2)");
    assert_eq!(rendered(&mut tera, &source, &[]), "3(2)");
    let source = fragment(
        "timeout=60, name='empty'",
        "{% if count() > 4 %}again{% endif %}",
    );
    assert_eq!(rendered(&mut tera, &source, &[]), "");
    assert_eq!(rendered(&mut tera, &source, &[]), "");
}

#[test]
fn timeouts_may_be_variables_text_fractions_and_none() {
    let site = site();
    for (timeout, seconds) in [
        ("seconds", Some(600)),
        ("'60'", Some(60)),
        ("2.9", Some(2)),
        ("nothing", None),
        ("none", None),
    ] {
        site["default"].clear().unwrap();
        let source = fragment(&format!("timeout={timeout}, name='n'"), "body");
        rendered(&mut engine(&site), &source, &[]);
        site.lives(&key(&site, "n", ()), seconds);
    }
}

#[test]
fn using_names_the_alias() {
    let site = site();
    let source = fragment("timeout=5, name='n', using=alias", "body");
    rendered(&mut engine(&site), &source, &[("alias", "local")]);
    assert!(site["local"].has_key(&key(&site, "n", ())).unwrap());
    assert!(!site["default"].has_key(&key(&site, "n", ())).unwrap());
}

#[test]
fn errors_name_the_tag_and_its_place() {
    for (arguments, message) in [
        (
            "timeout='fail', name='n'",
            "the timeout of `cache` is text that is no integer; give whole seconds, or none for ever",
        ),
        ("timeout=[], name='n'", "the timeout of `cache` is a list"),
        ("timeout=true, name='n'", "the timeout of `cache` is bool"),
        (
            "timeout=nan, name='n'",
            "the timeout of `cache` is no number",
        ),
        ("timeout=missing, name='n'", "missing"),
        ("name='n'", "timeout"),
        ("timeout=5", "name"),
        (
            "timeout=5, name='n', using='nope'",
            "`cache`: the cache `nope` is not configured (there are `default`, `local`)",
        ),
        (
            "timeout=5, name='n', varyon=[1]",
            "`cache` has no argument `varyon`; it has `timeout`, `name`, `vary_on`, `using`",
        ),
    ] {
        let source = format!("\n{}", fragment(arguments, "body"));
        let error = attempt(&mut engine(&site()), &source, &[]).unwrap_err();
        assert!(error.contains(message), "{error}");
        assert!(error.contains("page.html:2:"), "{error}");
    }
    let source = "{% filter cache(fragment='x') %}body{% endfilter %}";
    let error = attempt(&mut engine(&site()), source, &[]).unwrap_err();
    assert!(
        error.contains("wants what the function `cache` returned"),
        "{error}"
    );
}

#[test]
fn a_body_that_fails_is_not_stored() {
    let mut tera = engine(&site());
    let source = fragment("timeout=500, name='n'", "{{ user }}");
    attempt(&mut tera, &source, &[]).unwrap_err();
    assert_eq!(rendered(&mut tera, &source, &[("user", "Ada")]), "Ada");
}

#[test]
fn an_entry_that_is_no_text_is_rendered_over() {
    let site = site();
    let key = key(&site, "n", ());
    site["default"].set(&key, &vec![1, 2], 60).unwrap();
    let source = fragment("timeout=500, name='n'", "body");
    assert_eq!(rendered(&mut engine(&site), &source, &[]), "body");
    assert_eq!(
        site["default"].get::<String>(&key).unwrap().unwrap(),
        "body"
    );
}

#[test]
fn a_fault_of_the_store_renders_the_body() {
    let mut tera = engine(&down());
    let source = fragment("timeout=500, name='n'", "{{ count() }}");
    assert_eq!(rendered(&mut tera, &source, &[]), "1");
    assert_eq!(rendered(&mut tera, &source, &[]), "2");
}
