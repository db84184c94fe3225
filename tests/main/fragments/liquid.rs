//! `{% cache %}` in Django's syntax.

use cachemere::{Caches, templates::liquid::CacheBlock};
use liquid::{Object, ParserBuilder, object};
use serde_json::Value as Json;

use super::engine::{down, key, site};

fn attempt(caches: &Caches, source: &str, context: &Object) -> Result<String, String> {
    let parser = ParserBuilder::with_stdlib().block(CacheBlock::new(caches.clone()));
    let template = parser.build().unwrap().parse(source);
    let rendered = template.and_then(|template| template.render(context));
    rendered.map_err(|error| error.to_string())
}

fn rendered(caches: &Caches, source: &str, context: &Object) -> String {
    attempt(caches, source, context).unwrap()
}

fn refused(source: &str, context: &Object) -> String {
    attempt(&site(), source, context).unwrap_err()
}

/// What Django's own tag does with these templates, as far as liquid has the syntax.
#[test]
fn templates_of_django_are_stored_under_its_keys() {
    let golden = include_str!("../../golden/django-golden.json");
    let golden: Json = serde_json::from_str(golden).unwrap();
    let renders = golden["template_fragments"]["tag_renders_now_1700000000"].as_array();
    let mut stored = 0;
    for vector in renders.unwrap() {
        let source = vector["template"].as_str().unwrap();
        // filters and literals of Django that liquid writes another way, names it cannot, and no escaping
        let foreign = ["add:1", "None True", " d %}", " l %}", "café", "{{ h }}"];
        let is_foreign = foreign.iter().any(|part| source.contains(part));
        let Some(aliases) = vector["stored"].as_object().filter(|_| !is_foreign) else {
            continue;
        };
        let toml = "[CACHES.default]\nBACKEND = 'locmem'\nOPTIONS.DJANGO = '5.2'\n\
                    [CACHES.alt]\nBACKEND = 'locmem'\nLOCATION = 'alt'\nOPTIONS.DJANGO = '5.2'\n";
        let caches = Caches::from_toml(toml).unwrap();
        let context = liquid::to_object(&vector["context"]).unwrap();
        let context = match (source.contains(" t "), vector["context"]["t"].as_str()) {
            (true, Some("None")) => object!({ "t": nil }),
            (true, Some("2.9")) => object!({ "t": 2.9 }),
            _ => context,
        };
        assert_eq!(
            vector["output"],
            rendered(&caches, source, &context),
            "{source}"
        );
        for (alias, entries) in aliases {
            for entry in entries.as_array().unwrap() {
                let key = entry["raw_key"]
                    .as_str()
                    .unwrap()
                    .strip_prefix(":1:")
                    .unwrap();
                let is_expired = entry["ttl"].as_f64().is_some_and(|ttl| ttl <= 0.0);
                let expected = entry["value"].as_str().filter(|_| !is_expired);
                let found: Option<String> = caches[alias.as_str()].get(key).unwrap();
                assert_eq!(found.as_deref(), expected, "{source} {key}");
                stored += 1;
            }
        }
    }
    assert!(stored > 20, "{stored}");
}

#[test]
fn the_body_is_rendered_once_for_each_copy() {
    let site = site();
    let source = "{% cache 500 sidebar user.name %}{{ user.name }} {{ text }}{% endcache %}";
    let page = |name: &str, text: &str| {
        rendered(
            &site,
            source,
            &object!({ "user": { "name": name }, "text": text }),
        )
    };
    assert_eq!(page("Ada", "one"), "Ada one");
    assert_eq!(page("Bob", "two"), "Bob two");
    assert_eq!(page("Ada", "three"), "Ada one");
}

#[test]
fn what_it_varies_on_may_have_filters_and_may_not_exist() {
    let site = site();
    let source =
        "{% cache 500 x user | upcase missing nil true 'a b' 1.50 -3 list %}x{% endcache %}";
    rendered(
        &site,
        source,
        &object!({ "user": "ada", "list": ["a", 1, nil] }),
    );
    let list = ("a", 1, None::<u8>);
    let key = key(
        &site,
        "x",
        ("ADA", "", None::<u8>, true, "a b", 1.5, -3, list),
    );
    assert!(site["default"].has_key(&key).unwrap());
}

