use super::{environment, loaded, refused, sources};
use crate::{
    Version,
    config::{Alias, Sources},
};

const FILE: &str = "[CACHES.default]\nBACKEND = 'locmem'\n[CACHES.my-sessions]\nBACKEND = 'locmem'\nTIMEOUT = 1\n\
                    LOCATION = 'kept'\n[CACHES.my-sessions.OPTIONS]\nMAX_BYTES = 1\nbehaviors = { ketama = true }\n";

fn with(variables: &[(&str, &str)]) -> Sources {
    Sources {
        environment: environment(variables),
        ..sources(FILE)
    }
}

/// The alias `my-sessions` of the file with these variables.
fn sessions(variables: &[(&str, &str)]) -> Alias {
    loaded(&with(variables)).aliases.remove(1)
}

fn opened(variables: &[(&str, &str)]) -> String {
    format!("{:?}", sessions(variables).backend)
}

#[test]
fn variables_override_single_keys() {
    let alias = sessions(&[
        ("CACHES__MY_SESSIONS__TIMEOUT", "60"),
        ("CACHES__MY_SESSIONS__OPTIONS__MAX_ENTRIES", "7"),
        ("UNRELATED", "x"),
    ]);
    assert_eq!(alias.timeout.unwrap().as_secs(), 60);
    assert_eq!(alias.settings.max_entries(), 7);
    assert_eq!(alias.settings.locations(), ["kept"]);
    assert!(format!("{:?}", alias.backend).contains("max_bytes: 1,"));
}

#[test]
fn names_are_matched_without_case_and_with_hyphens_as_underscores() {
    for name in [
        "CACHES__my_sessions__timeout",
        "CACHES__My-Sessions__Timeout",
        "CACHES__MY_SESSIONS__TIMEOUT",
    ] {
        assert_eq!(
            sessions(&[(name, "2")]).timeout.unwrap().as_secs(),
            2,
            "{name}"
        );
    }
    for (name, value, expected) in [
        (
            "CACHES__MY_SESSIONS__OPTIONS__NO_DELAY",
            "true",
            "no_delay: true",
        ),
        (
            "CACHES__MY_SESSIONS__OPTIONS__max_bytes",
            "5",
            "max_bytes: 5,",
        ),
        (
            "CACHES__MY_SESSIONS__OPTIONS__BEHAVIORS__DEAD_TIMEOUT",
            "9",
            "ketama: true, dead_timeout: 9",
        ),
        (
            "CACHES__MY_SESSIONS__OPTIONS__NODES",
            "['a', 'b']",
            "nodes: [\\\"a\\\", \\\"b\\\"]",
        ),
        (
            "CACHES__MY_SESSIONS__OPTIONS__LABELS__KEY",
            "v",
            "{\\\"key\\\": \\\"v\\\"}",
        ),
        (
            "CACHES__MY_SESSIONS__OPTIONS",
            "{ MAX_BYTES = 4 }",
            "max_bytes: 4,",
        ),
        (
            "CACHES__MY_SESSIONS__OPTIONS__PASSWORD",
            "007",
            "Some(\\\"007\\\")",
        ),
        (
            "CACHES__MY_SESSIONS__LOCATION",
            "[\"x\", \"y\"]",
            "[\\\"x\\\", \\\"y\\\"] ",
        ),
    ] {
        let opened = opened(&[(name, value)]);
        assert!(opened.contains(expected), "{name}: {opened}");
    }
}

#[test]
fn values_stay_text_where_text_is_wanted() {
    let alias = sessions(&[
        ("CACHES__MY_SESSIONS__KEY_PREFIX", "007"),
        ("CACHES__MY_SESSIONS__LOCATION", "12"),
        ("CACHES__MY_SESSIONS__VERSION", "2"),
    ]);
    assert_eq!(alias.key_prefix, "007");
    assert_eq!(alias.settings.locations(), ["12"]);
    assert_eq!(alias.version, Version::Number(2));
    let quoted = sessions(&[("CACHES__MY_SESSIONS__KEY_PREFIX", "\" x \"")]);
    assert_eq!(quoted.key_prefix, " x ");
    let literal = sessions(&[("CACHES__MY_SESSIONS__KEY_PREFIX", "pa$$${X}")]);
    assert_eq!(literal.key_prefix, "pa$$${X}");
}

