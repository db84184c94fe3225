use cachemere_base::Context;

use super::{Store, environment, problems, problems_with, registry, sources};
use crate::config::{Sources, load};

#[test]
fn each_mistake_in_an_alias_is_one_problem_at_its_place() {
    for (lines, expected) in [
        (
            "TIMOUT = 5",
            "3:1: `CACHES.default.TIMOUT`: unknown key, did you mean `TIMEOUT`?",
        ),
        (
            "timeout = 5",
            "3:1: `CACHES.default.timeout`: unknown key, did you mean `TIMEOUT`?",
        ),
        (
            "COLOUR = 5",
            "3:1: `CACHES.default.COLOUR`: unknown key; an alias has `BACKEND`, `LOCATION`, `TIMEOUT`, `KEY_PREFIX`, \
             `VERSION`, `KEY_FUNCTION`, `OPTIONS`",
        ),
        (
            "MAX_ENTRIES = 5",
            "3:1: `CACHES.default.MAX_ENTRIES`: `MAX_ENTRIES` belongs in `OPTIONS`",
        ),
        (
            "max_entries = 5",
            "3:1: `CACHES.default.max_entries`: `MAX_ENTRIES` belongs in `OPTIONS`",
        ),
        (
            "MAX_BYTES = 5",
            "3:1: `CACHES.default.MAX_BYTES`: `MAX_BYTES` belongs in `OPTIONS`",
        ),
        (
            "MAX_ENTRY = 5",
            "3:1: `CACHES.default.MAX_ENTRY`: unknown key, did you mean `OPTIONS.MAX_ENTRIES`?",
        ),
        (
            "MEDIA_ROOT = 'x'",
            "3:1: `CACHES.default.MEDIA_ROOT`: `MEDIA_ROOT` is a top-level setting: in TOML it belongs above the first \
             `[table]`",
        ),
        (
            "OPTIONS = { MEDIA_ROOT = 'x' }",
            "3:13: `CACHES.default.OPTIONS.MEDIA_ROOT`: `MEDIA_ROOT` is a top-level setting: in TOML it belongs above \
             the first `[table]`",
        ),
        (
            "OPTIONS = { TIMEOUT = 5 }",
            "3:13: `CACHES.default.OPTIONS.TIMEOUT`: `TIMEOUT` belongs one level up, in `[CACHES.default]`",
        ),
        (
            "OPTIONS = 5",
            "3:11: `CACHES.default.OPTIONS`: expected a table; this is a number",
        ),
        (
            "LOCATION = 5",
            "3:12: `CACHES.default.LOCATION`: expected text in quotes, or a list of such texts; this is a number",
        ),
        (
            "LOCATION = ['a', ' ']",
            "3:18: `CACHES.default.LOCATION[1]`: this member of the list is empty",
        ),
        (
            "LOCATION = ['a', 5]",
            "3:18: `CACHES.default.LOCATION[1]`: expected text, in quotes; this is a number",
        ),
        (
            "LOCATION = 'bad'",
            "3:12: `CACHES.default.LOCATION`: cannot be at bad",
        ),
        (
            "KEY_PREFIX = 5",
            "3:14: `CACHES.default.KEY_PREFIX`: expected text, in quotes; this is a number",
        ),
        (
            "VERSION = 1.5",
            "3:11: `CACHES.default.VERSION`: expected a whole number or text; this is a number with a fraction",
        ),
        (
            "VERSION = true",
            "3:11: `CACHES.default.VERSION`: expected a whole number or text; this is a boolean",
        ),
        (
            "VERSION = 2020-01-01",
            "3:11: `CACHES.default.VERSION`: expected a whole number or text; this is a date",
        ),
        (
            "OPTIONS.CULL_FREQUENCY = -1",
            "3:26: `CACHES.default.OPTIONS.CULL_FREQUENCY`: expected a whole number, 0 or more; this is a negative number",
        ),
        (
            "OPTIONS.SERIALIZER = 'jsn'",
            "3:22: `CACHES.default.OPTIONS.SERIALIZER`: unknown value `jsn`, did you mean `json`?",
        ),
        (
            "OPTIONS.ON_ERROR = 'ignore'",
            "3:20: `CACHES.default.OPTIONS.ON_ERROR`: unknown value `ignore`, expected one of `raise`, `miss`",
        ),
        (
            "OPTIONS.KEY_WARNINGS = 1",
            "3:24: `CACHES.default.OPTIONS.KEY_WARNINGS`: expected `true` or `false`; this is a number",
        ),
        (
            "OPTIONS.GET_OR_SET_WAIT = 'never'",
            "3:27: `CACHES.default.OPTIONS.GET_OR_SET_WAIT`: expected seconds to wait (`5`, `0.5`) or a text such as `\"500ms\"`, more than 0 and at most a day; this text is neither",
        ),
        (
            "OPTIONS.DJANGO = '7.0'",
            "3:18: `CACHES.default.OPTIONS.DJANGO`: expected a version of Django, 4.0 to 6.1, as text: `\"5.2\"` (its newest patch) or `\"5.2.18\"`; this text is neither",
        ),
        (
            "OPTIONS.DJANGO = 5.2",
            "3:18: `CACHES.default.OPTIONS.DJANGO`: expected a version of Django, 4.0 to 6.1, as text: `\"5.2\"` (its newest patch) or `\"5.2.18\"`; this is a number with a fraction",
        ),
        (
            "OPTIONS.MAX_BYTES = 'x'",
            "3:21: `CACHES.default.OPTIONS.MAX_BYTES`: expected a whole number from 0 to 4294967295; this is text",
        ),
        (
            "OPTIONS.MAX_BYTES = 13",
            "3:21: `CACHES.default.OPTIONS.MAX_BYTES`: 13 is refused",
        ),
        ("OPTIONS.SHARDS = 0", "1:9: `CACHES.default`: no shards"),
        (
            "OPTIONS.SHARDS = 1979-05-27",
            "3:18: `CACHES.default.OPTIONS.SHARDS`: expected the value of an option; this is a date",
        ),
        (
            "OPTIONS.EVEN = 3",
            "3:16: `CACHES.default.OPTIONS.EVEN`: 3 is not even",
        ),
        (
            "OPTIONS.MODE = 'sfae'",
            "3:16: `CACHES.default.OPTIONS.MODE`: unknown value `sfae`, did you mean `safe`?",
        ),
        (
            "OPTIONS.NODES = ['a', 5]",
            "3:23: `CACHES.default.OPTIONS.NODES[1]`: expected text, in quotes; this is a number",
        ),
        (
            "[CACHES.default.OPTIONS.behaviors]\nketma = true",
            "4:1: `CACHES.default.OPTIONS.behaviors.ketma`: unknown option, did you mean `ketama`?",
        ),
        (
            "OPTIONS.behaviors = { dead_timeout = 70_000 }",
            "3:38: `CACHES.default.OPTIONS.behaviors.dead_timeout`: expected a whole number from 0 to 65535; this is a number",
        ),
        (
            "KEY_PREFIX = '${NOT_SET}'",
            "3:14: `CACHES.default.KEY_PREFIX`: the environment is not read, so `NOT_SET` has no value; `${NOT_SET:-default}` gives one",
        ),
        (
            "KEY_PREFIX = '${'",
            "3:14: `CACHES.default.KEY_PREFIX`: `${` has no `}`; a dollar that is meant is written `$$`",
        ),
    ] {
        assert_eq!(
            problems_with(lines),
            format!("caches.toml:{expected}"),
            "{lines}"
        );
    }
}

