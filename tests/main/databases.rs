//! Where the caches in databases live, and their tables.

use cachemere::{CacheRouter, Caches, Creation, ErrorKind};

/// Reads `read_…` tables from the replica, writes them to the other, and lets nothing be created in the replica.
struct Replicas;

impl CacheRouter for Replicas {
    fn db_for_read(&self, table: &str) -> Option<String> {
        table.starts_with("read_").then(|| "replica".to_owned())
    }

    fn db_for_write(&self, table: &str) -> Option<String> {
        table.starts_with("read_").then(|| "primary".to_owned())
    }

    fn allow_migrate(&self, database: &str, _: &str) -> Option<bool> {
        (database == "replica").then_some(false)
    }
}

const DATABASES: &str = "[DATABASES]\n\
     default = 'sqlite::memory:'\nprimary = 'sqlite::memory:'\nreplica = 'sqlite::memory:'\n";

fn caches(aliases: &[(&str, &str, &str)]) -> Caches {
    let aliases = aliases.iter().map(|(alias, table, options)| {
        format!(
            "[CACHES.{alias}]\nBACKEND = 'db'\nLOCATION = '{table}'\nOPTIONS = {{ {options} }}\n"
        )
    });
    let text = DATABASES.to_owned() + &aliases.collect::<String>();
    let builder = Caches::builder().toml(&text);
    builder.router(Replicas).build().unwrap()
}

fn tables(caches: &Caches) -> Vec<String> {
    let tables = caches.cache_tables();
    let shown = tables
        .iter()
        .map(|table| format!("{}.{}", table.database(), table.name()));
    shown.collect()
}

#[test]
fn a_cache_lives_where_its_options_say_else_the_router_else_in_default() {
    let caches = caches(&[
        ("default", "plain", ""),
        ("routed", "read_a", ""),
        (
            "named",
            "read_b",
            "DATABASE = 'default', READ_DATABASE = 'default'",
        ),
    ]);
    assert_eq!(
        tables(&caches),
        ["default.plain", "primary.read_a", "default.read_b"]
    );
}

#[test]
fn reads_go_to_the_replica_and_writes_to_the_other() {
    let caches = caches(&[
        ("default", "read_a", ""),
        (
            "replica",
            "read_a",
            "DATABASE = 'replica', READ_DATABASE = 'replica'",
        ),
        (
            "primary",
            "read_a",
            "DATABASE = 'primary', READ_DATABASE = 'primary'",
        ),
    ]);
    let replica = caches.database("replica").unwrap();
    let table = &caches.cache_tables()[0];
    for statement in table.sql().split_inclusive(";\n") {
        replica
            .execute(statement.trim_end_matches(";\n"), &[])
            .unwrap();
    }
    caches["replica"].set("key", "old", None).unwrap();
    caches["default"].set("key", "new", None).unwrap();
    let found = |alias| caches[alias].get::<String>("key").unwrap().unwrap();
    assert_eq!(
        (found("default"), found("primary")),
        ("old".into(), "new".into())
    );
}

#[test]
fn a_table_that_several_caches_share_is_there_once() {
    let caches = caches(&[("default", "one", ""), ("other", "one", "MAX_ENTRIES = 5")]);
    assert_eq!(tables(&caches), ["default.one"]);
}

#[test]
fn a_table_is_created_once_and_planned_without_being_created() {
    let caches = caches(&[("default", "one", "AUTO_CREATE = false")]);
    let table = &caches.cache_tables()[0];
    assert_eq!(table.plan().unwrap(), Creation::Created);
    let error = caches["default"].get::<i32>("key").unwrap_err();
    assert!(error.message().contains("createcachetable"), "{error}");
    assert_eq!(table.create().unwrap(), Creation::Created);
    assert_eq!(table.plan().unwrap(), Creation::Exists);
    assert_eq!(caches["default"].get::<i32>("key").unwrap(), None);
}

#[test]
fn the_router_keeps_a_table_out_of_a_database() {
    let caches = caches(&[("default", "one", "")]);
    let table = caches.cache_table("one", "replica").unwrap();
    assert_eq!(table.create().unwrap(), Creation::Refused);
    assert_eq!(table.plan().unwrap(), Creation::Refused);
}

#[test]
fn an_unknown_database_is_told_which_there_are() {
    let caches = caches(&[("default", "one", "")]);
    let error = caches.database("primry").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(
        error.message(),
        "unknown database `primry`; `DATABASES` has `default`, `primary`, `replica`"
    );
    assert!(caches.cache_table("", "default").is_err());
}

#[test]
#[cfg(feature = "django")]
fn the_table_of_a_django_site_is_the_one_that_django_creates() {
    let caches = caches(&[("default", "site_cache", "FORMAT = 'django'")]);
    let table = caches.cache_table("site_cache", "default").unwrap();
    assert!(table.sql().starts_with(
        "CREATE TABLE \"site_cache\" (\n    \"cache_key\" varchar(255) NOT NULL PRIMARY KEY,"
    ));
    assert!(caches["default"].set("a", &1, 60).is_err());
    assert_eq!(table.create().unwrap(), Creation::Created);
    caches["default"].set("a", &1, 60).unwrap();
    assert_eq!(caches["default"].incr("a", 1).unwrap(), 2);
}
