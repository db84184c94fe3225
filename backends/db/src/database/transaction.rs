use cachemere_base::{Error, Result};

use crate::database::{
    Bound, Dialect, Row,
    fault::{After, Fault},
    session::Session,
};

/// The statements of a transaction: see [`Database::transaction`](crate::Database::transaction).
#[derive(Debug)]
pub struct Transaction<'a> {
    session: &'a mut dyn Session,
    dialect: Dialect,
    after: After,
}

impl<'a> Transaction<'a> {
    pub(crate) fn new(session: &'a mut dyn Session, dialect: Dialect) -> Self {
        Self {
            session,
            dialect,
            after: After::Fit,
        }
    }

    /// The SQL that the database speaks.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Runs a statement that changes something, and gives the number of rows it changed.
    ///
    /// # Errors
    /// If the database refuses it. The transaction is then to be given up: return the error.
    pub fn execute(&mut self, sql: &str, values: &[Bound<'_>]) -> Result<u64> {
        let done = self.session.execute(sql, values);
        done.map(|done| done.rows)
            .map_err(|fault| self.noted(fault))
    }

    /// Runs a query, and gives its rows.
    ///
    /// # Errors
    /// As of [`execute`](Self::execute).
    pub fn query(&mut self, sql: &str, values: &[Bound<'_>]) -> Result<Vec<Row>> {
        let rows = self.session.query(sql, values);
        rows.map_err(|fault| self.noted(fault))
    }

    /// What the last statement that failed says of the connection.
    pub(crate) fn after(&self) -> After {
        self.after
    }

    fn noted(&mut self, fault: Fault) -> Error {
        self.after = fault.after;
        fault.error
    }
}
