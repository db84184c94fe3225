use cachemere_base::Result;

use crate::{
    Bound, Database, Row,
    database::{fault::Fault, session::Session},
    entry::{Asked, Found},
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
        let rows = session.query(&self.sql.get, &[Bound::Bytes(&asked.digest)])?;
        let Some(mut row) = rows.into_iter().next() else {
            return Ok(None);
        };
        let is_of_key = row.take_bytes(0)?.as_deref() == Some(asked.key.as_bytes());
        is_of_key
            .then(|| found(&mut row, 1))
            .transpose()
            .map_err(Fault::from)
    }

    /// When the entry of a key expires, if there is one.
    pub(crate) fn expires(
        &self,
        database: &Database,
        asked: Asked<'_>,
    ) -> Result<Option<i64>, Fault> {
        let values = [
            Bound::Bytes(&asked.digest),
            Bound::Bytes(asked.key.as_bytes()),
        ];
        let rows = database.read(&mut |session| session.query(&self.sql.has, &values))?;
        Ok(rows.first().map(|row| row.int(0)).transpose()?.flatten())
    }

    /// Gives an entry that lives at `now` a new expiry.
    pub(crate) fn touch(
        &self,
        database: &Database,
        asked: Asked<'_>,
        expires: i64,
        now: i64,
    ) -> Result<bool, Fault> {
        let key = Bound::Bytes(asked.key.as_bytes());
        let digest = Bound::Bytes(&asked.digest);
        let values = [Bound::Int(expires), digest, key, Bound::Int(now)];
        let done = database.write(&mut |session| session.execute(&self.sql.touch, &values))?;
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
pub(crate) fn found(row: &mut Row, column: usize) -> Result<Found> {
    let number = |column| Ok::<_, cachemere_base::Error>(row.int(column)?.unwrap_or_default());
    let (expires, format, number) = (number(column)?, number(column + 1)?, number(column + 2)?);
    let value = row.take_bytes(column + 3)?.unwrap_or_default();
    Ok(Found::new(expires, format, number, value))
}
