use std::sync::Arc;

use cachemere_base::{Error, ErrorKind, Result, Shown};
use cachemere_db::{Bound, Creation, Database, Databases, Dialect, NewTable, Transaction};

use super::snapshot::{Snapshot, unknown};
use crate::{
    Version,
    config::{VersionKind, VersionSettings},
};

/// How many characters a name may have.
const LONGEST: usize = 128;

/// The table that has the versions: what is true of them.
///
/// A name that is stopped keeps its row, so that one that is started again goes on with another version.
pub(super) struct Table {
    databases: Arc<Databases>,
    database: Database,
    name: String,
    quoted: String,
    kind: VersionKind,
}

impl Table {
    /// # Errors
    /// If there is no such database.
    pub(super) fn open(databases: &Arc<Databases>, settings: &VersionSettings) -> Result<Self> {
        let database = databases.get(&settings.database);
        let database = database.map_err(|error| Error::new(ErrorKind::Config, error.message()))?;
        Ok(Self {
            databases: Arc::clone(databases),
            quoted: database.dialect().quote(&settings.table),
            database,
            name: settings.table.clone(),
            kind: settings.kind,
        })
    }

    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    /// How it is created.
    pub(super) fn layout(&self) -> NewTable {
        // names are compared byte for byte
        let (name, text, integer, end) = match self.database.dialect() {
            Dialect::MySql => ("VARBINARY(512)", "VARCHAR(16)", "BIGINT", " ENGINE=InnoDB"),
            Dialect::Postgres => ("TEXT COLLATE \"C\"", "TEXT", "BIGINT", ""),
            _ => ("TEXT", "TEXT", "INTEGER", ""),
        };
        let statement = format!(
            "CREATE TABLE IF NOT EXISTS {} (\n    \
                name {name} NOT NULL PRIMARY KEY,\n    \
                version {text} NOT NULL,\n    \
                changes {integer} NOT NULL,\n    \
                is_active {integer} NOT NULL\n\
            ){end}",
            self.quoted
        );
        NewTable::new(&self.name, vec![statement])
    }

    pub(super) fn load(&self) -> Result<Snapshot> {
        let sql = format!(
            "SELECT name, version, changes FROM {} WHERE is_active = 1",
            self.quoted
        );
        let rows = self.run(|database| database.query(&sql, &[]))?;
        let versions = rows.iter().map(|row| {
            let version = match self.kind {
                VersionKind::Random => Version::from(row.text(1)?.unwrap_or_default()),
                VersionKind::Counting => Version::from(row.int(2)?.unwrap_or_default()),
            };
            Ok((row.text(0)?.unwrap_or_default().to_owned(), version))
        });
        let versions: Vec<_> = versions.collect::<Result<_>>()?;
        Ok(Snapshot::new(versions))
    }

    /// False if it was started before.
    pub(super) fn start(&self, name: &str) -> Result<bool> {
        check(name)?;
        let table = &self.quoted;
        let (insert, end) = match self.database.dialect() {
            Dialect::MySql => ("INSERT IGNORE", ""),
            _ => ("INSERT", " ON CONFLICT (name) DO NOTHING"),
        };
        let insert = format!(
            "{insert} INTO {table} (name, version, changes, is_active) VALUES (?, ?, 0, 1){end}"
        );
        let restart = format!(
            "UPDATE {table} SET version = ?, changes = changes + 1, is_active = 1 \
             WHERE name = ? AND is_active = 0"
        );
        self.transaction(|statements| {
            let (name, version) = (Bound::Text(name), fresh());
            let version = Bound::Text(&version);
            let changed = statements.execute(&insert, &[name, version])? > 0
                || statements.execute(&restart, &[version, name])? > 0;
            Ok(changed)
        })
    }