#[test]
fn a_name_is_taken_as_it_stands() {
    for name in [
        "sidebar",
        "a.b",
        "local-thing",
        "'side bar'",
        "\"x\"",
        "nullable",
        "true_story",
        "emptyish",
        "2nd-bar",
        "500",
        "500px",
        "a:b",
        "(1..2)",
    ] {
        let site = site();
        rendered(
            &site,
            &format!("{{% cache 500 {name} v %}}x{{% endcache %}}"),
            &object!({"v": 1}),
        );
        assert!(
            site["default"].has_key(&key(&site, name, [1])).unwrap(),
            "{name}"
        );
    }
}

#[test]
fn timeouts_may_be_variables_with_filters_and_none() {
    let site = site();
    for (timeout, seconds) in [
        ("600", Some(600)),
        ("my_timeout", Some(600)),
        ("my_timeout | divided_by: 2", Some(300)),
        ("2.9", Some(2)),
        ("'60'", Some(60)),
        ("text", Some(1000)),
        ("none", None),
        ("None", None),
        ("nil", None),
        ("null", None),
        ("nothing", None),
    ] {
        site["default"].clear().unwrap();
        let source = format!("{{% cache {timeout} sidebar %}}x{{% endcache %}}");
        let context = object!({ "my_timeout": 600, "nothing": nil, "text": " 1_000 " });
        rendered(&site, &source, &context);
        site.lives(&key(&site, "sidebar", ()), seconds);
    }
}

#[test]
fn using_comes_last_and_may_be_a_variable() {
    let key = key(&site(), "x", [1]);
    for using in ["using='local'", "using=\"local\"", "using=alias"] {
        let site = site();
        let source = format!("{{% cache 500 x 1 {using} %}}x{{% endcache %}}");
        rendered(&site, &source, &object!({ "alias": "local" }));
        assert!(site["local"].has_key(&key).unwrap(), "{using}");
        assert!(!site["default"].has_key(&key).unwrap(), "{using}");
    }
}

#[test]
fn of_a_fragment_within_itself_the_outer_text_is_kept() {
    let site = site();
    let source = "{% cache 60 a %}x{% cache 60 a %}{{ text }}{% endcache %}z{% endcache %}";
    for text in ["y", "not this"] {
        assert_eq!(rendered(&site, source, &object!({ "text": text })), "xyz");
    }
}

#[test]
fn a_name_beyond_ascii_stands_in_quotes_which_belong_to_it() {
    let site = site();
    rendered(&site, "{% cache 60 'café' %}{% endcache %}", &object!({}));
    assert!(site["default"].has_key(&key(&site, "'café'", ())).unwrap());
    let refused = refused("text\n{% cache 60 café %}{% endcache %}", &object!({}));
    assert!(refused.contains("2 | {% cache 60 café %}"), "{refused}");
}

include!("../../../fuzz/bodies/liquid_tag.rs");

/// The body of the fuzz target, on pieces of tags from a seed.
#[test]
fn any_tag_is_a_fragment_or_refused() {
    let pieces = [
        "500",
        "0",
        "-1",
        "none",
        "nil",
        "2.9",
        "'60'",
        "n",
        "l",
        "user",
        "user.name",
        "side",
        "-bar",
        "'a b'",
        "\"",
        "'",
        "=",
        "using=",
        "using",
        "'default'",
        "'nowhere'",
        "|",
        "| upcase",
        "|nothing",
        ":",
        ",",
        ".",
        "[0]",
        "(1..3)",
        "é",
        "\n",
        "{",
        "}",
        "%",
        "%}",
        "{{",
        "{%",
        "==",
        "true",
        "blank",
        "9999999999999999999",
        "",
    ];
    let mut random = fastrand::Rng::with_seed(20_261_128);
    for _ in 0..1500 {
        let mut arguments = String::new();
        for _ in 0..random.usize(1..7) {
            arguments.push_str(pieces[random.usize(..pieces.len())]);
            arguments.push_str(["", " ", " "][random.usize(..3)]);
        }
        liquid_tag_body(&arguments);
    }
}

