//! `[VERSIONS]`.

use super::{config, environment, files_of, loaded, problems, refused, sources};
use crate::config::{Sources, VersionKind};

const DATABASES: &str = "[DATABASES]\ndefault = 'sqlite::memory:'\nother = 'sqlite::memory:'\n";
const CACHES: &str = "[CACHES.default]\nBACKEND = 'locmem'\n[CACHES.local]\nBACKEND = 'locmem'\n";

fn versions(lines: &str) -> String {
    format!("{DATABASES}[VERSIONS]\n{lines}\n{CACHES}")
}

#[test]
fn what_is_left_out_has_a_default() {
    for text in ["", DATABASES, &versions("")] {
        let versions = config(text).versions;
        assert_eq!(versions.is_given, text.contains("VERSIONS"));
        assert_eq!(versions.database, "default");
        assert_eq!(versions.table, "cachemere_versions");
        assert_eq!(versions.kind, VersionKind::Random);
        assert_eq!(versions.cache, None);
    }
}

#[test]
fn every_key_is_read() {
    let lines = "DATABASE = 'other'\nTABLE = 'my_versions'\nKIND = 'counting'\nCACHE = 'local'";
    let versions = config(&versions(lines)).versions;
    assert!(versions.is_given);
    assert_eq!(versions.database, "other");
    assert_eq!(versions.table, "my_versions");
    assert_eq!(versions.kind, VersionKind::Counting);
    assert_eq!(versions.cache.as_deref(), Some("local"));
}

#[test]
fn what_is_wrong_is_a_problem_at_its_place() {
    for (line, problem) in [
        (
            "DATABASE = 'othr'",
            "5:12: `VERSIONS.DATABASE`: unknown database `othr`, did you mean `other`?",
        ),
        (
            "CACHE = 'nope'",
            "5:9: `VERSIONS.CACHE`: unknown alias `nope`; there are `default`, `local`",
        ),
        (
            "CACHE = 5",
            "5:9: `VERSIONS.CACHE`: expected text, in quotes; this is a number",
        ),
        (
            "KIND = 'countng'",
            "5:8: `VERSIONS.KIND`: unknown value `countng`, did you mean `counting`?",
        ),
        (
            "TABLE = 'my table'",
            "5:9: `VERSIONS.TABLE`: expected the name of a table: 1 to 63 bytes without blanks and control characters",
        ),
        (
            "TABLE = ''",
            "5:9: `VERSIONS.TABLE`: expected the name of a table: 1 to 63 bytes without blanks and control characters",
        ),
        (
            "TABEL = 'x'",
            "5:1: `VERSIONS.TABEL`: unknown key, did you mean `TABLE`?",
        ),
        (
            "COLOUR = 'x'",
            "5:1: `VERSIONS.COLOUR`: unknown key; there are `DATABASE`, `TABLE`, `KIND`, `CACHE`",
        ),
    ] {
        assert_eq!(problems(&versions(line)), format!("caches.toml:{problem}"));
    }
    assert!(problems("VERSION = 2").contains("`VERSION` belongs in the table of an alias"));
    assert_eq!(
        problems("VERSIONS = 'random'"),
        "caches.toml:1:12: `VERSIONS`: expected a table, `[VERSIONS]`; this is text"
    );
}

fn with(variables: &[(&str, &str)]) -> Sources {
    Sources {
        environment: environment(variables),
        ..sources(&versions("KIND = 'counting'\nCACHE = 'local'"))
    }
}

#[test]
fn variables_override_single_keys() {
    let versions = loaded(&with(&[
        ("VERSIONS__CACHE", "default"),
        ("VERSIONS__table", "my_versions"),
    ]))
    .versions;
    assert_eq!(versions.cache.as_deref(), Some("default"));
    assert_eq!(versions.table, "my_versions");
    assert_eq!(versions.kind, VersionKind::Counting);
}

#[test]
fn a_variable_needs_no_table_in_the_file() {
    let variables = environment(&[("VERSIONS__KIND", "counting")]);
    let versions = loaded(&Sources {
        environment: variables,
        ..sources(CACHES)
    })
    .versions;
    assert!(versions.is_given);
    assert_eq!(versions.kind, VersionKind::Counting);
}

#[test]
fn a_variable_that_is_wrong_is_a_problem_that_names_it() {
    for (name, value, expected) in [
        (
            "VERSIONS__CACHE",
            "defalt",
            ": `VERSIONS.CACHE`: unknown alias; there are `default`, `local`",
        ),
        (
            "VERSIONS__KIND",
            "[",
            ": `VERSIONS.KIND`: begins like a TOML value (`[`, `{` or `\"`), and is none",
        ),
        (
            "VERSIONS__CACH",
            "default",
            ": `VERSIONS.CACH`: unknown key, did you mean `CACHE`?",
        ),
        (
            "VERSIONS__CACHE__TIMEOUT",
            "1",
            ": `CACHE` has no keys below it",
        ),
        ("VERSIONS__", "1", ": names no key; `VERSIONS__CACHE` does"),
    ] {
        let problem = format!("environment variable `{name}`{expected}");
        assert_eq!(refused(&with(&[(name, value)])), problem);
    }
    let twice = [("VERSIONS__KIND", "random"), ("VERSIONS__kind", "random")];
    assert_eq!(
        refused(&with(&twice)),
        "environment variable `VERSIONS__kind`: `VERSIONS.KIND`: another variable sets the same key"
    );
}

#[test]
fn the_table_of_a_later_file_replaces_the_whole_table() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        (
            "a.toml",
            versions("TABLE = 'old'\nTABEL = 'replaced, so not read'"),
        ),
        ("b.toml", "[VERSIONS]\nKIND = 'counting'\n".to_owned()),
        ("c.toml", "[CACHES.more]\nBACKEND = 'locmem'\n".to_owned()),
    ]
    .map(|(name, text)| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    });
    let versions = loaded(&files_of(&files)).versions;
    assert_eq!(versions.kind, VersionKind::Counting);
    assert_eq!(versions.table, "cachemere_versions");
}
