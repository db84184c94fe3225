//! `[DATABASES]`: opened with the real backend, which connects to nothing here.

use cachemere_base::Context;
use cachemere_db::Databases;

use super::{environment, files_of, sources};
use crate::{
    config::{Sources, load},
    registry::Registry,
};

/// A file of which only the databases matter.
const CACHES: &str = "[CACHES.default]\nBACKEND = 'locmem'\n";

/// The databases as `alias place`, or the problems.
fn databases(sources: &Sources) -> Result<Vec<String>, String> {
    let context = Context::default();
    let loaded = load(sources, &Registry::new(), &context);
    loaded.map_err(|error| error.to_string())?;
    let databases = context.shared("", Databases::default);
    let shown = databases.aliases().into_iter().map(|alias| {
        let place = databases.get(&alias).unwrap().place();
        format!("{alias} {place}")
    });
    Ok(shown.collect())
}

fn with(lines: &str, variables: &[(&str, &str)]) -> Sources {
    Sources {
        environment: environment(variables),
        ..sources(&format!("{CACHES}{lines}\n"))
    }
}

fn problems(lines: &str) -> String {
    databases(&with(lines, &[])).unwrap_err()
}

#[test]
fn a_database_is_a_url_or_a_table_with_one() {
    let text = "[DATABASES]\nsmall = 'sqlite:/var/tmp/small.db'\n\
                [DATABASES.default]\nURL = 'sqlite:large.db'\nPOOL_SIZE = 3\n";
    assert_eq!(
        databases(&with(text, &[])).unwrap(),
        ["default sqlite:large.db", "small sqlite:/var/tmp/small.db"]
    );
}

#[test]
fn without_databases_there_is_a_file_beside_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("caches.toml");
    std::fs::write(&file, CACHES).unwrap();
    let expected = folder.path().join("caches.sqlite3");
    assert_eq!(
        databases(&files_of(&[file])).unwrap(),
        [format!("default sqlite:{}", expected.display())]
    );
    let here = std::env::current_dir().unwrap().join("caches.sqlite3");
    assert_eq!(
        databases(&sources(CACHES)).unwrap(),
        [format!("default sqlite:{}", here.display())]
    );
}

#[test]
fn each_mistake_in_a_database_is_one_problem_at_its_place() {
    for (lines, expected) in [
        (
            "[DATABASE]\ndefault = 'sqlite:x'",
            "4:1: `DATABASE.default`: unknown setting, did you mean `DATABASES`?",
        ),
        (
            "[DATABASES]\ndefault = 5",
            "4:11: `DATABASES.default`: expected a URL in quotes, or a table with one; this is a number",
        ),
        (
            "[DATABASES.default]\nPOOL_SIZE = 3",
            "3:12: `DATABASES.default.URL`: is missing; it begins with `sqlite:`, `postgres://` or `mysql://`",
        ),
        (
            "[DATABASES.default]\nURL = ''",
            "4:7: `DATABASES.default.URL`: the URL has no scheme; expected `sqlite:path`, `sqlite::memory:`, `postgres://…` or `mysql://…`",
        ),
        (
            "[DATABASES.default]\nURL = 'sqlite:x'\nPOOLSIZE = 3",
            "5:1: `DATABASES.default.POOLSIZE`: unknown key, did you mean `POOL_SIZE`?",
        ),
        (
            "[DATABASES.default]\nURL = 'sqlite:x'\nPOOL_SIZE = 0",
            "5:13: `DATABASES.default.POOL_SIZE`: expected a whole number, 1 or more; this is a number",
        ),
        (
            "[DATABASES.default]\nURL = 'sqlite:x'\nHOST = 'h'",
            "5:1: `DATABASES.default.HOST`: unknown key; it is a part of `URL`, `postgres://user:password@host:5432/name`",
        ),
        (
            "[CACHES.DATABASES]",
            "3:9: `CACHES.DATABASES`: `DATABASES` is a table of its own: `[DATABASES.default]`",
        ),
    ] {
        assert_eq!(
            problems(lines),
            format!("caches.toml:{expected}"),
            "{lines}"
        );
    }
    assert_eq!(
        databases(&sources("DATABASES = 5")).unwrap_err(),
        "caches.toml:1:13: `DATABASES`: expected databases by alias, `[DATABASES]` and `default = \"sqlite:path\"`; \
         this is a number"
    );
}

#[test]
fn a_cache_that_names_no_database_there_is_is_told_which_there_are() {
    let text = "[CACHES.b]\nBACKEND = 'db'\nLOCATION = 't'\nOPTIONS = { DATABASE = 'replica' }\n\
                [DATABASES]\ndefault = 'sqlite:a'\nother = 'sqlite:b'";
    let expected = "caches.toml:6:24: `CACHES.b.OPTIONS.DATABASE`: ";
    let problems = problems(text);
    assert!(problems.starts_with(expected), "{problems}");
    assert!(
        problems.ends_with("`default`, `other`") && problems.lines().count() == 1,
        "{problems}"
    );
}

