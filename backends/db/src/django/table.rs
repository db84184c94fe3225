use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::STANDARD};
use cachemere_base::{Expiry, Key, Result, Settings, Value};
use cachemere_django::stored;

use super::{moment::Zone, statements::Statements};
use crate::{
    Bound, Dialect, Row,
    database::{fault::Fault, session::Session},
    table::{MOST, Names},
};

/// How many keys a statement has at most.
const LIST: usize = 256;

/// A table of Django's, and what is done to it.
#[derive(Debug)]
pub(super) struct Table {
    sql: Statements,
    zone: Zone,
}

/// The row of a key.
#[derive(Debug)]
pub(super) enum Found<T> {
    /// There is none.
    Nothing,
    /// It is expired, or of another key that the database takes for the same.
    Past,
    /// Its expiry or its value is none.
    Damaged,
    Live(T),
}

/// A row that is to be stored.
#[derive(Debug)]
pub(super) struct Draft<'a> {
    pub(super) key: &'a str,
    value: String,
    expires: String,
}

impl Table {
    pub(super) fn new(dialect: Dialect, name: &str, zone: Zone) -> Result<Self> {
        let names = Names::new(dialect, name)?;
        Ok(Self {
            sql: Statements::new(dialect, &names, zone.name()),
            zone,
        })
    }