    /// False if it was stopped before.
    pub(super) fn stop(&self, name: &str) -> Result<bool> {
        let table = &self.quoted;
        let stop = format!("UPDATE {table} SET is_active = 0 WHERE name = ? AND is_active = 1");
        let find = format!("SELECT changes FROM {table} WHERE name = ?");
        self.transaction(|statements| {
            if statements.execute(&stop, &[Bound::Text(name)])? > 0 {
                return Ok(true);
            }
            match statements.query(&find, &[Bound::Text(name)])?.as_slice() {
                [] => Err(unknown(
                    name,
                    self.names(statements)?.iter().map(String::as_str),
                )),
                _ => Ok(false),
            }
        })
    }

    /// All or none; `names` are in order, so that two who change the same ones do not wait for each other.
    pub(super) fn invalidate(&self, names: &[&str]) -> Result<()> {
        self.transaction(|statements| {
            names.iter().try_for_each(|name| {
                if self.change(statements, name)? {
                    return Ok(());
                }
                Err(unknown(
                    name,
                    self.names(statements)?.iter().map(String::as_str),
                ))
            })
        })
    }

    pub(super) fn invalidate_all(&self) -> Result<()> {
        self.transaction(|statements| {
            let names = self.names(statements)?;
            // one that was stopped meanwhile needs no other version
            names
                .iter()
                .try_for_each(|name| self.change(statements, name).map(drop))
        })
    }

    fn change(&self, statements: &mut Transaction<'_>, name: &str) -> Result<bool> {
        let sql = format!(
            "UPDATE {} SET version = ?, changes = changes + 1 WHERE name = ? AND is_active = 1",
            self.quoted
        );
        let values = [Bound::Text(&fresh()), Bound::Text(name)];
        Ok(statements.execute(&sql, &values)? > 0)
    }

    fn names(&self, statements: &mut Transaction<'_>) -> Result<Vec<String>> {
        let sql = format!(
            "SELECT name FROM {} WHERE is_active = 1 ORDER BY name",
            self.quoted
        );
        let rows = statements.query(&sql, &[])?;
        let names = rows
            .iter()
            .map(|row| Ok(row.text(0)?.unwrap_or_default().to_owned()));
        names.collect()
    }

    fn transaction<T: Send>(
        &self,
        action: impl Fn(&mut Transaction<'_>) -> Result<T> + Send + Sync,
    ) -> Result<T> {
        self.run(|database| database.transaction(&action))
    }

    /// Runs `action`; again once the table is there, since it may have been missing.
    fn run<T>(&self, action: impl Fn(&Database) -> Result<T>) -> Result<T> {
        match action(&self.database) {
            Err(error) if error.kind() == ErrorKind::Server => {
                self.create_if_missing()?;
                action(&self.database)
            }
            done => done,
        }
    }

    fn create_if_missing(&self) -> Result<()> {
        let (database, table) = (&self.database, self.layout());
        let is_embedded = database.dialect() == Dialect::Sqlite;
        if table.exists(database)?
            || is_embedded
                && self.databases.create_table(database, &table, false)? != Creation::Refused
        {
            return Ok(());
        }
        let (name, alias, place) = (&self.name, database.alias(), database.place());
        let option = match alias {
            "default" => String::new(),
            alias => format!(" --database {alias}"),
        };
        let message = format!(
            "table `{name}` of the versions is missing in database `{alias}`; create it by `cachemere createcachetable {name}{option}` ({place})"
        );
        Err(Error::new(ErrorKind::Server, message))
    }
}

fn check(name: &str) -> Result<()> {
    let length = name.chars().count();
    let problem = match () {
        () if name.is_empty() => "is empty".to_owned(),
        () if length > LONGEST => format!("has {length} characters, {LONGEST} are allowed"),
        () if name.contains(char::is_control) => "has control characters".to_owned(),
        () => return Ok(()),
    };
    let message = format!("the name {} {problem}", Shown::new(name));
    Err(Error::new(ErrorKind::InvalidVersion, message))
}

/// A version at random.
fn fresh() -> String {
    std::iter::repeat_with(fastrand::alphanumeric)
        .take(8)
        .collect()
}