#[test]
fn what_fits_nothing_is_one_problem_that_names_the_variable() {
    for (name, value, expected) in [
        (
            "CACHES__MY_SESIONS__TIMEOUT",
            "1",
            ": fits no alias, did you mean `my-sessions`?",
        ),
        (
            "CACHES__NOTHING__TIMEOUT",
            "1",
            ": fits no alias; there are `default`, `my-sessions`",
        ),
        (
            "CACHES__",
            "1",
            ": names no alias; `CACHES__DEFAULT__TIMEOUT` is the TIMEOUT of `default`",
        ),
        (
            "CACHES__DEFAULT__",
            "1",
            ": names no key; `CACHES__…__TIMEOUT` does",
        ),
        (
            "CACHES__DEFAULT",
            "1",
            ": `CACHES.default`: expected a table, `[CACHES.default]`",
        ),
        (
            "CACHES__DEFAULT__TIMEOUT__X",
            "1",
            ": `TIMEOUT` has no keys below it; `OPTIONS` has",
        ),
        (
            "CACHES__DEFAULT__TIMOUT",
            "1",
            ": `CACHES.default.TIMOUT`: unknown key, did you mean `TIMEOUT`?",
        ),
        (
            "CACHES__DEFAULT__OPTIONS__MAX_ENTRY",
            "1",
            ": `CACHES.default.OPTIONS.MAX_ENTRY`: unknown option, did you mean `MAX_ENTRIES`?",
        ),
        (
            "CACHES__DEFAULT__OPTIONS__MAX_BYTES",
            "many",
            ": `CACHES.default.OPTIONS.MAX_BYTES`: expected a whole number from 0 to 4294967295",
        ),
        (
            "CACHES__DEFAULT__OPTIONS__NODES",
            "[",
            ": `CACHES.default.OPTIONS.NODES`: begins like a TOML value (`[`, `{` or `\"`), and is none",
        ),
        (
            "CACHES__DEFAULT__OPTIONS",
            "x",
            ": `CACHES.default.OPTIONS`: expected a table",
        ),
        (
            "CACHES__DEFAULT__OPTIONS__SHARDS",
            "300",
            ": `CACHES.default.OPTIONS.SHARDS`: expected a whole number from 0 to 255",
        ),
    ] {
        let expected = format!("environment variable `{name}`{expected}");
        assert_eq!(refused(&with(&[(name, value)])), expected);
    }
}

#[test]
fn a_variable_that_fits_two_aliases_is_a_problem() {
    let text = "[CACHES.default]\nBACKEND='locmem'\n[CACHES.a-b]\nBACKEND='locmem'\n[CACHES.A_B]\nBACKEND='locmem'\n";
    let two = Sources {
        environment: environment(&[("CACHES__A_B__TIMEOUT", "1")]),
        ..sources(text)
    };
    assert_eq!(
        refused(&two),
        "environment variable `CACHES__A_B__TIMEOUT`: fits `a-b`, `A_B` alike; the names differ only in what a \
         variable cannot say"
    );
}

#[test]
fn two_variables_for_one_key_are_a_problem() {
    let problems = refused(&with(&[
        ("CACHES__DEFAULT__TIMEOUT", "1"),
        ("CACHES__default__TIMEOUT", "2"),
    ]));
    assert_eq!(
        problems,
        "environment variable `CACHES__default__TIMEOUT`: `CACHES.default.TIMEOUT`: another variable sets the same key"
    );
}

#[test]
fn variables_alone_name_their_aliases_in_lower_case() {
    let sources = Sources {
        environment: environment(&[
            ("CACHES__DEFAULT__BACKEND", "locmem"),
            ("CACHES__SESSIONS__BACKEND", "dummy"),
            ("CACHES__SESSIONS__OPTIONS__MAX_BYTES", "5"),
        ]),
        ..Sources::default()
    };
    let aliases = loaded(&sources).aliases;
    assert_eq!(aliases[1].name, "sessions");
    assert!(format!("{:?}", aliases[1].backend).contains("max_bytes: 5,"));
}

#[test]
fn variables_alone_need_a_backend_and_the_default_alias() {
    let sources = Sources {
        environment: environment(&[("CACHES__SESSIONS__TIMEOUT", "1")]),
        ..Sources::default()
    };
    let place = "environment variable `CACHES__SESSIONS__TIMEOUT`";
    let problems = refused(&sources);
    assert_eq!(
        problems,
        format!(
            "{place}: `CACHES.default`: is missing, and every configuration has it\n\
             {place}: `CACHES.sessions.BACKEND`: is missing; there are `dummy`, `locmem`"
        )
    );
}

#[test]
fn a_variable_for_the_implied_default_is_read() {
    let sources = Sources {
        environment: environment(&[("CACHES__DEFAULT__TIMEOUT", "1")]),
        ..sources("")
    };
    assert_eq!(loaded(&sources).aliases[0].timeout.unwrap().as_secs(), 1);
}

#[test]
fn an_overridden_text_needs_no_variables() {
    let sources = Sources {
        environment: environment(&[("CACHES__DEFAULT__LOCATION", "here")]),
        ..sources("[CACHES.default]\nBACKEND='locmem'\nLOCATION='${NOT_SET}'\n")
    };
    assert_eq!(loaded(&sources).aliases[0].settings.locations(), ["here"]);
}

#[test]
fn an_ipv6_address_in_brackets_is_text_and_a_list_is_a_list() {
    let locations = |text| sessions(&[("CACHES__MY_SESSIONS__LOCATION", text)]).settings;
    assert_eq!(locations("[::1]:11211").locations(), ["[::1]:11211"]);
    assert_eq!(
        locations("[::1]:1;[::1]:2").locations(),
        ["[::1]:1;[::1]:2"]
    );
    assert_eq!(
        locations("['a', \"[::1]:1\"]").locations(),
        ["a", "[::1]:1"]
    );
}
