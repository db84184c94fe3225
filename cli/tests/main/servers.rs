//! One binary, and what `caches.toml` says of where its caches live.

use cachemere_servers::{Memcached, Redis};

use crate::site::Site;

#[test]
fn the_same_binary_works_on_every_store_as_only_the_file_changes() {
    let (redis, memcached) = (Redis::start(), Memcached::start());
    let site = Site::new("");
    let stores = [
        ("file", "${SITE}/cache".to_owned()),
        ("redis", redis.url()),
        ("memcached", memcached.address()),
    ];
    // what is in memory ends with the command, which makes a round trip all the same
    site.write("caches.toml", "[CACHES.default]\nBACKEND = 'locmem'\n");
    assert_eq!(site.run(["check"]).code, 0);
    assert_eq!(site.run(["set", "key", "1"]).code, 0);
    assert_eq!(site.run(["get", "key"]).code, 1);
    for (backend, location) in stores {
        site.write(
            "caches.toml",
            &format!("[CACHES.default]\nBACKEND = '{backend}'\nLOCATION = '{location}'\nKEY_PREFIX = 'p'\n"),
        );
        assert_eq!(site.run(["check"]).code, 0, "{backend}");
        assert_eq!(site.run(["get", "key"]).code, 1, "{backend}");
        assert_eq!(site.run(["set", "key", r#"{"a":[1,2.5,null]}"#]).code, 0);
        assert_eq!(
            site.run(["get", "key"]).stdout,
            "{\"a\":[1,2.5,null]}\n",
            "{backend}"
        );
        assert_eq!(site.run(["set", "count", "41"]).code, 0);
        assert_eq!(site.run(["incr", "count"]).stdout, "42\n", "{backend}");
        assert_eq!(
            site.run(["add", "count", "1"]).stdout,
            "false\n",
            "{backend}"
        );
        assert_eq!(
            site.run(["touch", "count", "--timeout", "1h"]).stdout,
            "true\n",
            "{backend}"
        );
        assert_eq!(
            site.run(["incr-version", "count"]).stdout,
            "2\n",
            "{backend}"
        );
        assert_eq!(
            site.run(["get", "count", "--key-version", "2"]).stdout,
            "42\n",
            "{backend}"
        );
        assert_eq!(site.run(["delete", "key"]).stdout, "true\n", "{backend}");
        assert_eq!(site.run(["clear"]).code, 0);
        assert_eq!(
            site.run(["get", "count", "--key-version", "2"]).code,
            1,
            "{backend}"
        );
    }
}

#[test]
fn check_names_the_server_and_its_version() {
    let (redis, memcached) = (Redis::start(), Memcached::start());
    let site = Site::new(&format!(
        "[CACHES.default]\nBACKEND = 'redis'\nLOCATION = '{}'\n[CACHES.other]\nBACKEND = 'memcached'\nLOCATION = '{}'\n",
        redis.url(),
        memcached.address()
    ));
    let ran = site.run(["check"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for (alias, server) in [("default", redis.address()), ("other", memcached.address())] {
        let line = ran
            .stdout
            .lines()
            .find(|line| line.starts_with(&format!("{alias}: ")) && line.contains(&server));
        assert!(
            line.is_some_and(|line| line.contains('.')),
            "{}",
            ran.stdout
        );
    }
}

#[test]
fn a_server_that_is_not_there_is_an_error_that_names_it_and_says_what_to_try() {
    let port = cachemere_servers::free_port();
    for backend in ["redis", "memcached"] {
        let place = format!("127.0.0.1:{port}");
        let scheme = if backend == "redis" { "redis://" } else { "" };
        let site = Site::new(&format!(
            "[CACHES.default]\nBACKEND = '{backend}'\nLOCATION = '{scheme}{place}'\n"
        ));
        let ran = site.run(["check"]);
        assert_eq!(ran.code, 1);
        assert!(
            ran.stderr.contains(&place) && ran.stderr.contains("is the server running"),
            "{}",
            ran.stderr
        );
    }
}
