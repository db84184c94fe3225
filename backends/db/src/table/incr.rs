use cachemere_base::{Error, ErrorKind, Result, Shown};

use crate::{
    Bound, Database, Dialect,
    database::{fault::Fault, session::Session},
    entry::Asked,
    table::Table,
};

/// How often an entry is looked at that others change meanwhile.
const TRIES: u32 = 100;

/// What was found where an integer was to be moved.
enum Counted {
    Sum(i64),
    Nothing,
    /// It is there and can be moved now: it was not a moment ago.
    Again,
}

impl Table {
    /// Adds to the integer of an entry that lives at `now`; `None` if there is none.
    pub(crate) fn incr(
        &self,
        database: &Database,
        asked: Asked<'_>,
        delta: i64,
        now: i64,
    ) -> Result<Option<i64>, Fault> {
        for _ in 0..TRIES {
            if delta != 0
                && let Some(sum) =
                    database.write(&mut |session| self.add(session, asked, delta, now))?
            {
                return Ok(Some(sum));
            }
            match database.read(&mut |session| self.look(session, asked, delta, now))? {
                Counted::Sum(sum) => return Ok(Some(sum)),
                Counted::Nothing => return Ok(None),
                Counted::Again => {}
            }
        }
        let message = format!(
            "{} was changed by others all the time",
            Shown::new(asked.key)
        );
        Err(Error::new(ErrorKind::TimedOut, message).into())
    }

    fn add(
        &self,
        session: &mut dyn Session,
        asked: Asked<'_>,
        delta: i64,
        now: i64,
    ) -> Result<Option<i64>, Fault> {
        let lowest = i64::MIN.saturating_sub(delta.min(0));
        let highest = i64::MAX.saturating_sub(delta.max(0));
        let values = [
            Bound::Int(delta),
            Bound::Int(asked.digest),
            Bound::Bytes(asked.key.as_bytes()),
            Bound::Int(now),
            Bound::Int(lowest),
            Bound::Int(highest),
        ];
        if self.dialect == Dialect::MySql {
            let done = session.execute(&self.sql.incr, &values)?;
            return Ok((done.rows > 0).then_some(done.last_id));
        }
        let rows = session.query(&self.sql.incr, &values)?;
        Ok(rows.first().map(|row| row.int(0)).transpose()?.flatten())
    }

    /// Why an integer was not moved.
    fn look(
        &self,
        session: &mut dyn Session,
        asked: Asked<'_>,
        delta: i64,
        now: i64,
    ) -> Result<Counted, Fault> {
        let values = [Bound::Int(asked.digest), Bound::Bytes(asked.key.as_bytes())];
        let rows = session.query(&self.sql.kind, &values)?;
        let Some(row) = rows.first() else {
            return Ok(Counted::Nothing);
        };
        let number = |column| Ok::<_, Error>(row.int(column)?.unwrap_or_default());
        if number(0)? <= now {
            return Ok(Counted::Nothing);
        }
        let shown = Shown::new(asked.key);
        if number(1)? != 0 {
            let message = format!("{shown} does not hold an integer");
            return Err(Error::new(ErrorKind::NotAnInteger, message).into());
        }
        match number(2)?.checked_add(delta) {
            None => {
                let message = format!("{shown} would not fit a 64-bit signed integer");
                Err(Error::new(ErrorKind::Overflow, message).into())
            }
            Some(sum) if delta == 0 => Ok(Counted::Sum(sum)),
            Some(_) => Ok(Counted::Again),
        }
    }
}
