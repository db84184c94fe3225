use std::sync::{
    Arc, LazyLock,
    atomic::{AtomicU32, Ordering},
};

use cachemere_base::{Backend, Codec, Context, Key, ManualClock, Open, Settings};
use cachemere_db::{Database, DatabaseOptions, Databases, Db, Dialect, Options};
use tempfile::TempDir;

use crate::server::Server;

/// A database of each server that tests share.
static URLS: LazyLock<[String; 2]> = LazyLock::new(|| {
    let servers = Server::shared().each_ref();
    servers.map(|server| server.url(server.port(), &server.database()))
});

/// A table that is there for one test, and a clock.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) context: Context,
    pub(crate) databases: Arc<Databases>,
    pub(crate) settings: Settings,
    pub(crate) options: Options,
    pub(crate) table: String,
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
        Self::at(&URLS[0], settings)
    }

    pub(crate) fn mariadb(settings: Settings) -> Self {
        Self::at(&URLS[1], settings)
    }

    fn at(url: &str, settings: Settings) -> Self {
        Self::with(url, &few(), settings)
    }

    pub(crate) fn with(url: &str, given: &DatabaseOptions, settings: Settings) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let table = format!("a table: {}?", NEXT.fetch_add(1, Ordering::Relaxed));
        let clock = Arc::new(ManualClock::default());
        let context = Context::new(Arc::clone(&clock) as _);
        let databases = context.shared("", Databases::default);
        databases.open("default", url, given).unwrap();
        let mut options = Options::default();
        options.auto_create = Some(true);
        Self {
            clock,
            context,
            databases,
            settings: settings.with_location([&table]),
            options,
            table,
            _folder: None,
        }
    }

    /// One of every kind.
    pub(crate) fn each() -> [Self; 3] {
        [Self::file, Self::postgres, Self::mariadb].map(|open| open(settings()))
    }

    pub(crate) fn database(&self) -> Database {
        self.databases.get("default").unwrap()
    }

    /// The table, in quotes.
    pub(crate) fn quoted(&self) -> String {
        self.database().dialect().quote(&self.table)
    }

    pub(crate) fn sizes(&self) -> String {
        self.database()
            .dialect()
            .quote(&format!("{}_size", self.table))
    }

    /// The numbers in the only row of an answer.
    pub(crate) fn ask<const N: usize>(&self, sql: &str) -> [i64; N] {
        let rows = self.database().query(sql, &[]).unwrap();
        std::array::from_fn(|column| rows[0].int(column).unwrap().unwrap())
    }

    /// Entries and bytes, as they are kept.
    pub(crate) fn kept(&self) -> [i64; 2] {
        self.ask(&format!("SELECT {}", self.sums_kept()))
    }

    /// Entries and bytes, counted.
    pub(crate) fn counted(&self) -> [i64; 2] {
        self.ask(&format!("SELECT {}", self.sums_counted()))
    }

    /// That the size is kept as it is, even while others write: both are looked at in one statement.
    pub(crate) fn assert_exact(&self) {
        let (kept, counted) = (self.sums_kept(), self.sums_counted());
        let [entries, bytes, rows, size] = self.ask(&format!("SELECT {kept}, {counted}"));
        assert_eq!([entries, bytes], [rows, size], "kept, counted");
    }

    fn sums_kept(&self) -> String {
        self.sums("entries", "bytes", &self.sizes())
    }

    fn sums_counted(&self) -> String {
        self.sums("1", "size", &self.quoted())
    }

    fn sums(&self, first: &str, second: &str, table: &str) -> String {
        let integer = match self.database().dialect() {
            Dialect::MySql => "SIGNED",
            _ => "BIGINT",
        };
        [first, second]
            .map(|column| {
                format!("(SELECT CAST(COALESCE(SUM({column}), 0) AS {integer}) FROM {table})")
            })
            .join(", ")
    }

    /// The cache as another alias has it.
    pub(crate) fn open(&self) -> Db {
        self.open_with(|_| ())
    }

    pub(crate) fn open_with(&self, change: impl FnOnce(&mut Options)) -> Db {
        self.try_open(change).unwrap()
    }

    pub(crate) fn try_open(&self, change: impl FnOnce(&mut Options)) -> cachemere_base::Result<Db> {
        let mut options = self.options.clone();
        change(&mut options);
        Db::open(&self.settings, options, &self.context.for_alias())
    }
}

impl Place {
    /// The cache over the table of a Django site.
    pub(crate) fn open_django(&self) -> Arc<dyn Backend> {
        let settings = self.settings.clone().with_codec(Codec::Pickle);
        Db::open_django(&settings, self.options.clone(), &self.context.for_alias()).unwrap()
    }
}

pub(crate) fn settings() -> Settings {
    Settings::new("default", "db").with_max_entries(100_000)
}

pub(crate) fn key(name: impl std::fmt::Display) -> Key {
    Key::new(&name.to_string())
}

/// Few connections: many tests run at once, on a busy machine.
pub(crate) fn few() -> DatabaseOptions {
    toml::from_str("POOL_SIZE = 4\nTIMEOUT = 30\nCONNECT_TIMEOUT = 30").unwrap()
}
