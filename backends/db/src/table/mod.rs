//! The table of a cache, and what is done to it.

mod cull;
mod incr;
mod layout;
mod many;
mod put;
mod read;
mod remove;
mod statements;

use cachemere_base::Result;

pub(crate) use cull::Limits;
pub(crate) use layout::{Names, layout};
pub(crate) use put::Rule;

use crate::{Database, Dialect, database::fault::Fault, table::statements::Statements};

/// How many rows carry the size of a table: writers that meet in one of them wait for each other.
pub(crate) const SLOTS: i64 = 16;

/// A table of a database, as a cache uses it.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) names: Names,
    dialect: Dialect,
    sql: Statements,
}

impl Table {
    /// The table of this name, which is checked.
    pub(crate) fn new(dialect: Dialect, name: &str) -> Result<Self> {
        let names = Names::new(dialect, name)?;
        Ok(Self {
            sql: Statements::new(dialect, &names),
            dialect,
            names,
        })
    }

    /// Removes everything.
    pub(crate) fn clear(&self, database: &Database) -> Result<(), Fault> {
        database.atomically(&mut |session| {
            session.execute(&self.sql.clear, &[])?;
            session.execute(&self.sql.reset, &[])?;
            Ok(())
        })
    }

    /// One of the rows that carry the size.
    fn slot(&self) -> i64 {
        match self.dialect {
            Dialect::Sqlite => 0,
            Dialect::Postgres | Dialect::MySql => fastrand::i64(1..=SLOTS),
        }
    }
}