#[test]
fn each_mistake_around_the_aliases_is_one_problem_at_its_place() {
    let default = "[CACHES.default]\nBACKEND = 'locmem'\n";
    for (text, expected) in [
        (
            "CACHES = 5",
            "1:10: `CACHES`: expected tables of aliases, `[CACHES.default]`; this is a number",
        ),
        (
            "MEDIA_ROOT = 5",
            "1:14: `MEDIA_ROOT`: expected text, in quotes; this is a number",
        ),
        (
            "STATICFILES_DIRS = 'x'",
            "1:20: `STATICFILES_DIRS`: expected a list of texts; this text is neither",
        ),
        (
            "MEDIA_ROT = 'x'",
            "1:1: `MEDIA_ROT`: unknown setting, did you mean `MEDIA_ROOT`?",
        ),
        (
            "TIMEOUT = 5",
            "1:1: `TIMEOUT`: `TIMEOUT` belongs in the table of an alias, `[CACHES.default]`",
        ),
        (
            "COLOUR = 5",
            "1:1: `COLOUR`: unknown setting; there are `CACHES`, `DATABASES`, `VERSIONS`, `CACHE_MIDDLEWARE_ALIAS`, `CACHE_MIDDLEWARE_SECONDS`, \
             `CACHE_MIDDLEWARE_KEY_PREFIX`, `CACHE_MIDDLEWARE_IGNORE_COOKIES`, `USE_I18N`, `LANGUAGE_CODE`, `USE_TZ`, \
             `TIME_ZONE`, `USE_X_FORWARDED_HOST`, `SECURE_PROXY_SSL_HEADER`, `MEDIA_ROOT`, `STATIC_ROOT`, \
             `STATICFILES_DIRS`",
        ),
        (
            "[CACHE.default]\nBACKEND = 'locmem'\nTIMEOUT=5",
            "1:8: `CACHE.default`: unknown setting, did you mean `CACHES`?",
        ),
        (
            "[default]\nBACKEND = 'locmem'",
            "1:2: `default`: unknown setting, did you mean `[CACHES.default]`?",
        ),
        (
            "[CACHES]\ndefault = 'locmem'",
            "2:11: `CACHES.default`: expected a table, `[CACHES.default]`; this is text",
        ),
        (
            "[[CACHES.default]]\nBACKEND = 'locmem'",
            "1:1: `CACHES.default`: expected a table, `[CACHES.default]`; this is a list",
        ),
        (
            "[CACHES.default]",
            "1:9: `CACHES.default.BACKEND`: is missing; there are `dummy`, `locmem`",
        ),
        (
            "[CACHES.default]\nBACKEND = 5",
            "2:11: `CACHES.default.BACKEND`: expected text, in quotes; this is a number",
        ),
        (
            "[CACHES.default]\nBACKEND = 'locmen'",
            "2:11: `CACHES.default.BACKEND`: unknown backend `locmen`, did you mean `locmem`?",
        ),
        (
            "[CACHES.default]\nBACKND = 'locmem'",
            "2:1: `CACHES.default.BACKND`: unknown key, did you mean `BACKEND`?",
        ),
        (
            "[CACHES.default]\nBACKEND = 'redis'",
            "2:11: `CACHES.default.BACKEND`: the backend `redis` is not compiled in; enable the feature `redis` (have: \
             dummy, locmem)",
        ),
        (
            "[CACHES.default]\nBACKEND = 'django.core.cache.backends.memcached.PyMemcacheCache'",
            "2:11: `CACHES.default.BACKEND`: the backend `memcached` is not compiled in; enable the feature `memcached` \
             (have: dummy, locmem)",
        ),
    ] {
        assert_eq!(problems(text), format!("caches.toml:{expected}"), "{text}");
    }
    let text = format!("{default}[CACHES]\nMEDIA_ROOT = 'x'\n");
    assert_eq!(
        problems(&text),
        "caches.toml:4:1: `CACHES.MEDIA_ROOT`: `MEDIA_ROOT` is a top-level setting: in TOML it belongs above the first \
         `[table]`"
    );
    let text = format!("{default}[CACHES.OPTIONS]\nMAX_ENTRIES = 1\n");
    assert_eq!(
        problems(&text),
        "caches.toml:3:9: `CACHES.OPTIONS`: `OPTIONS` belongs in the table of an alias, `[CACHES.default]`"
    );
}

