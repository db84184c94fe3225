use cachemere_base::Context;

use super::{environment, loaded, registry, sources};
use crate::config::{Sources, load};

const MARKER: &str = "hunter2";

/// Everything that can be seen of a configuration: its problems, or what it is shown as.
fn seen(sources: &Sources) -> String {
    let shown = match load(sources, &registry(), &Context::default()) {
        Ok(config) => {
            let locations: Vec<_> = config
                .aliases
                .iter()
                .map(|alias| (&alias.location_shown, &alias.notes))
                .collect();
            format!("{config:?} {locations:?}")
        }
        Err(error) => format!("{error} {error:?}"),
    };
    format!("{shown} {sources:?}")
}

/// Values that are right here and wrong there, with the marker in them.
const VALUES: [&str; 9] = [
    "MARKER",
    "bad MARKER",
    "redis://user:MARKER@host",
    "bad redis://:MARKER@host",
    "[\"MARKER\", 5]",
    "[MARKER",
    "{ ketama = \"MARKER\", MARKER = 1 }",
    "{ ketma = \"MARKER\" }",
    "\"MARKER\" MARKER",
];

const KEYS: [&str; 27] = [
    "BACKEND",
    "LOCATION",
    "TIMEOUT",
    "KEY_PREFIX",
    "VERSION",
    "KEY_FUNCTION",
    "OPTIONS",
    "TIMOUT",
    "COLOUR",
    "OPTIONS.MAX_ENTRIES",
    "OPTIONS.CULL_FREQUENCY",
    "OPTIONS.SERIALIZER",
    "OPTIONS.COMPRESSOR",
    "OPTIONS.COMPRESSOR_MIN_SIZE",
    "OPTIONS.ON_ERROR",
    "OPTIONS.ignore_exc",
    "OPTIONS.KEY_WARNINGS",
    "OPTIONS.GET_OR_SET_WAIT",
    "OPTIONS.DJANGO",
    "OPTIONS.MAX_BYTES",
    "OPTIONS.MODE",
    "OPTIONS.PASSWORD",
    "OPTIONS.NODES",
    "OPTIONS.behaviors",
    "OPTIONS.EVEN",
    "OPTIONS.MAX_BITES",
    "OPTIONS.COLOUR",
];

fn with(key: &str, written: &str) -> String {
    let backend = match key {
        "BACKEND" => "",
        _ => "BACKEND = 'locmem'\n",
    };
    format!("[CACHES.default]\n{backend}{key} = {written}\n")
}

#[test]
fn the_value_of_a_variable_is_never_shown() {
    for key in KEYS {
        for value in VALUES.map(|value| value.replace("MARKER", MARKER)) {
            let name = format!("CACHES__DEFAULT__{}", key.replace('.', "__"));
            let overridden = Sources {
                environment: environment(&[(&name, &value)]),
                ..sources("[CACHES.default]\nBACKEND = 'locmem'\n")
            };
            let seen = seen(&overridden);
            // the keys of a table are no values
            let seen = seen
                .replace(&format!("behaviors.{MARKER}"), "")
                .replace(&format!("OPTIONS.{MARKER}"), "");
            assert!(!seen.contains(MARKER), "{key} = {value}: {seen}");
        }
    }
}

#[test]
fn an_interpolated_value_is_never_shown() {
    for key in KEYS {
        for value in VALUES.map(|value| value.replace("MARKER", MARKER)) {
            for written in [
                "'${SECRET}'",
                "'a${SECRET}b'",
                "['${SECRET}']",
                "{ ketama = '${SECRET}' }",
            ] {
                let interpolated = Sources {
                    environment: environment(&[("SECRET", &value)]),
                    ..sources(&with(key, written))
                };
                let seen = seen(&interpolated);
                assert!(!seen.contains(MARKER), "{key} = {written}, {value}: {seen}");
            }
        }
    }
}

#[test]
fn a_text_in_a_file_is_shown_only_where_it_is_a_misspelt_name() {
    let names = [
        "BACKEND",
        "KEY_FUNCTION",
        "OPTIONS.SERIALIZER",
        "OPTIONS.COMPRESSOR",
        "OPTIONS.ON_ERROR",
        "OPTIONS.MODE",
    ];
    for key in KEYS.into_iter().filter(|key| !names.contains(key)) {
        let seen = seen(&sources(&with(key, &format!("'{MARKER}'"))));
        let is_location = key == "LOCATION";
        assert!(!seen.contains(MARKER) || is_location, "{key}: {seen}");
    }
}

#[test]
fn a_password_in_a_file_is_never_shown() {
    for (key, value) in [
        ("LOCATION", "redis://u:hunter2@h"),
        ("LOCATION", "bad://u:hunter2@h"),
        ("BACKEND", "redis://u:hunter2@h"),
        ("OPTIONS.MODE", "redis://u:hunter2@h"),
        ("OPTIONS.PASSWORD", "hunter2"),
        ("OPTIONS.PASWORD", "hunter2"),
    ] {
        let seen = seen(&sources(&with(key, &format!("'{value}'"))));
        assert!(!seen.contains(MARKER), "{key}: {seen}");
    }
}

#[test]
fn a_text_without_quotes_is_not_shown() {
    for key in KEYS {
        for written in [
            "hunter2",
            "'hunter2",
            "\"\\qhunter2\"",
            "hunter2 hunter2",
            "['a' hunter2]",
            "{ a = hunter2 }",
        ] {
            let seen = seen(&sources(&with(key, written)));
            assert!(!seen.contains(MARKER), "{key} = {written}: {seen}");
        }
    }
}

#[test]
fn settings_in_code_are_not_in_debug() {
    let mut sources = sources("[CACHES.default]\nBACKEND = 'locmem'\n");
    sources.add_setting("default", "OPTIONS.PASSWORD", MARKER.into());
    sources.add_setting("default", "KEY_PREFIX", MARKER.into());
    sources.environment = environment(&[("CACHES__DEFAULT__VERSION", MARKER)]);
    assert!(!seen(&sources).contains(MARKER));
}

#[test]
fn the_location_is_shown_as_it_is_written_without_its_password() {
    for (written, shown) in [
        ("'redis://u:pw@h'", "redis://u:***@h"),
        (
            "'redis://u:${SECRET}@${HOST:-h}'",
            "redis://u:***@${HOST:-h}",
        ),
        ("['/a', '/b']", "/a, /b"),
        ("'/var/cache'", "/var/cache"),
    ] {
        let sources = Sources {
            environment: environment(&[("SECRET", MARKER)]),
            ..sources(&with("LOCATION", written))
        };
        assert_eq!(loaded(&sources).aliases[0].location_shown, shown);
    }
    let variable = Sources {
        environment: environment(&[("CACHES__DEFAULT__LOCATION", MARKER)]),
        ..sources(&with("LOCATION", "'/x'"))
    };
    assert_eq!(
        loaded(&variable).aliases[0].location_shown,
        "${CACHES__DEFAULT__LOCATION}"
    );
}
