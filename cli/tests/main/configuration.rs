use serde_json::json;

use crate::site::{FILES, Site, said};

#[test]
fn six_mistakes_are_six_lines_and_nothing_else() {
    let site = Site::new(
        r#"
[CACHES.default]
BACKEND = "locmen"

[CACHES.sessions]
BACKEND = "locmem"
KEY_PREFX = "app"
TIMEOUT = "soon"
VERSION = 1.5

[CACHES.pages]
BACKEND = "file"
LOCATION = "/tmp/pages"
KEY_PREFIX = 5
OPTIONS.MAX_ENTRY = 3
"#,
    );
    for command in ["check", "aliases", "clear"] {
        let ran = site.run([command]);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
        let lines: Vec<_> = ran.stderr.lines().collect();
        assert_eq!(lines.len(), 6, "{}", ran.stderr);
        for (line, place) in lines.iter().zip([3, 7, 8, 9, 14, 15]) {
            assert!(line.contains(&format!("caches.toml:{place}:")), "{line}");
        }
    }
}

#[test]
fn a_missing_file_is_named() {
    let site = Site::files();
    let ran = site.run(["--file", "missing.toml", "aliases"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("missing.toml"), "{}", ran.stderr);
}

#[test]
fn without_a_file_the_paths_that_were_tried_are_named() {
    let site = Site::files();
    std::fs::remove_file(site.path("caches.toml")).unwrap();
    let ran = site.run([]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("caches.toml"), "{}", ran.stderr);
}

#[test]
fn a_later_file_replaces_an_alias() {
    let site = Site::files();
    site.write("later.toml", "[CACHES.other]\nBACKEND = 'dummy'\n");
    assert_eq!(
        site.run([
            "-f",
            "caches.toml",
            "-f",
            "later.toml",
            "add",
            "key",
            "1",
            "-a",
            "other"
        ])
        .code,
        0
    );
    assert_eq!(
        site.run([
            "-f",
            "caches.toml",
            "-f",
            "later.toml",
            "get",
            "key",
            "-a",
            "other"
        ])
        .code,
        1
    );
}

#[test]
fn caches_file_names_the_file() {
    let site = Site::files().variable("CACHES_FILE", "elsewhere.toml");
    site.write("elsewhere.toml", "[CACHES.default]\nBACKEND = 'dummy'\n");
    assert_eq!(site.run(["aliases"]), said("default\n"));
    assert!(
        site.run([])
            .stdout
            .contains("1 cache in elsewhere.toml, all good")
    );
}

#[test]
fn the_environment_stands_over_the_file() {
    let site = Site::files().variable("CACHES__OTHER__TIMEOUT", "60");
    assert_eq!(
        site.run(["aliases", "--json"]).json()[1]["timeout"],
        json!(60)
    );
    let named = site.run(["aliases", "--json", "--file", "caches.toml"]);
    assert_eq!(named.json()[1]["timeout"], json!(60));
}

#[test]
fn aliases_are_listed_in_the_order_of_the_file() {
    let site = Site::files();
    assert_eq!(site.run(["aliases"]), said("default\nother\n"));
    let listed = site.run(["aliases", "--json"]).json();
    assert_eq!(listed[0]["alias"], "default");
    let other = json!({
        "alias": "other",
        "backend": "file",
        "location": site.path("other"),
        "timeout": 5400,
        "prefix": "app",
        "version": 3,
    });
    assert_eq!(listed[1], other);
}

#[test]
fn an_unknown_alias_is_refused_with_those_there_are() {
    let ran = Site::files().run(["get", "key", "--alias", "sesions"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(
        ran.stderr.contains("`sesions`") && ran.stderr.contains("`other`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn an_alias_is_refused_where_it_would_be_ignored() {
    let ran = Site::files().run(["aliases", "--alias", "other"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
}

#[test]
fn check_with_an_alias_is_about_that_alias() {
    let ran = Site::files().run(["check", "--alias", "other", "--json"]);
    let reports: Vec<serde_json::Value> = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.code, reports.len()), (0, 1));
    assert_eq!(reports[0]["alias"], "other");
}

#[test]
fn another_backend_in_the_file_is_another_store_for_the_same_binary() {
    let site = Site::files();
    site.run(["set", "key", "1"]);
    site.write("caches.toml", &FILES.replacen("\"file\"", "\"dummy\"", 1));
    let ran = site.run(["get", "key"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(
        ran.stderr.contains("`default` keeps nothing"),
        "{}",
        ran.stderr
    );
    site.write("caches.toml", FILES);
    assert_eq!(site.run(["get", "key"]), said("1\n"));
}

/// Every `CACHES` of the pages of Django and Misago about caching, in one file: the words are theirs. `path.to.backend` is
/// what a program registers.
const PAGES: &str = r#"
[CACHES.default]
BACKEND = "django.core.cache.backends.memcached.PyMemcacheCache"
LOCATION = "127.0.0.1:11211"

[CACHES.memcached-socket]
BACKEND = "django.core.cache.backends.memcached.PyMemcacheCache"
LOCATION = "unix:/tmp/memcached.sock"

[CACHES.memcached-two]
BACKEND = "django.core.cache.backends.memcached.PyMemcacheCache"
LOCATION = ["172.19.26.240:11211", "172.19.26.242:11211"]

[CACHES.memcached-three]
BACKEND = "django.core.cache.backends.memcached.PyMemcacheCache"
LOCATION = ["172.19.26.240:11211", "172.19.26.242:11212", "172.19.26.244:11213"]

[CACHES.redis]
BACKEND = "django.core.cache.backends.redis.RedisCache"
LOCATION = "redis://127.0.0.1:6379"

[CACHES.redis-user]
BACKEND = "django.core.cache.backends.redis.RedisCache"
LOCATION = "redis://username:password@127.0.0.1:6379"

[CACHES.redis-replicas]
BACKEND = "django.core.cache.backends.redis.RedisCache"
LOCATION = [
    "redis://127.0.0.1:6379", # leader
    "redis://127.0.0.1:6378", # read-replica 1
    "redis://127.0.0.1:6377", # read-replica 2
]

[CACHES.database]
BACKEND = "django.core.cache.backends.db.DatabaseCache"
LOCATION = "my_cache_table"

[CACHES.files]
BACKEND = "django.core.cache.backends.filebased.FileBasedCache"
LOCATION = "/var/tmp/django_cache"

[CACHES.files-on-windows]
BACKEND = "django.core.cache.backends.filebased.FileBasedCache"
LOCATION = "c:/foo/bar"

[CACHES.memory]
BACKEND = "django.core.cache.backends.locmem.LocMemCache"
LOCATION = "unique-snowflake"

[CACHES.dummy]
BACKEND = "django.core.cache.backends.dummy.DummyCache"

[CACHES.files-options]
BACKEND = "django.core.cache.backends.filebased.FileBasedCache"
LOCATION = "/var/tmp/django_cache"
TIMEOUT = 60
OPTIONS = { MAX_ENTRIES = 1000 }

[CACHES.pylibmc]
BACKEND = "django.core.cache.backends.memcached.PyLibMCCache"
LOCATION = "127.0.0.1:11211"
[CACHES.pylibmc.OPTIONS]
binary = true
username = "user"
password = "pass"
behaviors = { ketama = true }

[CACHES.pymemcache]
BACKEND = "django.core.cache.backends.memcached.PyMemcacheCache"
LOCATION = "127.0.0.1:11211"
[CACHES.pymemcache.OPTIONS]
no_delay = true
ignore_exc = true
max_pool_size = 4
use_pooling = true

[CACHES.redis-options]
BACKEND = "django.core.cache.backends.redis.RedisCache"
LOCATION = "redis://127.0.0.1:6379"
[CACHES.redis-options.OPTIONS]
db = "10"
parser_class = "redis.connection.PythonParser"
pool_class = "redis.BlockingConnectionPool"

[CACHES.misago]
BACKEND = "django.core.cache.backends.memcached.MemcachedCache"
LOCATION = "127.0.0.1:11212"
"#;

#[test]
fn the_configurations_of_djangos_pages_are_one_file_that_loads() {
    let site = Site::new(PAGES);
    let ran = site.run(["aliases", "--json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let aliases = ran.json();
    let aliases = aliases.as_array().unwrap();
    assert_eq!(aliases.len(), PAGES.matches("BACKEND =").count());
    let told = |alias: &str, key: &str| {
        let told = aliases.iter().find(|told| told["alias"] == alias);
        told.unwrap()[key].clone()
    };
    assert_eq!(told("files-options", "timeout"), 60);
    assert_eq!(told("redis", "timeout"), 300);
    assert!(!ran.stdout.contains("password@"), "{}", ran.stdout);
}