#[test]
fn fragments_nest_and_empty_ones_are_hits() {
    let site = site();
    let source = "{% cache 0 outer %}{{ text }}{% cache 60 inner %}({{ text }}){% endcache %}{% endcache %}\
                  {% cache 60 empty %}{% if text == 'b' %}b{% endif %}{% endcache %}";
    assert_eq!(rendered(&site, source, &object!({ "text": "a" })), "a(a)");
    assert_eq!(rendered(&site, source, &object!({ "text": "b" })), "b(a)");
}

#[test]
fn a_fragment_that_a_loop_leaves_is_not_stored() {
    let site = site();
    let source = "{% for i in (1..3) %}{{ i }}{% cache 60 x %}{% if stop %}!{% break %}{% endif %}.{% endcache %}{% endfor %}";
    for _ in 0..2 {
        assert_eq!(rendered(&site, source, &object!({ "stop": true })), "1!");
    }
    assert_eq!(
        rendered(&site, source, &object!({ "stop": false })),
        "1.2.3."
    );
}

#[test]
fn a_body_that_fails_is_not_stored() {
    let site = site();
    let source = "{% cache 60 x %}{{ user }}{% endcache %}";
    let error = attempt(&site, source, &object!({})).unwrap_err();
    assert!(error.contains("Unknown variable"), "{error}");
    assert_eq!(rendered(&site, source, &object!({ "user": "Ada" })), "Ada");
}

#[test]
fn a_fault_of_the_store_renders_the_body() {
    let caches = down();
    let source = "{% cache 60 x %}{{ text }}{% endcache %}";
    assert_eq!(rendered(&caches, source, &object!({ "text": "a" })), "a");
    assert_eq!(rendered(&caches, source, &object!({ "text": "b" })), "b");
}

#[test]
fn a_tag_that_is_wrong_is_refused_at_its_place_when_it_is_read() {
    let wanted = "`cache` wants a timeout and a name: {% cache 500 sidebar %}";
    let place = |source: &str, line: &str, message: &str| {
        let error = refused(source, &object!({}));
        assert!(error.contains(line) && error.contains(message), "{error}");
    };
    place("\n{% cache %}x{% endcache %}", "--> 2:9", wanted);
    place("{% cache 500 %}x{% endcache %}", "--> 1:14", wanted);
    place(
        "{% cache 500 x using='a' v %}x{% endcache %}",
        "--> 1:21",
        "only `using=…` has a name, and it comes last",
    );
    place(
        "{% cache 500 x | upcase %}x{% endcache %}",
        "--> 1:14",
        "the name of a fragment is one word, without filters",
    );
    place(
        "{% cache 500 x < 5 %}x{% endcache %}",
        "--> 1:16",
        "expected",
    );
    place("{% cache 500 x %}x", "--> 1:19", "endcache");
}

#[test]
fn a_value_that_is_wrong_is_refused_at_its_place_when_it_is_rendered() {
    let context = object!({ "text": "fail", "list": [], "on": true, "table": {} });
    for (timeout, what) in [
        ("text", "text that is no integer"),
        ("'2.9'", "text that is no integer"),
        ("list", "a list"),
        ("on", "a boolean"),
        ("table", "no number"),
        ("missing", "undefined"),
        ("missing.attr", "undefined"),
    ] {
        let error = refused(
            &format!("\n{{% cache {timeout} x %}}x{{% endcache %}}"),
            &context,
        );
        let column = 11 + timeout.len();
        assert!(error.contains(&format!("--> 2:{column}")), "{error}");
        assert!(
            error.contains("the timeout of `cache` is no number"),
            "{error}"
        );
        assert!(error.contains(&format!("timeout={what}")), "{error}");
    }
    for (alias, shown) in [("'nope'", "nope"), ("missing", "")] {
        let error = refused(
            &format!("\n{{% cache 5 x using={alias} %}}x{{% endcache %}}"),
            &context,
        );
        assert!(
            error.contains(&format!("--> 2:{}", 20 + alias.len() + 1)),
            "{error}"
        );
        assert!(
            error.contains(&format!("the cache `{shown}` is not configured")),
            "{error}"
        );
    }
}
