use bytes::Bytes;
use cachemere_base::Result;

use crate::{
    Bound, Database, Dialect,
    database::{Columns, fault::Fault, session::Session},
    entry::{Asked, Found, bucket},
    table::Table,
};

impl Table {
    /// The row of a key, expired or not.
    pub(crate) fn get(
        &self,
        database: &Database,
        asked: Asked<'_>,
    ) -> Result<Option<Found>, Fault> {
        database.read(&mut |session| self.get_one(session, asked))
    }

    pub(crate) fn get_one(
        &self,
        session: &mut dyn Session,
        asked: Asked<'_>,
    ) -> Result<Option<Found>, Fault> {
        let mut one = None;
        session.each(&self.sql.get, &asked.values(), &mut |row| {
            one = Some(read(row, 0)?);
            Ok(())
        })?;
        Ok(one)
    }

    /// When the entry of a key expires, if there is one.
    pub(crate) fn expires(
        &self,
        database: &Database,
        asked: Asked<'_>,
    ) -> Result<Option<i64>, Fault> {
        let rows = database.read(&mut |session| session.query(&self.sql.has, &asked.values()))?;
        Ok(rows.first().map(|row| row.int(0)).transpose()?.flatten())
    }

    /// The rows of several keys, expired or not.
    pub(crate) fn get_many(
        &self,
        database: &Database,
        asked: &[Asked<'_>],
    ) -> Result<Vec<Option<Found>>, Fault> {
        database.read(&mut |session| self.rows.get_many(self, session, asked))
    }

    /// Gives an entry that lives at `now` a new expiry.
    pub(crate) fn touch(
        &self,
        database: &Database,
        asked: Asked<'_>,
        expires: i64,
        now: i64,
    ) -> Result<bool, Fault> {
        let [digest, key] = asked.values();
        let bucket = Bound::Int(bucket(expires));
        let values = [Bound::Int(expires), bucket, digest, key, Bound::Int(now)];
        let done =
            database.write_again(&mut |session| session.execute(&self.sql.touch, &values))?;
        if done.rows == 0 && self.dialect == Dialect::MySql {
            // It does not count a row that had this expiry before.
            return Ok(self.expires(database, asked)? == Some(expires));
        }
        Ok(done.rows > 0)
    }

    /// Removes a row that this version cannot read, unless it was replaced.
    pub(crate) fn remove_unreadable(
        &self,
        database: &Database,
        asked: Asked<'_>,
    ) -> Result<(), Fault> {
        self.remove(database, &[asked], 0).map(drop)
    }
}

/// The expiry and the value in a row, from this column on.
pub(crate) fn read(row: &dyn Columns, column: usize) -> Result<Found> {
    let (expires, format) = (row.number(column)?, row.number(column + 1)?);
    let value = Bytes::copy_from_slice(row.bytes(column + 3)?);
    Ok(Found::new(expires, format, row.number(column + 2)?, value))
}
