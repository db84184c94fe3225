use std::sync::atomic::Ordering::Relaxed;

use cachemere_base::Result;

use crate::{
    Bound,
    database::{fault::Fault, session::Session},
    entry::{Asked, Digest, Draft, Found, bucket},
    table::{
        Names, Rule, Table,
        read::read,
        rows::{Change, Put, Rows},
    },
};

/// How many rows are asked for by one statement at most.
const MOST: usize = 256;

/// One statement for each row that is changed: within the process nothing is faster.
#[derive(Debug)]
pub(crate) struct Sqlite {
    /// digests → position, cache_key, expires, format, number, value; for one, two, four and so on
    get_many: Vec<String>,
    /// digest → cache_key, bucket, size, expires
    look: String,
    /// expires, format, number, size, value, digest; for a row that was stored in the place of one with the same key and
    /// bucket
    replace: String,
    /// digest, cache_key, expires, bucket, format, number, size, value
    put: String,
    /// digest
    remove: String,
}

/// The row that a digest has.
struct Present {
    is_of_key: bool,
    bucket: i64,
    size: i64,
    expires: i64,
}

impl Sqlite {
    pub(crate) fn new(Names { table, .. }: &Names) -> Self {
        Self {
            get_many: (0..=MOST.ilog2())
                .map(|n| get_many(table, 1 << n))
                .collect(),
            look: format!("SELECT cache_key, bucket, size, expires FROM {table} WHERE digest = ?"),
            // SQLite changes an index whether or not its column changes
            replace: format!(
                "UPDATE {table} SET expires = ?, format = ?, number = ?, size = ?, value = ? \
                 WHERE digest = ?"
            ),
            put: format!(
                "INSERT INTO {table} \
                 (digest, cache_key, expires, bucket, format, number, size, value) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (digest) DO UPDATE SET \
                 cache_key = excluded.cache_key, expires = excluded.expires, \
                 bucket = excluded.bucket, format = excluded.format, number = excluded.number, \
                 size = excluded.size, value = excluded.value"
            ),
            remove: format!("DELETE FROM {table} WHERE digest = ?"),
        }
    }
}

/// Each key comes with its position, and the row is looked for at once: a list behind `IN` would first be sorted, and its
/// rows would have to be told apart.
fn get_many(table: &str, len: usize) -> String {
    let asked: Vec<_> = (0..len)
        .map(|position| format!("({position}, ?)"))
        .collect();
    format!(
        "SELECT asked.column1, cache_key, expires, format, number, value \
         FROM (VALUES {}) AS asked CROSS JOIN {table} WHERE digest = asked.column2",
        asked.join(", ")
    )
}

impl Sqlite {
    /// The statement for at least so many keys, and its values.
    fn many(&self, asked: &[Asked<'_>]) -> (&str, Vec<Bound<'static>>) {
        let len = asked.len().next_power_of_two();
        let mut digests: Vec<_> = asked.iter().map(|one| Bound::Int(one.digest)).collect();
        digests.resize(len, Bound::Null);
        (&self.get_many[len.ilog2() as usize], digests)
    }

    /// What is there is asked for: a statement that says what it changes makes a table for that, at several times the cost.
    fn present(
        &self,
        session: &mut dyn Session,
        asked: Asked<'_>,
    ) -> Result<Option<Present>, Fault> {
        let mut present = None;
        session.each(&self.look, &[Bound::Int(asked.digest)], &mut |row| {
            present = Some(Present {
                is_of_key: row.bytes(0)? == asked.key.as_bytes(),
                bucket: row.number(1)?,
                size: row.number(2)?,
                expires: row.number(3)?,
            });
            Ok(())
        })?;
        Ok(present)
    }

    /// What is there is not even asked for while rows are stored in the place of some that are as large.
    fn replaces(
        table: &Table,
        session: &mut dyn Session,
        draft: &Draft<'_>,
    ) -> Result<bool, Fault> {
        let [digest, key, expires, bucket, format, number, size, value] = draft.values();
        let values = [expires, format, number, value, bucket, digest, key, size];
        Ok(session.execute(&table.sql.replace, &values)?.rows > 0)
    }

    /// What a row that was stored does to the size; `None` if it was not.
    fn put_one(
        &self,
        session: &mut dyn Session,
        draft: &Draft<'_>,
        rule: Rule,
    ) -> Result<Option<Change>, Fault> {
        let present = self.present(session, draft.asked)?;
        let own = present.as_ref().filter(|present| present.is_of_key);
        if let (Some(own), Rule::IfFree(now)) = (own, rule)
            && own.expires > now
        {
            return Ok(None);
        }
        let values = draft.values();
        let [digest, _, expires, _, format, number, size, value] = values;
        if own.is_some_and(|own| own.bucket == bucket(draft.expires)) {
            let kept = [expires, format, number, size, value, digest];
            session.execute(&self.replace, &kept)?;
        } else {
            session.execute(&self.put, &values)?;
        }
        Ok(Some(Change {
            entries: i64::from(present.is_none()),
            bytes: draft.size - present.map_or(0, |present| present.size),
        }))
    }
}

impl Rows for Sqlite {
    fn get_many(
        &self,
        _: &Table,
        session: &mut dyn Session,
        asked: &[Asked<'_>],
    ) -> Result<Vec<Option<Found>>, Fault> {
        let mut found = vec![None; asked.len()];
        for (asked, found) in asked.chunks(MOST).zip(found.chunks_mut(MOST)) {
            let (sql, digests) = self.many(asked);
            session.each(sql, &digests, &mut |row| {
                let position = usize::try_from(row.number(0)?).unwrap_or(usize::MAX);
                if let Some(one) = asked.get(position)
                    && one.key.as_bytes() == row.bytes(1)?
                {
                    found[position] = Some(read(row, 2)?);
                }
                Ok(())
            })?;
        }
        Ok(found)
    }

    fn put(
        &self,
        table: &Table,
        session: &mut dyn Session,
        drafts: &[Draft<'_>],
        rule: Rule,
    ) -> Result<Put, Fault> {
        let mut put = Put::default();
        // one alone was tried before
        let replaces =
            matches!(rule, Rule::Replace) && drafts.len() > 1 && table.is_replacing.load(Relaxed);
        for draft in drafts {
            if replaces && Self::replaces(table, session, draft)? {
                put.stored += 1;
            } else if let Some(change) = self.put_one(session, draft, rule)? {
                put.stored += 1;
                put.change.entries += change.entries;
                put.change.bytes += change.bytes;
            }
        }
        if !put.change.is_none() {
            table.count(session, put.change)?;
            put.totals = table.totals(session)?;
        }
        Ok(put)
    }

    fn remove(
        &self,
        table: &Table,
        session: &mut dyn Session,
        asked: &[Asked<'_>],
        now: i64,
    ) -> Result<u64, Fault> {
        let (mut gone, mut live) = (Change::default(), 0);
        for one in asked {
            let present = self.present(session, *one)?;
            if let Some(own) = present.filter(|present| present.is_of_key) {
                session.execute(&self.remove, &[Bound::Int(one.digest)])?;
                gone.entries -= 1;
                gone.bytes -= own.size;
                live += u64::from(own.expires > now);
            }
        }
        table.count(session, gone)?;
        Ok(live)
    }

    fn remove_rows(&self, session: &mut dyn Session, digests: &[Digest]) -> Result<(), Fault> {
        for digest in digests {
            session.execute(&self.remove, &[Bound::Int(*digest)])?;
        }
        Ok(())
    }
}
