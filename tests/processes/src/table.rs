use cachemere_base::{Context, Open, Settings};
use cachemere_db::{Database, DatabaseOptions, Databases, Db, Dialect, Options};

/// The table of a database that processes share.
#[derive(Debug)]
pub struct SharedTable {
    context: Context,
    database: Database,
}

impl SharedTable {
    /// The table in the database of this URL, which has time: the machine may be busy.
    #[must_use]
    pub fn at(url: &str) -> Self {
        let options = "POOL_SIZE = 4\nTIMEOUT = 60\nCONNECT_TIMEOUT = 60";
        let options: DatabaseOptions = toml::from_str(options).unwrap();
        let context = Context::default();
        let databases = context.shared("", Databases::default);
        let database = databases.open("default", url, &options).unwrap();
        Self { context, database }
    }

    /// A cache in it with no more than this many entries.
    #[must_use]
    pub fn open(&self, max_entries: u64) -> Db {
        let settings = Settings::new("default", "db")
            .with_location(["shared"])
            .with_max_entries(max_entries);
        let mut options = Options::default();
        options.auto_create = Some(true);
        Db::open(&settings, options, &self.context.for_alias()).unwrap()
    }

    /// Its database.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Entries and bytes, as they are kept.
    #[must_use]
    pub fn kept(&self) -> [i64; 2] {
        self.sums("entries", "bytes", "shared_size")
    }

    /// Entries and bytes, counted.
    #[must_use]
    pub fn counted(&self) -> [i64; 2] {
        self.sums("1", "size", "shared")
    }

    fn sums(&self, first: &str, second: &str, table: &str) -> [i64; 2] {
        let integer = match self.database.dialect() {
            Dialect::MySql => "SIGNED",
            _ => "BIGINT",
        };
        let sum = |column| format!("CAST(COALESCE(SUM({column}), 0) AS {integer})");
        let sql = format!("SELECT {}, {} FROM {table}", sum(first), sum(second));
        let rows = self.database.query(&sql, &[]).unwrap();
        [0, 1].map(|column| rows[0].int(column).unwrap().unwrap())
    }
}
