use std::collections::HashMap;

use cachemere_base::Result;

use crate::{
    Bound, Database, Dialect, Row,
    database::{fault::Fault, session::Session},
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
        let rows = session.query(&self.sql.get, &asked.values())?;
        let Some(mut row) = rows.into_iter().next() else {
            return Ok(None);
        };
        Ok(Some(found(&mut row, 0)?))
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

/// What rows of digest, cache_key, expires, format, number and value have for each key.
pub(crate) fn in_order(rows: Vec<Row>, asked: &[Asked<'_>]) -> Result<Vec<Option<Found>>, Fault> {
    let mut by_digest = HashMap::with_capacity(rows.len());
    for mut row in rows {
        let (digest, key) = (row.int(0)?, row.take_bytes(1)?);
        by_digest.insert(digest, (key, found(&mut row, 2)?));
    }
    let each = asked.iter().map(|one| {
        let (key, found) = by_digest.get(&Some(one.digest))?;
        let is_of_key = key.as_deref() == Some(one.key.as_bytes());
        is_of_key.then(|| found.clone())
    });
    Ok(each.collect())
}

/// The expiry and the value in a row, from this column on.
fn found(row: &mut Row, column: usize) -> Result<Found> {
    let number = |column| Ok::<_, cachemere_base::Error>(row.int(column)?.unwrap_or_default());
    let (expires, format, number) = (number(column)?, number(column + 1)?, number(column + 2)?);
    let value = row.take_bytes(column + 3)?.unwrap_or_default();
    Ok(Found::new(expires, format, number, value))
}
