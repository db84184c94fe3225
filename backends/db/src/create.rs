use cachemere_base::{ErrorKind, Result};

use crate::{
    Database, Databases, Dialect,
    database::fault::{After, Fault},
    table::{Names, counting, layout},
};

/// A table that is to be created: of a cache, or another of this library.
#[derive(Clone, Debug)]
pub struct NewTable {
    name: String,
    statements: Vec<String>,
    /// What is run after them, in one transaction on every database.
    last: Vec<String>,
    /// A query that gives a row once all of it is there.
    probe: Option<String>,
}

impl NewTable {
    /// A table that these statements create, one after the other. A part of them may have been run before.
    #[must_use]
    pub fn new(name: &str, statements: Vec<String>) -> Self {
        Self {
            name: name.to_owned(),
            statements,
            last: Vec::new(),
            probe: None,
        }
    }

    /// The table of a cache whose LOCATION is `name`.
    ///
    /// # Errors
    /// If no table can have this name.
    pub fn for_cache(dialect: Dialect, name: &str) -> Result<Self> {
        let names = Names::new(dialect, name)?;
        Ok(Self {
            probe: Some(format!("SELECT slot FROM {} WHERE slot = 0", names.sizes)),
            last: counting(&names).into(),
            ..Self::new(name, layout(dialect, &names))
        })
    }

    /// The table of a Django site's cache whose LOCATION is `name`, as its `createcachetable` creates it.
    ///
    /// # Errors
    /// If no table can have this name.
    #[cfg(feature = "django")]
    pub fn for_django(dialect: Dialect, name: &str) -> Result<Self> {
        let names = Names::new(dialect, name)?;
        Ok(Self::new(name, crate::django::layout(dialect, &names)))
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The SQL that creates it.
    #[must_use]
    pub fn sql(&self) -> String {
        let statements = self.statements.iter().chain(&self.last);
        statements
            .map(|statement| format!("{statement};\n"))
            .collect()
    }

    /// Creates it, in one transaction where the database can; false if it is there already.
    ///
    /// # Errors
    /// If the database cannot be reached or refuses it.
    pub fn create(&self, database: &Database) -> Result<bool> {
        if self.exists(database)? {
            return Ok(false);
        }
        let used = using(&database.dialect().quote(&self.name));
        let created = database.atomically(&mut |session| {
            for statement in &self.statements {
                session.script(statement)?;
            }
            if database.dialect() == Dialect::MySql {
                // A table that is created ends the transaction. The next one uses the table before it locks its size, as all
                // do: MySQL does not see deadlocks between the two.
                session.begin()?;
                session.query(&used, &[])?;
            }
            self.last
                .iter()
                .try_for_each(|statement| session.script(statement))
        });
        match created {
            Ok(()) => Ok(true),
            // Another process may have been faster.
            Err(fault) if self.exists(database)? => {
                tracing::debug!(table = self.name, problem = %fault.error, "created by another");
                Ok(false)
            }
            Err(fault) => Err(fault.error),
        }
    }

    /// Whether it is there.
    ///
    /// # Errors
    /// If the database cannot be reached.
    pub fn exists(&self, database: &Database) -> Result<bool> {
        let sql = using(&database.dialect().quote(&self.name));
        let exists = database.read(&mut |session| {
            session.query(&sql, &[])?;
            match &self.probe {
                Some(probe) => session.query(probe, &[]).map(|rows| !rows.is_empty()),
                None => Ok(true),
            }
        });
        match exists {
            Err(fault) if fault.after == After::Missing => Ok(false),
            exists => Ok(exists?),
        }
    }
}

/// What became of a table that was to be created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Creation {
    /// It is created; with a dry run, it would be.
    Created,
    /// It was there already.
    Exists,
    /// The router does not let it be created in this database.
    Refused,
}

impl Databases {
    /// Creates a table, unless it is there or the router refuses it. With `dry_run`, says what would be done.
    ///
    /// This is the only way by which the library creates tables, beside AUTO_CREATE.
    ///
    /// # Errors
    /// If the database cannot be reached or refuses it; names the table.
    pub fn create_table(
        &self,
        database: &Database,
        table: &NewTable,
        dry_run: bool,
    ) -> Result<Creation> {
        if !self.allows_migrate(database.alias(), table.name()) {
            return Ok(Creation::Refused);
        }
        let is_new = if dry_run {
            table.exists(database).map(|exists| !exists)
        } else {
            table.create(database)
        };
        match is_new {
            Ok(true) => Ok(Creation::Created),
            Ok(false) => Ok(Creation::Exists),
            Err(error) => {
                let (kind, table) = (error.kind(), table.name());
                let message = format!("table `{table}` could not be created: {}", error.message());
                Err(Fault::new(kind, After::Fit, message)
                    .with_source(error)
                    .error)
            }
        }
    }
}

/// A query that gives nothing, and fails where the table is not there.
fn using(table: &str) -> String {
    format!("SELECT 1 FROM {table} WHERE 1 = 0")
}

/// What is said where a table of this name is no cache of this release.
pub(crate) fn foreign(table: &str, database: &Database) -> cachemere_base::Error {
    let (alias, place) = (database.alias(), database.place());
    let message = format!(
        "table `{table}` in database `{alias}` has other columns than a cache has: it is another application's, or of an \
         older release; name another LOCATION, or drop it and `{table}_size` ({place})"
    );
    cachemere_base::Error::new(ErrorKind::Server, message)
}

/// What is said where a table is not there.
pub(crate) fn missing(table: &str, database: &Database) -> cachemere_base::Error {
    let (alias, place) = (database.alias(), database.place());
    let message = format!(
        "table `{table}` is missing in database `{alias}`; create it by `cachemere createcachetable` ({place})"
    );
    cachemere_base::Error::new(ErrorKind::Server, message)
}
