use std::sync::Arc;

use cachemere_base::{Context, Error, Result, Settings};

use crate::{
    Database, Databases, Dialect, NewTable, Options, create,
    database::fault::{After, Fault},
};

/// Where a cache lives: its table, the database that is written to, and the one that is read from.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) database: Database,
    pub(crate) reader: Database,
    table: NewTable,
    databases: Arc<Databases>,
    auto_create: bool,
}

impl Place {
    /// The place that the settings name, or the router where they do not.
    ///
    /// `table` makes what can be created there. Where AUTO_CREATE is left out, `creates` says which databases do so by
    /// themselves.
    pub(crate) fn new(
        settings: &Settings,
        options: &Options,
        context: &Context,
        table: fn(Dialect, &str) -> Result<NewTable>,
        creates: fn(Dialect) -> bool,
    ) -> Result<Self> {
        let databases = context.shared("", Databases::default);
        let name = settings.location()?;
        let router = databases.router();
        let asked = |question: fn(&dyn crate::CacheRouter, &str) -> Option<String>| {
            router.as_deref().and_then(|router| question(router, name))
        };
        let written = options
            .database
            .clone()
            .or_else(|| asked(|router, table| router.db_for_write(table)))
            .unwrap_or_else(|| "default".to_owned());
        let read = options
            .read_database
            .clone()
            .or_else(|| asked(|router, table| router.db_for_read(table)))
            .unwrap_or_else(|| written.clone());
        let database = databases.get(&written)?;
        let reader = databases
            .get(&read)
            .map_err(|error| Error::setting("OPTIONS.READ_DATABASE", error.message()))?;
        let dialect = database.dialect();
        if reader.dialect() != dialect {
            let message =
                format!("`{read}` is no replica of `{written}`: they speak different SQL");
            return Err(Error::setting("OPTIONS.READ_DATABASE", message));
        }
        let table = table(dialect, name)?;
        databases.add_cache_table(&database, table.clone());
        Ok(Self {
            auto_create: options.auto_create.unwrap_or_else(|| creates(dialect)),
            database,
            reader,
            table,
            databases,
        })
    }

    /// The name of the table.
    pub(crate) fn table(&self) -> &str {
        self.table.name()
    }

    /// What is the same for two caches over one table.
    pub(crate) fn identity(&self) -> String {
        format!("{} {}", self.database.identity(), self.table())
    }

    /// Runs `action`, again after the table was created, if it was missing and may be.
    pub(crate) fn on_table<T>(
        &self,
        database: &Database,
        action: impl Fn(&Database) -> Result<T, Fault>,
    ) -> Result<T> {
        match action(database) {
            Ok(output) => Ok(output),
            Err(fault) if fault.after == After::Foreign => {
                Err(create::foreign(self.table(), database))
            }
            Err(fault) if fault.after != After::Missing => Err(fault.error),
            Err(_) if !self.auto_create => Err(create::missing(self.table(), database)),
            Err(_) => {
                self.databases
                    .create_table(&self.database, &self.table, false)?;
                action(database).map_err(|fault| match fault.after {
                    After::Missing => create::missing(self.table(), database),
                    _ => fault.error,
                })
            }
        }
    }

    /// Gives idle connections back.
    pub(crate) fn close(&self) {
        self.database.close();
        self.reader.close();
    }

    /// The servers and their versions.
    pub(crate) fn servers(&self) -> Result<Vec<String>> {
        let mut servers = vec![server(&self.database)?];
        if self.reader.identity() != self.database.identity() {
            servers.push(server(&self.reader)?);
        }
        Ok(servers)
    }
}

fn server(database: &Database) -> Result<String> {
    Ok(format!("{} at {}", database.version()?, database.place()))
}
