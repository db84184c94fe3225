//! `{% call cache(…) %}`.

use cachemere::{Caches, templates::minijinja::add_cache};
use minijinja::{Environment, ErrorKind, UndefinedBehavior, Value, context};

use super::engine::{down, key, site};

/// An environment whose function `count` says how often it was called.
fn environment(caches: &Caches) -> Environment<'static> {
    let mut env = Environment::new();
    add_cache(&mut env, caches.clone());
    let counter = std::sync::atomic::AtomicU32::new(0);
    env.add_function("count", move || {
        counter.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1
    });
    env
}

fn rendered(env: &Environment<'_>, source: &str, context: Value) -> String {
    env.render_named_str("page.html", source, context).unwrap()
}

fn refused(source: &str, context: Value) -> String {
    let env = environment(&site());
    let error = env
        .render_named_str("page.html", source, context)
        .unwrap_err();
    error.to_string()
}

#[test]
fn the_body_is_rendered_once_for_each_copy() {
    let env = environment(&site());
    let source = "{% call cache(500, 'sidebar', user) %}{{ user }} {{ count() }}{% endcall %}";
    for _ in 0..2 {
        assert_eq!(rendered(&env, source, context!(user => "Ada")), "Ada 1");
        assert_eq!(rendered(&env, source, context!(user => "Bob")), "Bob 2");
    }
}

#[test]
fn the_key_is_djangos() {
    let site = site();
    let env = environment(&site);
    let source = "{% call cache(500, 'sidebar', none, true, 1.5, 'a', ['a', 1], 42, missing) %}x{% endcall %}";
    rendered(&env, source, context!());
    let key = key(
        &site,
        "sidebar",
        (None::<u8>, true, 1.5, "a", ("a", 1), 42, ""),
    );
    assert!(site["default"].has_key(&key).unwrap());
}

#[test]
fn escaping_is_as_without_the_tag() {
    let env = environment(&site());
    let body = "<p>{{ text }}{{ text|safe }}</p>";
    let source = format!("{{% call cache(500, 'x') %}}{body}{{% endcall %}}");
    let context = || context!(text => "<b>&");
    let plain = rendered(&env, body, context());
    assert_eq!(rendered(&env, &source, context()), plain);
    assert_eq!(rendered(&env, &source, context()), plain);
    assert_eq!(
        env.render_named_str("x.txt", &source, context()).unwrap(),
        plain
    );
}

#[test]
fn the_body_sees_what_is_around_it() {
    let env = environment(&site());
    let source = "{% set greeting = 'hi' %}{% for user in ['a', 'b'] %}\
                  {% call cache(500, 'x', user) %}{{ greeting }} {{ user }}{{ loop.index }}. {% endcall %}{% endfor %}";
    for _ in 0..2 {
        assert_eq!(rendered(&env, source, context!()), "hi a1. hi b2. ");
    }
}

#[test]
fn fragments_nest() {
    let env = environment(&site());
    let source = "{% call cache(0, 'outer') %}{{ count() }}\
                  {% call cache(60, 'inner') %} inner {{ count() }}{% endcall %}{% endcall %}";
    assert_eq!(rendered(&env, source, context!()), "1 inner 2");
    assert_eq!(rendered(&env, source, context!()), "3 inner 2");
}

#[test]
fn an_empty_fragment_is_a_hit() {
    let env = environment(&site());
    let source = "{% call cache(500, 'x') %}{% if count() > 1 %}again{% endif %}{% endcall %}";
    assert_eq!(rendered(&env, source, context!()), "");
    assert_eq!(rendered(&env, source, context!()), "");
}

#[test]
fn timeouts_may_be_variables_text_fractions_and_none() {
    let site = site();
    for (timeout, seconds) in [
        (Value::from(600), Some(600)),
        (Value::from("60"), Some(60)),
        (Value::from(2.9), Some(2)),
        (Value::from(()), None),
    ] {
        site["default"].clear().unwrap();
        let env = environment(&site);
        rendered(
            &env,
            "{% call cache(t, 'x') %}x{% endcall %}",
            context!(t => timeout),
        );
        site.lives(&key(&site, "x", ()), seconds);
    }
}

#[test]
fn using_names_the_alias() {
    let site = site();
    let env = environment(&site);
    rendered(
        &env,
        "{% call cache(500, 'x', using='local') %}x{% endcall %}",
        context!(),
    );
    rendered(
        &env,
        "{% call cache(500, 'x', using=a) %}x{% endcall %}",
        context!(a => "local"),
    );
    let key = key(&site, "x", ());
    assert!(site["local"].has_key(&key).unwrap());
    assert!(!site["default"].has_key(&key).unwrap());
}

#[test]
fn errors_name_the_tag_and_its_place() {
    for (arguments, what) in [
        ("'fail', 'x'", "text that is no integer"),
        ("'', 'x'", "text that is no integer"),
        ("[], 'x'", "a list"),
        ("{}, 'x'", "a map"),
        ("true, 'x'", "a boolean"),
        ("missing, 'x'", "undefined"),
        ("nan, 'x'", "no number"),
    ] {
        let source = format!("one\n{{% call cache({arguments}) %}}x{{% endcall %}}");
        assert_eq!(
            refused(&source, context!(nan => f64::NAN)),
            format!(
                "invalid operation: the timeout of `cache` is {what}; give whole seconds, or none for ever (in page.html:2)"
            )
        );
    }
    assert_eq!(
        refused(
            "{% call cache(500, 'x', using='nope') %}x{% endcall %}",
            context!()
        ),
        "invalid operation: `cache`: the cache `nope` is not configured (there are `default`, `local`) (in page.html:1)"
    );
    assert_eq!(
        refused("\n\n{{ cache(500, 'x') }}", context!()),
        "invalid operation: `cache` wants a body: `{% call cache(500, \"name\") %}…{% endcall %}` (in page.html:3)"
    );
    let unknown = refused(
        "{% call cache(500, 'x', usin='local') %}x{% endcall %}",
        context!(),
    );
    assert!(unknown.contains("usin"), "{unknown}");
    let nameless = refused("{% call cache(500) %}x{% endcall %}", context!());
    assert!(nameless.contains("missing argument"), "{nameless}");
}

#[test]
fn a_body_that_fails_is_not_stored() {
    let site = site();
    let mut env = environment(&site);
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    let source = "{% call cache(500, 'x') %}{{ user }}{% endcall %}";
    let error = env
        .render_named_str("page.html", source, context!())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UndefinedError);
    assert_eq!(rendered(&env, source, context!(user => "Ada")), "Ada");
}

#[test]
fn a_fault_of_the_store_renders_the_body() {
    let env = environment(&down());
    let source = "{% call cache(500, 'x') %}{{ count() }}{% endcall %}";
    assert_eq!(rendered(&env, source, context!()), "1");
    assert_eq!(rendered(&env, source, context!()), "2");
}