#[test]
fn each_syntax_error_is_one_problem_and_hides_no_other() {
    for (lines, expected) in [
        (
            "TIMEOUT = ",
            "3:11: `CACHES.default.TIMEOUT`: invalid TOML: a value is missing after `=`",
        ),
        (
            "TIMEOUT = 5m",
            "3:11: `CACHES.default.TIMEOUT`: invalid TOML: text is written in quotes",
        ),
        (
            "TIMEOUT = None",
            "3:11: `CACHES.default.TIMEOUT`: invalid TOML: there is no `None`; `\"never\"` is a timeout that never ends",
        ),
        (
            "KEY_PREFIX = 'x",
            "3:16: `CACHES.default.KEY_PREFIX`: invalid TOML: invalid literal string, expected `'`",
        ),
        (
            "TIMEOUT 5",
            "3:9: `CACHES.default.TIMEOUT`: invalid TOML: key with no value, expected `=`",
        ),
        (
            "TIMEOUT = 5\nTIMEOUT = 6",
            "4:1: `CACHES.default.TIMEOUT`: is there twice",
        ),
        (
            "LOCATION = ['a', 'b'",
            "3:21: `CACHES.default.LOCATION`: invalid TOML: unclosed array, expected `]`",
        ),
        (
            "[CACHES.default]\nTIMEOUT = 5",
            "3:2: `CACHES.default`: is there twice; a table is written once",
        ),
        (
            "[CACHES.default]\nBACKEND = 'locmem'",
            "3:2: `CACHES.default`: is there twice; a table is written once",
        ),
        (
            "[CACHES.default.OPTIONS\nMAX_ENTRIES = 5",
            "3:24: `CACHES.default.OPTIONS`: invalid TOML: unclosed table, expected `]`",
        ),
        ("]", "3:1: invalid TOML: missing table open, expected `[`"),
    ] {
        let expected = format!("caches.toml:{expected}");
        assert_eq!(problems_with(lines), expected, "{lines}");
        let others = format!(
            "{lines}\n[CACHES.other]\nBACKEND='locmem'\nCOLOR=1\n[CACHES.other.OPTIONS]\nMAX_ENTRY=1"
        );
        let problems = problems_with(&others);
        assert_eq!(problems.lines().count(), 3, "{problems}");
        assert!(problems.starts_with(&expected), "{problems}");
    }
}

