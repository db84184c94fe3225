//! Where pages are: a place of its own for each test, on servers that all tests share.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicUsize, Ordering},
};

use cachemere_servers::{Mariadb, Memcached, Postgres, Proxy, Redis};
use tempfile::TempDir;

/// What `caches.toml` says.
pub(crate) struct Store {
    pub(crate) toml: String,
    /// Where its files are, if it has any.
    _folder: Option<TempDir>,
}

impl Store {
    fn new(databases: &str, backend: &str, location: &str, folder: Option<TempDir>) -> Arc<Self> {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let toml = format!(
            "{databases}\n[CACHES.default]\nBACKEND = '{backend}'\nLOCATION = '{location}'\nKEY_PREFIX = 'test{number}'\n"
        );
        Arc::new(Self {
            toml,
            _folder: folder,
        })
    }

    fn on_server(backend: &str, location: &str) -> Arc<Self> {
        Self::new("", backend, location, None)
    }

    fn in_database(url: &str, folder: Option<TempDir>) -> Arc<Self> {
        let databases = format!("[DATABASES]\ndefault = '{url}'");
        Self::new(&databases, "db", "pages", folder)
    }
}

fn redis_server() -> &'static Redis {
    static SERVER: OnceLock<Redis> = OnceLock::new();
    SERVER.get_or_init(Redis::start)
}

fn memcached_server() -> &'static Memcached {
    static SERVER: OnceLock<Memcached> = OnceLock::new();
    SERVER.get_or_init(Memcached::start)
}

fn postgres_server() -> &'static Postgres {
    static SERVER: OnceLock<Postgres> = OnceLock::new();
    SERVER.get_or_init(Postgres::start)
}

fn mariadb_server() -> &'static Mariadb {
    static SERVER: OnceLock<Mariadb> = OnceLock::new();
    SERVER.get_or_init(Mariadb::start)
}

pub(crate) fn redis() -> Arc<Store> {
    Store::on_server("redis", &redis_server().url())
}

pub(crate) fn memcached() -> Arc<Store> {
    Store::on_server("memcached", &memcached_server().address())
}

pub(crate) fn sqlite() -> Arc<Store> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pages.sqlite3");
    Store::in_database(&format!("sqlite:{}", file.display()), Some(folder))
}

pub(crate) fn postgres() -> Arc<Store> {
    Store::in_database(&postgres_server().new_url(), None)
}

pub(crate) fn mariadb() -> Arc<Store> {
    Store::in_database(&mariadb_server().new_url(), None)
}

pub(crate) fn file() -> Arc<Store> {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("pages");
    Store::new("", "file", &pages.display().to_string(), Some(folder))
}

/// A store that is gone when the proxy is.
pub(crate) fn redis_by_proxy() -> (Arc<Store>, Proxy) {
    let proxy = Proxy::before(redis_server().port());
    (Store::on_server("redis", &proxy.url()), proxy)
}

pub(crate) fn memcached_by_proxy() -> (Arc<Store>, Proxy) {
    let proxy = Proxy::before(memcached_server().port());
    let address = format!("127.0.0.1:{}", proxy.port());
    (Store::on_server("memcached", &address), proxy)
}

pub(crate) fn postgres_by_proxy() -> (Arc<Store>, Proxy) {
    let server = postgres_server();
    let proxy = Proxy::before(server.port());
    let url = server.url_by(proxy.port(), &server.database());
    (Store::in_database(&url, None), proxy)
}

pub(crate) fn mariadb_by_proxy() -> (Arc<Store>, Proxy) {
    let server = mariadb_server();
    let proxy = Proxy::before(server.port());
    let url = server.url_by(proxy.port(), &server.database());
    (Store::in_database(&url, None), proxy)
}
