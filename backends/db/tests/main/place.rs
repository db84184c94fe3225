use std::sync::{
    Arc, LazyLock,
    atomic::{AtomicU32, Ordering},
};

use cachemere_base::{Context, ManualClock, Open, Settings};
use cachemere_db::{DatabaseOptions, Databases, Db, Options};
use cachemere_servers::{Mariadb, Postgres};
use tempfile::TempDir;

/// The servers that tests share which do no harm to them.
static POSTGRES: LazyLock<(Postgres, String)> = LazyLock::new(|| {
    let server = Postgres::start();
    let url = server.new_url();
    (server, url)
});
static MARIADB: LazyLock<(Mariadb, String)> = LazyLock::new(|| {
    let server = Mariadb::start();
    let url = server.new_url();
    (server, url)
});

/// A table that is there for one test, and a clock.
pub(crate) struct Place {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) context: Context,
    pub(crate) settings: Settings,
    pub(crate) options: Options,
    _folder: Option<TempDir>,
}

impl Place {
    /// SQLite in a file.
    pub(crate) fn file(settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("cache.sqlite3").display());
        Self {
            _folder: Some(folder),
            ..Self::at(&url, settings)
        }
    }

    /// SQLite in memory.
    pub(crate) fn memory(settings: Settings) -> Self {
        Self::at("sqlite::memory:", settings)
    }

    pub(crate) fn postgres(settings: Settings) -> Self {
        Self::at(&POSTGRES.1, settings)
    }

    pub(crate) fn mariadb(settings: Settings) -> Self {
        Self::at(&MARIADB.1, settings)
    }

    pub(crate) fn at(url: &str, settings: Settings) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let table = format!("a table: {}?", NEXT.fetch_add(1, Ordering::Relaxed));
        let clock = Arc::new(ManualClock::default());
        let context = Context::new(Arc::clone(&clock) as _);
        let databases = context.shared("", Databases::default);
        databases.open("default", url, &few()).unwrap();
        let mut options = Options::default();
        options.auto_create = Some(true);
        Self {
            clock,
            context,
            settings: settings.with_location([&table]),
            options,
            _folder: None,
        }
    }

    /// The cache as another alias has it.
    pub(crate) fn open(&self) -> Db {
        self.open_with(|_| ())
    }

    pub(crate) fn open_with(&self, change: impl FnOnce(&mut Options)) -> Db {
        let mut options = self.options.clone();
        change(&mut options);
        Db::open(&self.settings, options, &self.context.for_alias()).unwrap()
    }
}

/// Few connections: many tests run at once, on a busy machine.
pub(crate) fn few() -> DatabaseOptions {
    toml::from_str("POOL_SIZE = 4\nTIMEOUT = 30\nCONNECT_TIMEOUT = 30").unwrap()
}
