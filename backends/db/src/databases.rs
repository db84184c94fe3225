use std::{collections::BTreeMap, fmt, sync::Arc};

use cachemere_base::{Error, Result};
use parking_lot::RwLock;

use crate::{Database, DatabaseOptions, NewTable};

/// Says which database a cache lives in, where a file cannot: Django's three questions.
///
/// `None` is no opinion: what the settings say, else the database `default`.
pub trait CacheRouter: Send + Sync + 'static {
    /// The database that a table is read from.
    fn db_for_read(&self, table: &str) -> Option<String> {
        let _ = table;
        None
    }

    /// The database that a table is written to.
    fn db_for_write(&self, table: &str) -> Option<String> {
        let _ = table;
        None
    }

    /// Whether a table may be created in a database: without an opinion, it may.
    fn allow_migrate(&self, database: &str, table: &str) -> Option<bool> {
        let _ = (database, table);
        None
    }
}

/// The databases by alias, and the router: what database caches find by
/// [`Context::shared`](cachemere_base::Context::shared) with an empty name.
#[derive(Default)]
pub struct Databases {
    databases: RwLock<BTreeMap<String, Database>>,
    router: RwLock<Option<Arc<dyn CacheRouter>>>,
    cache_tables: RwLock<Vec<(Database, NewTable)>>,
}

impl Databases {
    /// The database of an alias.
    ///
    /// # Errors
    /// If there is none; names those there are.
    pub fn get(&self, alias: &str) -> Result<Database> {
        let databases = self.databases.read();
        databases.get(alias).cloned().ok_or_else(|| {
            let names: Vec<_> = databases.keys().map(|name| format!("`{name}`")).collect();
            let have = match names.as_slice() {
                [] => "there are no `DATABASES`".to_owned(),
                names => format!("`DATABASES` has {}", names.join(", ")),
            };
            Error::setting(
                "OPTIONS.DATABASE",
                format!("unknown database `{alias}`; {have}"),
            )
        })
    }

    /// The aliases.
    #[must_use]
    pub fn aliases(&self) -> Vec<String> {
        self.databases.read().keys().cloned().collect()
    }

    /// Adds a database, in place of one with this alias.
    pub fn insert(&self, database: Database) {
        let alias = database.alias().to_owned();
        self.databases.write().insert(alias, database);
    }

    /// Adds the database of a URL: see [`Database::open`].
    ///
    /// # Errors
    /// If the URL is wrong.
    pub fn open(&self, alias: &str, url: &str, options: &DatabaseOptions) -> Result<Database> {
        let database = Database::open(alias, url, options)?;
        self.insert(database.clone());
        Ok(database)
    }

    /// Asks this router from now on. Caches ask it when they are opened.
    pub fn set_router(&self, router: Arc<dyn CacheRouter>) {
        *self.router.write() = Some(router);
    }

    /// The router, if there is one.
    #[must_use]
    pub fn router(&self) -> Option<Arc<dyn CacheRouter>> {
        self.router.read().clone()
    }

    /// The tables of the caches that were opened, each once, and the databases they are written to.
    #[must_use]
    pub fn cache_tables(&self) -> Vec<(Database, NewTable)> {
        self.cache_tables.read().clone()
    }

    pub(crate) fn add_cache_table(&self, database: &Database, table: NewTable) {
        let mut tables = self.cache_tables.write();
        let is_same = |(other, known): &(Database, NewTable)| {
            other.identity() == database.identity() && known.name() == table.name()
        };
        if !tables.iter().any(is_same) {
            tables.push((database.clone(), table));
        }
    }

    /// Whether the router lets a table be created in a database.
    #[must_use]
    pub fn allows_migrate(&self, database: &str, table: &str) -> bool {
        let router = self.router();
        router.and_then(|router| router.allow_migrate(database, table)) != Some(false)
    }
}

impl fmt::Debug for Databases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Databases")
            .field("databases", &*self.databases.read())
            .field("has_router", &self.router.read().is_some())
            .finish()
    }
}
