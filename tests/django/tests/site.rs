//! A Django site and `cachemere` with one cache between them.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use cachemere::{Cache, Caches, Raw, Remaining, django};
use cachemere_servers::{Memcached, Redis};

/// Values, and where their randomness begins.
const VALUES: usize = 3000;
const SEED: u64 = 20_261_126;

/// A cache of both sides, and what keeps it alive.
struct Site<S> {
    backend: &'static str,
    /// As Django has it.
    location: String,
    caches: Caches,
    _server: S,
}

impl<S> Site<S> {
    fn new(backend: &'static str, location: String, ours: &str, server: S) -> Self {
        let options = match backend {
            "file" => "FORMAT = 'django', MAX_ENTRIES = 100_000, DJANGO = '5.2'",
            _ => "FORMAT = 'django', DJANGO = '5.2'",
        };
        let toml = format!(
            "[CACHES.default]\nBACKEND = '{backend}'\nLOCATION = '{ours}'\nKEY_PREFIX = 'site'\nOPTIONS = {{ {options} }}"
        );
        Self {
            backend,
            location,
            caches: Caches::from_toml(&toml).unwrap(),
            _server: server,
        }
    }

    fn cache(&self) -> &Cache {
        &self.caches["default"]
    }

    fn start(&self, command: &[&str]) -> Child {
        Command::new(python())
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("site.py"))
            .args([self.backend, &self.location])
            .args(command)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// What the site says.
    fn ask(&self, command: &[&str]) -> String {
        said(self.start(command))
    }
}

fn said(site: Child) -> String {
    let output = site.wait_with_output().unwrap();
    assert!(output.status.success(), "the site failed");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn python() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = root.join("target/django/bin/python");
    assert!(
        python.exists(),
        "there is no Django: `tests/run` installs it, or python3 -m venv target/django && \
         target/django/bin/pip install -r tests/django/requirements.txt"
    );
    python
}

fn on_redis() -> Site<Redis> {
    let server = Redis::start();
    Site::new("redis", server.url(), &server.url(), server)
}

fn on_memcached() -> Site<Memcached> {
    let server = Memcached::start();
    Site::new("memcached", server.address(), &server.address(), server)
}

fn on_files() -> Site<tempfile::TempDir> {
    let dir = tempfile::tempdir().unwrap();
    let location = dir.path().join("cache").to_str().unwrap().to_owned();
    Site::new("file", location.clone(), &location, dir)
}

/// What Django set is read and set again; Django finds the same, down to the types.
fn values_cross<S>(site: &Site<S>) {
    let (count, seed) = (VALUES.to_string(), SEED.to_string());
    assert_eq!(site.ask(&["write", &count, &seed]), count);
    for number in 0..VALUES {
        let value: django::Value = site
            .cache()
            .get(&format!("django{number}"))
            .unwrap()
            .unwrap();
        let again = site.cache().set(&format!("rust{number}"), &value, 600);
        again.unwrap();
    }
    assert_eq!(site.ask(&["check", &count, &seed]), count);
}

#[test]
fn values_cross_on_redis() {
    values_cross(&on_redis());
}

#[test]
fn values_cross_on_memcached() {
    values_cross(&on_memcached());
}

#[test]
fn values_cross_on_files() {
    values_cross(&on_files());
}

/// Both sides count one counter at once.
fn counters_are_one<S: Sync>(site: &Site<S>) {
    let cache = site.cache();
    cache.set("hits", &0, None).unwrap();
    let django = site.start(&["count", "hits", "500"]);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                (0..500).for_each(|_| {
                    cache.incr("hits", 1).unwrap();
                });
            });
        }
    });
    said(django);
    assert_eq!(cache.get::<i64>("hits").unwrap(), Some(1500));
    assert_eq!(site.ask(&["get", "hits"]), "1500");
}

#[test]
fn counters_are_one_on_redis() {
    counters_are_one(&on_redis());
}

#[test]
fn counters_are_one_on_memcached() {
    counters_are_one(&on_memcached());
}

#[test]
fn a_counter_on_files_goes_on_from_where_the_other_side_left_it() {
    let site = on_files();
    site.cache().set("hits", &1, None).unwrap();
    assert_eq!(site.ask(&["count", "hits", "2"]), "3");
    assert_eq!(site.cache().incr("hits", 1).unwrap(), 4);
    assert_eq!(site.ask(&["get", "hits"]), "4");
}

/// What Rust calls a value, and what Python then says it is.
fn types_are_pythons<S>(site: &Site<S>) {
    let cache = site.cache();
    cache.set("text", "Ada", 60).unwrap();
    cache.set("raw", &Raw::from_static(b"\0\xff"), 60).unwrap();
    cache.set("list", &vec![1, 2], 60).unwrap();
    cache.set("tuple", &(1, "a", None::<u8>), 60).unwrap();
    cache.set("big", &u128::MAX, 60).unwrap();
    let when: django::DateTime = "2026-11-26T12:00:00Z".parse().unwrap();
    cache.set("when", &when, 60).unwrap();
    for (key, repr) in [
        ("text", "'Ada'"),
        ("raw", "b'\\x00\\xff'"),
        ("list", "[1, 2]"),
        ("tuple", "(1, 'a', None)"),
        ("big", "340282366920938463463374607431768211455"),
        (
            "when",
            "datetime.datetime(2026, 11, 26, 12, 0, tzinfo=datetime.timezone.utc)",
        ),
        ("missing", "None"),
    ] {
        assert_eq!(site.ask(&["get", key]), repr);
    }
    assert!(matches!(
        cache.ttl("text").unwrap(),
        Some(Remaining::For(_))
    ));
}

#[test]
fn types_are_pythons_on_redis() {
    types_are_pythons(&on_redis());
}

#[test]
fn types_are_pythons_on_memcached() {
    types_are_pythons(&on_memcached());
}

#[test]
fn types_are_pythons_on_files() {
    types_are_pythons(&on_files());
}