#[test]
fn a_wrong_database_is_no_problem_of_the_caches_in_it() {
    for database in ["default = 'oracle://h'", "default = 5", "default = "] {
        let problems = problems(&format!(
            "[CACHES.b]\nBACKEND = 'db'\nLOCATION = 't'\n[CACHES.c]\nBACKEND = 'db'\nLOCATION = 'u'\n\
             OPTIONS = {{ DATABASE = 'default' }}\n[DATABASES]\n{database}"
        ));
        assert_eq!(problems.lines().count(), 1, "{problems}");
        assert!(problems.starts_with("caches.toml:11:11: "), "{problems}");
    }
}

#[test]
fn a_database_of_a_later_file_replaces_the_whole_database() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("a.toml", "[DATABASES.default]\nURL = 'sqlite:/a'\nPOOL_SIZ = 'replaced, so not read'\n[DATABASES.kept]\nURL = 'sqlite:/k'\n"),
        ("b.toml", "[DATABASES]\ndefault = 'sqlite:/b'\n"),
    ]
    .map(|(name, text)| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    });
    assert_eq!(
        databases(&files_of(&files)).unwrap(),
        ["default sqlite:/b", "kept sqlite:/k"]
    );
}

#[test]
fn variables_override_keys_and_may_name_the_default_database() {
    let file = "[DATABASES.default]\nURL = '${NOT_SET}'\nPOOL_SIZE = 3\n[DATABASES]\nread-only = 'sqlite:/r'";
    for (name, value) in [
        ("DATABASES__DEFAULT", "sqlite:/env"),
        ("DATABASES__default__url", "sqlite:/env"),
    ] {
        let sources = with(
            file,
            &[(name, value), ("DATABASES__READ_ONLY__POOL_SIZE", "2")],
        );
        assert_eq!(
            databases(&sources).unwrap(),
            ["default sqlite:/env", "read-only sqlite:/r"]
        );
    }
    let implied = with("", &[("DATABASES__DEFAULT", "sqlite:/env")]);
    assert_eq!(databases(&implied).unwrap(), ["default sqlite:/env"]);
}

#[test]
fn a_variable_that_fits_no_database_is_a_problem_that_names_it() {
    let file = "[DATABASES]\ndefault = 'sqlite:/a'\nreplica = 'sqlite:/b'";
    for (name, value, expected) in [
        (
            "DATABASES__REPLCA",
            "x",
            ": fits no alias, did you mean `replica`?",
        ),
        (
            "DATABASES__",
            "x",
            ": names no alias; `DATABASES__DEFAULT__URL` is the URL of `default`",
        ),
        (
            "DATABASES__DEFAULT__POOL_SIZ",
            "3",
            ": `DATABASES.default.POOL_SIZ`: unknown key, did you mean `POOL_SIZE`?",
        ),
        (
            "DATABASES__DEFAULT__POOL_SIZE",
            "many",
            ": `DATABASES.default.POOL_SIZE`: expected a whole number, 1 or more",
        ),
        (
            "DATABASES__DEFAULT__URL__X",
            "1",
            ": `URL` has no keys below it",
        ),
    ] {
        let problems = databases(&with(file, &[(name, value)])).unwrap_err();
        assert_eq!(problems, format!("environment variable `{name}`{expected}"));
    }
    let twice = [
        ("DATABASES__DEFAULT", "sqlite:/a"),
        ("DATABASES__DEFAULT__URL", "sqlite:/b"),
    ];
    assert_eq!(
        databases(&with(file, &twice)).unwrap_err(),
        "environment variable `DATABASES__DEFAULT__URL`: `DATABASES.default.URL`: another variable sets the same key"
    );
}

#[test]
fn neither_passwords_nor_variables_are_shown() {
    const SECRET: &str = "hunter2";
    for url in [
        "postgres://app:hunter2@h/d",
        "postgres://app:hunter2@h:port/d",
        "postgress://app:hunter2@h/d",
        "mysql://app:hunter2@/",
        "postgres://h/d?password=hunter2",
        "hunter2",
        "sqlite:hunter2?mode=x",
    ] {
        let in_variable = with("[DATABASES]\ndefault = '${SECRET}'", &[("SECRET", url)]);
        let by_variable = with("", &[("DATABASES__DEFAULT", url)]);
        for sources in [in_variable, by_variable] {
            let context = Context::default();
            let shown = match load(&sources, &Registry::new(), &context) {
                Ok(config) => format!("{config:?} {context:?}"),
                Err(error) => format!("{error} {error:?}"),
            };
            assert!(!shown.contains(SECRET), "{url}: {shown}");
        }
        if url.contains("://app") {
            let written = with(&format!("[DATABASES]\ndefault = '{url}'"), &[]);
            let shown = databases(&written).map_or_else(|error| error, |shown| shown.join(" "));
            assert!(!shown.contains(SECRET), "{url}: {shown}");
        }
    }
}
