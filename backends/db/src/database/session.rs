use std::{fmt::Debug, time::Duration};

use crate::database::{Bound, Row, columns::Show, fault::Fault};

/// What a statement did.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Done {
    /// How many rows it inserted, updated or deleted, as this database counts them.
    pub(crate) rows: u64,
    /// What `LAST_INSERT_ID` was given, on MySQL.
    pub(crate) last_id: i64,
}

/// A connection to a database, whichever it is.
///
/// A `?` in a statement stands for a value. Every method returns in bounded time.
pub(crate) trait Session: Debug + Send {
    /// Begins a transaction; one that is going to write takes the right to do so.
    fn begin(&mut self) -> Result<(), Fault>;

    fn commit(&mut self) -> Result<(), Fault>;

    fn rollback(&mut self) -> Result<(), Fault>;

    fn execute(&mut self, sql: &str, values: &[Bound<'_>]) -> Result<Done, Fault>;

    fn query(&mut self, sql: &str, values: &[Bound<'_>]) -> Result<Vec<Row>, Fault>;

    /// Runs a query, and shows each row while it is there.
    fn each(&mut self, sql: &str, values: &[Bound<'_>], show: &mut Show<'_>) -> Result<(), Fault> {
        for row in self.query(sql, values)? {
            show(&row)?;
        }
        Ok(())
    }

    /// Runs statements without values and answers, such as those that create tables.
    fn script(&mut self, sql: &str) -> Result<(), Fault>;

    /// Whether a connection that was idle for so long can be used.
    ///
    /// # Errors
    /// If the server stands still: another connection would wait as well.
    fn is_fit(&mut self, idle: Duration) -> Result<bool, Fault>;

    /// The name and version of the database.
    fn version(&mut self) -> Result<String, Fault>;
}
