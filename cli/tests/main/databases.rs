//! A cache in a database: the file says which one, by a URL alone.

use std::sync::LazyLock;

use cachemere_servers::{Mariadb, Postgres};

use crate::site::{Site, said};

static POSTGRES: LazyLock<Postgres> = LazyLock::new(Postgres::start);
static MARIADB: LazyLock<Mariadb> = LazyLock::new(Mariadb::start);

/// New and empty databases.
fn urls() -> [(&'static str, String); 3] {
    [
        ("SQLite", "sqlite:caches.sqlite3".to_owned()),
        ("PostgreSQL", POSTGRES.new_url()),
        ("MariaDB", MARIADB.new_url()),
    ]
}

fn toml(url: &str) -> String {
    format!(
        "[DATABASES]\ndefault = '{url}'\n\
         [CACHES.default]\nBACKEND = 'db'\nLOCATION = 'cache_table'\nKEY_PREFIX = 'p'\n"
    )
}

#[test]
fn the_same_commands_work_in_every_database_as_only_the_url_changes() {
    let site = Site::new("");
    for (name, url) in urls() {
        site.write("caches.toml", &toml(&url));
        assert_eq!(site.run(["createcachetable"]).code, 0, "{name}");
        let check = site.run(["check"]);
        assert_eq!(check.code, 0, "{}", check.stderr);
        assert!(check.stdout.contains(name), "{}", check.stdout);
        assert_eq!(site.run(["get", "key"]).code, 1, "{name}");
        let value = r#"{"a":[1,2.5,null]}"#;
        assert_eq!(site.run(["set", "key", value]).code, 0, "{name}");
        assert_eq!(site.run(["get", "key"]), said(&format!("{value}\n")));
        assert_eq!(site.run(["set", "count", "41"]).code, 0, "{name}");
        for (arguments, expected) in [
            (&["incr", "count"][..], "42\n"),
            (&["add", "count", "1"], "false\n"),
            (&["touch", "count", "--timeout", "1h"], "true\n"),
            (&["incr-version", "count"], "2\n"),
            (&["get", "count", "--key-version", "2"], "42\n"),
            (&["delete", "key"], "true\n"),
            (&["delete", "key"], "false\n"),
        ] {
            let output = site.command().args(arguments).output().unwrap();
            assert_eq!(
                String::from_utf8(output.stdout).unwrap(),
                expected,
                "{name}: {arguments:?}"
            );
        }
        assert_eq!(site.run(["clear"]).code, 0, "{name}");
        let ran = site.run(["get", "count", "--key-version", "2"]);
        assert_eq!(ran.code, 1, "{name}");
    }
}

#[test]
fn a_server_gets_its_tables_by_the_command_that_the_error_names() {
    for (name, url) in urls().into_iter().skip(1) {
        let site = Site::new(&toml(&url));
        let missing = site.run(["get", "key"]);
        assert_eq!(missing.code, 3, "{name}");
        let expected = "table `cache_table` is missing in database `default`; create it by `cachemere createcachetable`";
        assert!(missing.stderr.contains(expected), "{}", missing.stderr);
        assert_eq!(site.run(["check"]).code, 1, "{name}");

        let planned = site.run(["createcachetable", "--dry-run"]);
        assert!(
            planned.stdout.starts_with("CREATE TABLE IF NOT EXISTS "),
            "{}",
            planned.stdout
        );
        assert_eq!(site.run(["get", "key"]).code, 3, "{name}");
        assert_eq!(
            site.run(["createcachetable"]),
            said("table `cache_table` is created in database `default`\n")
        );
        assert_eq!(site.run(["createcachetable"]).stdout, "");
        assert_eq!(site.run(["check"]).code, 0, "{name}");
    }
}

#[test]
fn named_versions_live_in_every_database() {
    for (name, url) in urls() {
        let site = Site::new(&format!("{}[VERSIONS]\nKIND = 'counting'\n", toml(&url)));
        if name != "SQLite" {
            let missing = site.run(["versions", "list"]);
            let expected = "table `cachemere_versions` of the versions is missing in database `default`; create it by `cachemere createcachetable cachemere_versions`";
            assert!(missing.stderr.contains(expected), "{}", missing.stderr);
        }
        assert_eq!(site.run(["createcachetable"]).code, 0, "{name}");
        assert_eq!(site.run(["versions", "start", "bans"]), said(""));
        assert_eq!(site.run(["versions", "start", "acl"]), said(""));
        assert_eq!(site.run(["versions", "invalidate", "bans"]), said(""));
        assert_eq!(site.run(["versions", "list"]), said("acl\t0\nbans\t1\n"));
        assert_eq!(site.run(["versions", "stop", "acl"]), said(""));
        assert_eq!(site.run(["invalidateversionedcaches"]).code, 0, "{name}");
        assert_eq!(site.run(["versions", "list"]), said("bans\t2\n"));
    }
}

#[test]
fn processes_that_invalidate_at_once_all_take_effect_in_every_database() {
    for (name, url) in urls() {
        let site = Site::new(&format!("{}[VERSIONS]\nKIND = 'counting'\n", toml(&url)));
        assert_eq!(site.run(["createcachetable"]).code, 0, "{name}");
        assert_eq!(site.run(["versions", "start", "bans"]), said(""));
        let invalidate = || {
            let mut command = site.command();
            command.args(["versions", "invalidate", "bans"]);
            command.spawn().unwrap()
        };
        let processes: Vec<_> = (0..8).map(|_| invalidate()).collect();
        for mut process in processes {
            assert!(process.wait().unwrap().success(), "{name}");
        }
        assert_eq!(site.run(["versions", "get", "bans"]), said("8\n"));
    }
}

#[test]
fn a_database_that_is_not_there_is_an_error_that_names_it_without_the_password() {
    let port = cachemere_servers::free_port();
    for scheme in ["postgres", "mysql"] {
        let site = Site::new(&toml(&format!(
            "{scheme}://app:hunter2@127.0.0.1:{port}/shop"
        )));
        for arguments in [["check"], ["createcachetable"]] {
            let ran = site.run(arguments);
            assert_ne!(ran.code, 0);
            let place = format!("{scheme}://app@127.0.0.1:{port}/shop");
            let said = format!("{}{}", ran.stdout, ran.stderr);
            assert!(said.contains(&place), "{said}");
            assert!(!said.contains("hunter2"), "{said}");
        }
    }
}