#[test]
fn lines_may_end_as_they_do_on_windows() {
    let lines = "TIMOUT = 5\r\nKEY_PREFIX =\r\nLOCATION = [\r\n'x',\r\n5]\r\n[CACHES.other]\r\nBACKEND = 'locmem'\r\n";
    assert_eq!(
        problems_with(lines),
        "caches.toml:3:1: `CACHES.default.TIMOUT`: unknown key, did you mean `TIMEOUT`?\n\
         caches.toml:4:13: `CACHES.default.KEY_PREFIX`: invalid TOML: a value is missing after `=`\n\
         caches.toml:7:1: `CACHES.default.LOCATION[1]`: expected text, in quotes; this is a number"
    );
}

#[test]
fn a_broken_header_keeps_its_table() {
    for header in ["[CACHES.default", "[CACHES..default]", "CACHES.default]"] {
        let problems = problems(&format!("{header}\nBACKEND = 'locmem'\nTIMOUT = 5\n"));
        assert_eq!(problems.lines().count(), 2, "{problems}");
        assert!(problems.contains("did you mean `TIMEOUT`"), "{problems}");
    }
    let problems = problems("[CACHES default]\nBACKEND = 'locmem'\n");
    assert_eq!(problems.lines().count(), 1, "{problems}");
}

#[test]
fn a_correction_is_read_as_if_it_had_been_right() {
    let text = "[CACHES.default]\nBACKND = 'locmen'\n[CACHES.default.OPTION]\nMAX_BITES = 'x'\nSHARD = 1\n";
    let problems = problems(text);
    assert_eq!(problems.lines().count(), 4, "{problems}");
}

