use std::fmt::Debug;

use cachemere_base::Result;

use crate::{
    Dialect, Row,
    database::{fault::Fault, session::Session},
    entry::{Asked, Digest, Draft, Found},
    table::{Names, Rule, Table},
};

/// What is said differently to each database.
///
/// The methods that change rows keep the size of the table, too, unless they say otherwise.
pub(crate) trait Rows: Debug + Send + Sync {
    /// The rows of several keys, expired or not.
    fn get_many(
        &self,
        table: &Table,
        session: &mut dyn Session,
        asked: &[Asked<'_>],
    ) -> Result<Vec<Option<Found>>, Fault>;

    /// Stores rows with different keys and one expiry, by a rule.
    fn put(
        &self,
        table: &Table,
        session: &mut dyn Session,
        drafts: &[Draft<'_>],
        rule: Rule,
    ) -> Result<Put, Fault>;

    /// Removes entries; how many of them lived at `now`.
    fn remove(
        &self,
        table: &Table,
        session: &mut dyn Session,
        asked: &[Asked<'_>],
        now: i64,
    ) -> Result<u64, Fault>;

    /// Removes rows that are known to be there, without counting them.
    fn remove_rows(&self, session: &mut dyn Session, digests: &[Digest]) -> Result<(), Fault>;

    /// Whether each of them is one statement, which needs no transaction around it.
    fn are_single(&self) -> bool {
        false
    }
}

/// How this database is spoken to.
pub(crate) fn of(dialect: Dialect, names: &Names) -> Box<dyn Rows> {
    match dialect {
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => Box::new(super::sqlite::Sqlite::new(names)),
        #[cfg(feature = "postgres")]
        Dialect::Postgres => Box::new(super::postgres::Postgres::new(names)),
        #[cfg(feature = "mysql")]
        Dialect::MySql => Box::new(super::mysql::MySql::new(names)),
        #[allow(unreachable_patterns, reason = "not with every feature")]
        _ => unreachable!("no database of this dialect can be opened"),
    }
}

/// What rows do to the size of a table.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Change {
    pub(crate) entries: i64,
    pub(crate) bytes: i64,
}

/// What became of rows that were to be stored.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Put {
    pub(crate) stored: u64,
    pub(crate) change: Change,
    /// The size of the table with them.
    pub(crate) totals: Totals,
}

/// The size of a table.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Totals {
    pub(crate) entries: u64,
    pub(crate) bytes: u64,
    /// How many entries culling has still to remove.
    pub(crate) due: u64,
}

impl Put {
    pub(crate) fn has_grown(self) -> bool {
        self.change.entries > 0 || self.change.bytes > 0
    }
}

impl Change {
    pub(crate) fn is_none(self) -> bool {
        self.entries == 0 && self.bytes == 0
    }
}

impl Totals {
    /// From three columns of the first row of an answer.
    pub(crate) fn read(rows: &[Row], column: usize) -> Result<Self> {
        let number = |column| match rows.first() {
            Some(row) => Ok(u64::try_from(row.int(column)?.unwrap_or(0)).unwrap_or(0)),
            None => Ok::<_, cachemere_base::Error>(0),
        };
        Ok(Self {
            entries: number(column)?,
            bytes: number(column + 1)?,
            due: number(column + 2)?,
        })
    }

    /// With what was not counted yet when it was read.
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    pub(crate) fn with(self, change: Change) -> Self {
        Self {
            entries: self.entries.saturating_add_signed(change.entries),
            bytes: self.bytes.saturating_add_signed(change.bytes),
            due: self.due,
        }
    }
}

/// The number in a column of the first row of an answer; 0 if there is none.
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(crate) fn number(rows: &[Row], column: usize) -> Result<i64> {
    let number = rows.first().map(|row| row.int(column)).transpose()?;
    Ok(number.flatten().unwrap_or(0))
}
