use serde_json::json;

use crate::site::Site;

/// Caches in two databases, whose tables nothing but the command creates; two of them share one.
const TABLES: &str = r#"
[DATABASES]
default = "sqlite:default.db"
other = "sqlite:other.db"

[CACHES.default]
BACKEND = "db"
LOCATION = "one"
OPTIONS = { AUTO_CREATE = false }

[CACHES.prefixed]
BACKEND = "db"
LOCATION = "one"
KEY_PREFIX = "p"
OPTIONS = { AUTO_CREATE = false }

[CACHES.elsewhere]
BACKEND = "db"
LOCATION = "two"
OPTIONS = { AUTO_CREATE = false, DATABASE = "other" }

[CACHES.memory]
BACKEND = "locmem"
"#;

#[test]
fn a_missing_table_is_an_error_that_names_the_command_which_creates_it() {
    let site = Site::new(TABLES);
    let ran = site.run(["get", "key"]);
    assert_eq!(ran.code, 3);
    assert!(
        ran.stderr
            .contains("table `one` is missing in database `default`")
            && ran.stderr.contains("`cachemere createcachetable`"),
        "{}",
        ran.stderr
    );
    assert_eq!(site.run(["createcachetable"]).code, 0);
    assert_eq!(site.run(["set", "key", "1"]).code, 0);
    assert_eq!(site.run(["get", "key"]).stdout, "1\n");
    assert_eq!(site.run(["check"]).code, 0);
}

#[test]
fn every_table_is_created_once_and_a_second_time_is_told_so() {
    let site = Site::new(TABLES);
    let ran = site.run(["createcachetable"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
        (
            0,
            "table `one` is created in database `default`\ntable `two` is created in database `other`\n",
            ""
        )
    );
    let ran = site.run(["createcachetable"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
        (
            0,
            "",
            "table `one` is there already in database `default`\ntable `two` is there already in database `other`\n"
        )
    );
}

#[test]
fn a_dry_run_prints_the_sql_of_what_is_missing_and_creates_nothing() {
    let site = Site::new(TABLES);
    site.run(["createcachetable", "--database", "other"]);
    for _ in 0..2 {
        let ran = site.run(["createcachetable", "--dry-run"]);
        assert_eq!(ran.code, 0);
        assert!(
            ran.stdout
                .starts_with("CREATE TABLE IF NOT EXISTS \"one\" (\n")
                && ran.stdout.ends_with(";\n"),
            "{}",
            ran.stdout
        );
        assert!(!ran.stdout.contains("\"two\""), "{}", ran.stdout);
        assert_eq!(
            ran.stderr,
            "table `two` is there already in database `other`\n"
        );
    }
    assert_eq!(site.run(["get", "key"]).code, 3);
}

#[test]
fn tables_that_are_named_are_created_whether_or_not_a_cache_has_them() {
    let site = Site::new(TABLES);
    let ran = site.run(["createcachetable", "one", "a b", "--database", "other"]);
    assert_eq!(
        ran.stdout,
        "table `one` is created in database `other`\ntable `a b` is created in database `other`\n"
    );
    assert_eq!(
        site.run(["createcachetable", "new"]).stdout,
        "table `new` is created in database `default`\n"
    );
}

#[test]
fn as_json_every_table_is_an_object() {
    let site = Site::new(TABLES);
    site.run(["createcachetable", "--database", "other"]);
    let ran = site.run(["createcachetable", "--json"]);
    let mut tables = ran.json();
    for table in tables.as_array_mut().unwrap() {
        assert!(table["sql"].take().as_str().unwrap().ends_with(";\n"));
    }
    assert_eq!(
        tables,
        json!([
            { "table": "one", "database": "default", "result": "created", "sql": null },
            { "table": "two", "database": "other", "result": "exists", "sql": null }
        ])
    );
}

#[test]
fn what_cannot_be_asked_for_exits_with_2() {
    let site = Site::new(TABLES);
    for (arguments, expected) in [
        (
            ["createcachetable", "--database", "othr"],
            "unknown database `othr`; `DATABASES` has `default`, `other`\n",
        ),
        (
            ["createcachetable", "-a", "default"],
            "`createcachetable` is about every alias: leave out `--alias`\n",
        ),
    ] {
        let ran = site.run(arguments);
        assert_eq!((ran.code, ran.stderr.as_str()), (2, expected));
    }
    assert_eq!(site.run(["createcachetable", ""]).code, 2);
}

#[test]
fn without_a_cache_in_a_database_there_is_nothing_to_do() {
    let ran = Site::files().run(["createcachetable"]);
    assert_eq!(
        (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
        (0, "", "no cache has a table there\n")
    );
}
