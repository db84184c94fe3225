//! The table of a cache, and what is done to it.

#[cfg(any(feature = "mysql", feature = "postgres"))]
mod answers;
#[cfg(all(test, feature = "sqlite"))]
mod cost;
mod cull;
mod incr;
mod layout;
#[cfg(feature = "mysql")]
mod list;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
mod put;
mod read;
mod remove;
mod rows;
#[cfg(feature = "sqlite")]
mod sqlite;
mod statements;

use std::sync::atomic::AtomicBool;

use cachemere_base::{ErrorKind, Result};

pub(crate) use cull::Limits;
#[cfg(feature = "django")]
pub(crate) use cull::MOST;
pub(crate) use layout::{Names, counting, layout};
pub(crate) use put::Rule;

use crate::{
    Bound, Database, Dialect,
    database::{
        fault::{After, Fault},
        session::Session,
    },
    table::{
        rows::{Change, Rows, Totals},
        statements::Statements,
    },
};

/// How many rows carry the size of a table: writers that meet in one of them wait for each other.
pub(crate) const SLOTS: i64 = 16;

/// A table of a database, as a cache uses it.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) names: Names,
    dialect: Dialect,
    sql: Statements,
    rows: Box<dyn Rows>,
    /// Whether the last write of this process left the size as it is.
    is_replacing: AtomicBool,
    /// Whether the last write of this process added an entry and left little room.
    is_nearly_full: AtomicBool,
}

impl Table {
    /// The table of this name, which is checked.
    pub(crate) fn new(dialect: Dialect, name: &str) -> Result<Self> {
        let names = Names::new(dialect, name)?;
        Ok(Self {
            sql: Statements::new(dialect, &names),
            rows: rows::of(dialect, &names),
            is_replacing: AtomicBool::new(false),
            is_nearly_full: AtomicBool::new(false),
            dialect,
            names,
        })
    }

    /// Removes everything.
    pub(crate) fn clear(&self, database: &Database) -> Result<(), Fault> {
        if self.dialect == Dialect::MySql {
            // It has no transaction for this: whoever writes in between is counted.
            database.write(&mut |session| session.execute(&self.sql.clear, &[]))?;
            return database.atomically(&mut |session| {
                self.lock(session)?;
                self.recount(session)
            });
        }
        database.atomically(&mut |session| {
            session.execute(&self.sql.clear, &[])?;
            session.execute(&self.sql.reset, &[]).map(drop)
        })
    }

    /// Adds to the size that is kept.
    #[cfg(any(feature = "mysql", feature = "sqlite"))]
    fn count(&self, session: &mut dyn Session, change: Change) -> Result<(), Fault> {
        self.count_in(session, change, self.slot())
    }

    fn count_in(&self, session: &mut dyn Session, change: Change, slot: i64) -> Result<(), Fault> {
        if change.is_none() {
            return Ok(());
        }
        let (entries, bytes) = (Bound::Int(change.entries), Bound::Int(change.bytes));
        let slot = Bound::Int(slot);
        match session
            .execute(&self.sql.count, &[entries, bytes, slot])?
            .rows
        {
            0 => Err(self.uncounted()),
            _ => Ok(()),
        }
    }

    /// Takes the right to cull: one at a time has it.
    fn lock(&self, session: &mut dyn Session) -> Result<(), Fault> {
        if self.dialect != Dialect::Sqlite {
            session.query(&self.sql.enter, &[])?;
        }
        session.query(&self.sql.lock, &[]).map(drop)
    }

    /// The size that is kept.
    fn totals(&self, session: &mut dyn Session) -> Result<Totals, Fault> {
        let rows = session.query(&self.sql.totals, &[])?;
        Ok(Totals::read(&rows, 0)?)
    }

    /// One of the rows that carry the size.
    fn slot(&self) -> i64 {
        match self.dialect {
            Dialect::Sqlite => 0,
            Dialect::Postgres | Dialect::MySql => fastrand::i64(1..=SLOTS),
        }
    }

    fn uncounted(&self) -> Fault {
        let message = format!("table {} is empty", self.names.sizes);
        Fault::new(ErrorKind::Server, After::Missing, message)
    }
}
