use std::sync::Arc;

use cachemere_base::{Error, ErrorKind, Result};
use cachemere_db::{Creation, Database, Databases, NewTable};

use crate::Caches;

/// A table that a cache has in a database, whether it is there already or not.
///
/// ```
/// use cachemere::{Caches, Creation};
///
/// # fn main() -> cachemere::Result<()> {
/// let text = "[DATABASES]\ndefault = 'sqlite::memory:'\n\
///             [CACHES.default]\nBACKEND = 'db'\nLOCATION = 'cache_table'";
/// let caches = Caches::from_toml(text)?;
/// for table in caches.cache_tables() {
///     assert!(table.sql().starts_with("CREATE TABLE IF NOT EXISTS \"cache_table\" ("));
///     assert_eq!(table.create()?, Creation::Created);
///     assert_eq!(table.create()?, Creation::Exists);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct CacheTable {
    databases: Arc<Databases>,
    database: Database,
    table: NewTable,
}

impl CacheTable {
    /// The name of the table.
    #[must_use]
    pub fn name(&self) -> &str {
        self.table.name()
    }

    /// The alias of the database.
    #[must_use]
    pub fn database(&self) -> &str {
        self.database.alias()
    }

    /// The SQL that creates it, for an application that runs its own migrations.
    #[must_use]
    pub fn sql(&self) -> String {
        self.table.sql()
    }

    /// Creates the table in one transaction, unless it is there or the router refuses it.
    ///
    /// # Errors
    /// If the database cannot be reached or refuses it.
    pub fn create(&self) -> Result<Creation> {
        self.databases
            .create_table(&self.database, &self.table, false)
    }

    /// What [`create`](Self::create) would do; changes nothing.
    ///
    /// # Errors
    /// If the database cannot be reached.
    pub fn plan(&self) -> Result<Creation> {
        self.databases
            .create_table(&self.database, &self.table, true)
    }
}

impl Caches {
    /// The database of this alias, with the connections that the caches in it share.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config), naming those that are configured.
    pub fn database(&self, alias: &str) -> Result<Database> {
        self.databases().get(alias).map_err(plain)
    }

    /// The tables of the caches that live in databases, each once, in the order of the configuration, and that of
    /// `[VERSIONS]`. Nothing is connected to.
    #[must_use]
    pub fn cache_tables(&self) -> Vec<CacheTable> {
        let databases = self.databases();
        let tables = databases.cache_tables().into_iter();
        tables
            .chain(self.versions().new_table())
            .map(|(database, table)| CacheTable {
                databases: Arc::clone(databases),
                database,
                table,
            })
            .collect()
    }

    /// A table of this name in the database of this alias, whether or not a cache has it: one of a cache, or the one of
    /// the named versions.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config) if there is no such database, or can be no such table in it.
    pub fn cache_table(&self, name: &str, database: &str) -> Result<CacheTable> {
        let database = self.database(database)?;
        let is_known = |(of, table): &(Database, NewTable)| {
            of.identity() == database.identity() && table.name() == name
        };
        let known = self.databases().cache_tables().into_iter().find(is_known);
        let known = known.map(|(_, table)| table);
        let table = match known.or_else(|| self.versions().table_in(&database, name)) {
            Some(table) => table,
            None => NewTable::for_cache(database.dialect(), name).map_err(plain)?,
        };
        Ok(CacheTable {
            databases: Arc::clone(self.databases()),
            database,
            table,
        })
    }
}

/// An error that is about no setting of the configuration.
#[expect(clippy::needless_pass_by_value, reason = "shorter to call")]
fn plain(error: Error) -> Error {
    Error::new(ErrorKind::Config, error.message())
}