#[test]
fn what_a_backend_misses_is_a_problem_unless_another_problem_kept_it_away() {
    let safe = |lines| problems_with(&format!("{lines}OPTIONS.MODE = 'safe'"));
    assert_eq!(
        safe(""),
        "caches.toml:1:9: `CACHES.default.LOCATION`: is needed to be safe"
    );
    for lines in [
        "LOCATION = ['x', '']\n",
        "LOCATION = 5\n",
        "LOCATION = x\n",
        "LOCATION = '${NOT_SET}'\n",
        "LOCATION\n",
        "= 'x'\n",
        "PLACE = 'x'\n",
    ] {
        let problems = safe(lines);
        assert_eq!(problems.lines().count(), 1, "{problems}");
        assert!(!problems.contains("is needed"), "{problems}");
    }
}

#[test]
fn an_unknown_backend_lists_what_there_is_and_says_how_to_register() {
    let problems = problems(
        "[CACHES.default]\nBACKEND = 'myapp.cache.Mine'\n[CACHES.default.OPTIONS]\nWHATEVER = 1\nMAX_ENTRY = 5\n",
    );
    assert_eq!(
        problems,
        "caches.toml:2:11: `CACHES.default.BACKEND`: unknown backend `myapp.cache.Mine`; there are `dummy`, `locmem`; \
         others are registered with `cachemere::register_backend!` (in a crate that the program uses: one that nobody \
         mentions is not linked) or on the builder\n\
         caches.toml:5:1: `CACHES.default.OPTIONS.MAX_ENTRY`: unknown option, did you mean `MAX_ENTRIES`?"
    );
}

#[test]
fn an_unknown_key_function_lists_what_there_is_and_says_how_to_register() {
    let mut registry = registry();
    registry.add_key_function("myapp.keys.short", |key, _, _| key.to_owned());
    let text = "[CACHES.default]\nBACKEND = 'locmem'\nKEY_FUNCTION = ";
    let error = |name| {
        let sources = sources(&format!("{text}'{name}'"));
        load(&sources, &registry, &Context::default())
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        error("nowhere"),
        "caches.toml:3:16: `CACHES.default.KEY_FUNCTION`: unknown key function `nowhere`; there are `myapp.keys.short`; \
         they are registered with `cachemere::register_key_function!` (in a crate that the program uses: one that nobody \
         mentions is not linked) or on the builder"
    );
    assert!(error("myapp.keys.shrt").ends_with("did you mean `myapp.keys.short`?"));
    let known = sources(&format!("{text}'myapp.keys.short'"));
    let config = load(&known, &registry, &Context::default()).unwrap();
    let function = config.aliases[0].key_function.clone().unwrap();
    assert_eq!(function("k", "p", &1.into()), "k");
}

#[test]
fn a_name_that_is_registered_twice_is_a_problem_with_both_places() {
    let mut registry = registry();
    registry.add_backend_as::<Store>("myapp.cache.Mine");
    registry.add_backend_as::<Store>("myapp.cache.Mine");
    let error = load(&sources(""), &registry, &Context::default())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`myapp.cache.Mine` is registered twice, first at "),
        "{error}"
    );
    assert_eq!(error.matches(file!()).count(), 2, "{error}");
}

#[test]
fn an_unset_variable_is_named() {
    let sources = Sources {
        environment: environment(&[]),
        ..sources("[CACHES.default]\nBACKEND = '${BACKEND}'\n")
    };
    assert_eq!(
        super::refused(&sources),
        "caches.toml:2:11: `CACHES.default.BACKEND`: the environment variable `BACKEND` is not set; \
         `${BACKEND:-default}` would do without"
    );
}

#[test]
fn a_broken_statement_behind_blanks_is_a_problem_and_no_panic() {
    for text in [
        "# T\n\n\u{b}\u{b}\0\u{b}n one ofm(nt\n",
        "\n   = \"x\"\n",
        "  \u{a0}= 1\n",
        "\t[a\n \u{2003}b:c\n",
    ] {
        assert!(!problems(text).is_empty(), "{text:?}");
    }
}