    pub(super) fn draft<'a>(
        &self,
        key: &'a Key,
        value: Value,
        expiry: Expiry,
    ) -> Result<Draft<'a>> {
        Ok(Draft {
            key,
            value: STANDARD.encode(stored::pickled(value)?),
            expires: self.zone.written(expiry),
        })
    }

    /// The entries of several keys.
    pub(super) fn get(
        &self,
        session: &mut dyn Session,
        keys: &[Key],
        now: u64,
    ) -> Result<Vec<Found<(Value, Expiry)>>, Fault> {
        let mut rows = HashMap::with_capacity(keys.len());
        for keys in keys.chunks(LIST) {
            let (list, values) = list(keys);
            for mut row in session.query(&format!("{}{list}", self.sql.get), &values)? {
                let key = row.take_bytes(0)?.unwrap_or_default();
                rows.insert(key, self.entry(&mut row, now)?);
            }
        }
        // a key may be asked for twice
        let found = keys.iter().map(|key| match rows.get(key.as_bytes()) {
            None | Some(Found::Nothing) => Found::Nothing,
            Some(Found::Past) => Found::Past,
            Some(Found::Damaged) => Found::Damaged,
            Some(Found::Live(entry)) => Found::Live(entry.clone()),
        });
        Ok(found.collect())
    }

    /// When the entry of a key expires.
    pub(super) fn expires(
        &self,
        session: &mut dyn Session,
        key: &Key,
        now: u64,
    ) -> Result<Found<Expiry>, Fault> {
        let rows = session.query(&self.sql.expires, &[Bound::Text(key)])?;
        Ok(self.expiry(key, &rows, now)?)
    }

    /// The same of a row that nobody else changes until the transaction ends.
    pub(super) fn hold(
        &self,
        session: &mut dyn Session,
        key: &Key,
        now: u64,
    ) -> Result<Found<Expiry>, Fault> {
        let rows = session.query(&self.sql.hold, &[Bound::Text(key)])?;
        Ok(self.expiry(key, &rows, now)?)
    }

    /// Stores a row over one that is there; false if there is none, or if it is no other than this one.
    pub(super) fn replace(
        &self,
        session: &mut dyn Session,
        draft: &Draft<'_>,
    ) -> Result<bool, Fault> {
        let [key, value, expires] = draft.values();
        let done = session.execute(&self.sql.update, &[key, value, expires, key])?;
        Ok(done.rows > 0)
    }

    /// Stores a row that is not there, unless another is faster, after what is then too much was removed.
    ///
    /// There is `room` for so many rows that need not be counted.
    pub(super) fn put(
        &self,
        session: &mut dyn Session,
        draft: &Draft<'_>,
        settings: &Settings,
        room: &mut u64,
    ) -> Result<(), Fault> {
        self.make_room(session, settings, room)?;
        session.execute(&self.sql.put, &draft.values()).map(drop)
    }

    /// Stores a row where there was none; false if another was faster.
    pub(super) fn insert(
        &self,
        session: &mut dyn Session,
        draft: &Draft<'_>,
        settings: &Settings,
    ) -> Result<bool, Fault> {
        self.make_room(session, settings, &mut 0)?;
        let done = session.execute(&self.sql.insert, &draft.values())?;
        Ok(done.rows > 0)
    }

    /// Gives a row that is held a new expiry.
    pub(super) fn touch(
        &self,
        session: &mut dyn Session,
        key: &Key,
        expiry: Expiry,
    ) -> Result<(), Fault> {
        let expires = self.zone.written(expiry);
        let values = [Bound::Text(&expires), Bound::Text(key)];
        session.execute(&self.sql.update_expires, &values).map(drop)
    }

    /// Adds to an integer in a transaction; `None` if there is none that lives.
    pub(super) fn incr(
        &self,
        session: &mut dyn Session,
        key: &Key,
        delta: i64,
        now: u64,
    ) -> Result<Option<i64>, Fault> {
        let rows = session.query(&self.sql.hold_value, &[Bound::Text(key)])?;
        let Some(mut row) = rows.into_iter().next() else {
            return Ok(None);
        };
        if row.text(0)? != Some(key) {
            return Ok(None);
        }
        let held = match self.entry(&mut row, now)? {
            Found::Live((held, _)) => held,
            Found::Nothing | Found::Past => return Ok(None),
            // no integer, whatever it is
            Found::Damaged => Value::raw(""),
        };
        let sum = stored::counted(&held, delta, key)?;
        let value = STANDARD.encode(stored::pickled(Value::Int(sum))?);
        let values = [Bound::Text(&value), Bound::Text(key)];
        session.execute(&self.sql.update_value, &values)?;
        Ok(Some(sum))
    }

    pub(super) fn delete(&self, session: &mut dyn Session, key: &Key) -> Result<(), Fault> {
        session
            .execute(&self.sql.delete, &[Bound::Text(key)])
            .map(drop)
    }

    /// MySQL may take a row along whose key differs in case alone.
    pub(super) fn delete_many(&self, session: &mut dyn Session, keys: &[Key]) -> Result<(), Fault> {
        keys.chunks(LIST).try_for_each(|keys| {
            let (list, values) = list(keys);
            let sql = format!("{}{list}", self.sql.delete_many);
            session.execute(&sql, &values).map(drop)
        })
    }

    pub(super) fn clear(&self, session: &mut dyn Session) -> Result<(), Fault> {
        session.execute(&self.sql.clear, &[]).map(drop)
    }

    /// Makes room for one more row. Django adds some without telling, so the rows are counted.
    fn make_room(
        &self,
        session: &mut dyn Session,
        settings: &Settings,
        room: &mut u64,
    ) -> Result<(), Fault> {
        if *room == 0 {
            let rows = session.query(&self.sql.count, &[])?;
            let rows = rows.first().map(|row| row.int(0)).transpose()?.flatten();
            let rows = rows.unwrap_or_default().unsigned_abs();
            let surplus = surplus(settings, rows);
            if surplus > 0 {
                session.execute(&self.sql.cull, &[Bound::Int(surplus as i64)])?;
            }
            *room = settings.max_entries().saturating_sub(rows - surplus).max(1);
        }
        *room -= 1;
        Ok(())
    }

    /// The expiry of the only row of cache_key and expires.
    fn expiry(&self, key: &Key, rows: &[Row], now: u64) -> Result<Found<Expiry>> {
        match rows.first() {
            Some(row) if row.text(0)? == Some(key) => self.live(row, now),
            Some(_) => Ok(Found::Past),
            None => Ok(Found::Nothing),
        }
    }

    fn live(&self, row: &Row, now: u64) -> Result<Found<Expiry>> {
        Ok(match row.text(1)?.and_then(|text| self.zone.read(text)) {
            None => Found::Damaged,
            Some(expiry) if expiry.is_past(now) => Found::Past,
            Some(expiry) => Found::Live(expiry),
        })
    }

    /// What a row of cache_key, expires and value has.
    fn entry(&self, row: &mut Row, now: u64) -> Result<Found<(Value, Expiry)>> {
        let expiry = match self.live(row, now)? {
            Found::Live(expiry) => expiry,
            Found::Damaged => return Ok(Found::Damaged),
            Found::Nothing | Found::Past => return Ok(Found::Past),
        };
        let text = row.take_bytes(2)?.unwrap_or_default();
        Ok(match STANDARD.decode(text) {
            Ok(pickle) => Found::Live((stored::unpickled(pickle.into()), expiry)),
            Err(_) => Found::Damaged,
        })
    }
}

impl Draft<'_> {
    /// cache_key, value, expires
    fn values(&self) -> [Bound<'_>; 3] {
        [
            Bound::Text(self.key),
            Bound::Text(&self.value),
            Bound::Text(&self.expires),
        ]
    }
}

/// How many rows have to go where there are so many, and one is added: no more than a write removes.
fn surplus(settings: &Settings, rows: u64) -> u64 {
    let max = settings.max_entries();
    if rows < max {
        return 0;
    }
    (rows - max + settings.cull_size(max)).min(rows).min(MOST)
}

/// A list of these keys, filled up with the last one to a power of two, so that there are few statements to prepare.
fn list(keys: &[Key]) -> (String, Vec<Bound<'_>>) {
    let mut values: Vec<_> = keys.iter().map(|key| Bound::Text(key)).collect();
    if let Some(last) = values.last().copied() {
        values.resize(keys.len().next_power_of_two(), last);
    }
    (format!("({})", vec!["?"; values.len()].join(", ")), values)
}
