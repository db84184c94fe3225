use std::{
    any::Any,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::LazyLock,
};

use cachemere::{Cache, Caches};
use cachemere_servers::{Mariadb, Memcached, Postgres, Redis};

/// A cache of both sides, and what keeps it alive.
pub(crate) struct Site {
    /// The store, and how Django encodes there.
    store: String,
    /// As Django has it.
    location: String,
    caches: Caches,
    _server: Box<dyn Any + Send + Sync>,
}

/// Tests wait for each other on a busy machine.
const REDIS_TIMES: &str = "socket_timeout = 60, socket_connect_timeout = 60";

/// Writes a test of each of these checks for every store that both sides have.
macro_rules! on_every_store {
    ($($check:ident)*) => {$(
        mod $check {
            use super::*;

            #[test]
            fn on_redis() {
                $check(&Site::on_redis());
            }

            #[test]
            fn on_memcached() {
                $check(&Site::on_memcached());
            }

            #[test]
            fn on_files() {
                $check(&Site::on_files());
            }

            #[test]
            fn on_sqlite() {
                $check(&Site::on_sqlite());
            }

            #[test]
            fn on_postgres() {
                $check(&Site::on_postgres());
            }

            #[test]
            fn on_mariadb() {
                $check(&Site::on_mariadb());
            }
        }
    )*};
}
pub(crate) use on_every_store;

impl Site {
    pub(crate) fn on_redis() -> Self {
        let server = Redis::start();
        let url = server.url();
        let toml = alias("redis", &url, REDIS_TIMES);
        Self::new("redis", &url, &toml, server)
    }

    /// With django-redis in place of Django's own cache: a serializer and a compressor of its.
    pub(crate) fn on_django_redis(serializer: &str, compressor: &str) -> Self {
        let server = Redis::start();
        let url = server.url();
        let ours = format!(
            "SERIALIZER = '{serializer}', COMPRESSOR = '{compressor}', COMPRESSOR_MIN_SIZE = 16, \
             {REDIS_TIMES}"
        );
        let store = format!("django-redis,{serializer},{compressor}");
        Self::new(&store, &url, &alias("redis", &url, &ours), server)
    }

    pub(crate) fn on_memcached() -> Self {
        let server = Memcached::start();
        let address = server.address();
        let toml = alias("memcached", &address, "timeout = 60, connect_timeout = 60");
        Self::new("memcached", &address, &toml, server)
    }

    pub(crate) fn on_files() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = folder.path().join("cache").to_str().unwrap().to_owned();
        let toml = alias(
            "file",
            &location,
            "MAX_ENTRIES = 100_000, LOCK_TIMEOUT = 60",
        );
        Self::new("file", &location, &toml, folder)
    }

    pub(crate) fn on_sqlite() -> Self {
        Self::in_file("sqlite", "")
    }

    /// With `USE_TZ = False`.
    pub(crate) fn on_sqlite_in_local_time() -> Self {
        Self::in_file("sqlite,local-time", ", TIME_ZONE = 'America/Chicago'")
    }

    fn in_file(store: &str, options: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("site.sqlite3");
        let file = file.to_str().unwrap().to_owned();
        Self::in_table(store, &file, &format!("sqlite:{file}"), options, folder)
    }

    pub(crate) fn on_postgres() -> Self {
        static SERVER: LazyLock<Postgres> = LazyLock::new(Postgres::start);
        let url = SERVER.new_url();
        Self::in_table("postgres", &url, &url, "", ())
    }

    pub(crate) fn on_mariadb() -> Self {
        static SERVER: LazyLock<Mariadb> = LazyLock::new(Mariadb::start);
        let url = SERVER.new_url();
        Self::in_table("mariadb", &url, &url, "", ())
    }

    /// In a table that Django created.
    fn in_table(
        store: &str,
        location: &str,
        url: &str,
        options: &str,
        server: impl Any + Send + Sync,
    ) -> Self {
        // what a project has that says nothing of it
        let toml = format!(
            "USE_TZ = true\nTIME_ZONE = 'America/Chicago'\n\
             [DATABASES.default]\nURL = '{url}'\nTIMEOUT = 60\nCONNECT_TIMEOUT = 60\n{}",
            alias(
                "db",
                "site_cache",
                &format!("MAX_ENTRIES = 100_000{options}")
            )
        );
        let site = Self::new(store, location, &toml, server);
        site.ask(&["createcachetable"]);
        site
    }

    fn new(store: &str, location: &str, toml: &str, server: impl Any + Send + Sync) -> Self {
        Self {
            store: store.to_owned(),
            location: location.to_owned(),
            caches: Caches::from_toml(toml).unwrap(),
            _server: Box::new(server),
        }
    }

    pub(crate) fn cache(&self) -> &Cache {
        &self.caches["default"]
    }

    pub(crate) fn start(&self, command: &[&str]) -> Child {
        Command::new(python())
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("site.py"))
            .args([&self.store, &self.location])
            .args(command)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// What the site says.
    pub(crate) fn ask(&self, command: &[&str]) -> String {
        said(self.start(command))
    }
}

pub(crate) fn said(site: Child) -> String {
    let output = site.wait_with_output().unwrap();
    assert!(output.status.success(), "the site failed");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn alias(backend: &str, location: &str, options: &str) -> String {
    format!(
        "[CACHES.default]\nBACKEND = '{backend}'\nLOCATION = '{location}'\nKEY_PREFIX = 'site'\n\
         OPTIONS = {{ FORMAT = 'django', DJANGO = '5.2', {options} }}"
    )
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
