use cachemere_base::Result;

use crate::{
    Bound, Row,
    database::{fault::Fault, session::Session},
    entry::{Asked, Digest, Draft, Found},
    table::{
        Names, Rule, Table,
        list::get_listed,
        rows::{Change, Put, Rows},
    },
};

/// One statement for each row that is changed: within the process nothing is faster.
#[derive(Debug)]
pub(crate) struct Sqlite {
    /// digest, cache_key, expires, format, number, value; for these digests
    get_many: String,
    /// expires, format, number, size, value, digest, cache_key, bucket → replaced, for a row that was stored in the place of
    /// one with the same bucket
    replace: String,
    /// digest, cache_key, expires, bucket, format, number, size, value → replaced, for a row that was stored
    put: String,
    /// The same and now, where there is none that lives.
    put_if_free: String,
    /// digest, cache_key → size, expires
    remove: String,
    /// digest
    remove_row: String,
}

impl Sqlite {
    pub(crate) fn new(Names { table, .. }: &Names) -> Self {
        let put = format!(
            "INSERT INTO {table} AS old \
             (digest, cache_key, expires, bucket, format, number, size, value) \
             VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (digest) DO UPDATE SET \
             cache_key = excluded.cache_key, expires = excluded.expires, bucket = excluded.bucket, \
             format = excluded.format, number = excluded.number, replaced = old.size, size = excluded.size, \
             value = excluded.value"
        );
        let is_free = "old.expires <= ? OR old.cache_key <> excluded.cache_key";
        Self {
            get_many: format!(
                "SELECT digest, cache_key, expires, format, number, value FROM {table} \
                 WHERE digest IN "
            ),
            replace: format!(
                "UPDATE {table} SET expires = ?, format = ?, number = ?, replaced = size, size = ?, \
                 value = ? WHERE digest = ? AND cache_key = ? AND bucket = ? RETURNING replaced"
            ),
            put: format!("{put} RETURNING replaced"),
            put_if_free: format!("{put} WHERE {is_free} RETURNING replaced"),
            remove: format!(
                "DELETE FROM {table} WHERE digest = ? AND cache_key = ? RETURNING size, expires"
            ),
            remove_row: format!("DELETE FROM {table} WHERE digest = ?"),
        }
    }
}

impl Sqlite {
    fn put_one(
        &self,
        session: &mut dyn Session,
        draft: &Draft<'_>,
        rule: Rule,
    ) -> Result<Vec<Row>, Fault> {
        let values = draft.values();
        let [digest, key, expires, bucket, format, number, size, value] = values;
        if let Rule::IfFree(now) = rule {
            let now = Bound::Int(now);
            let values = [
                digest, key, expires, bucket, format, number, size, value, now,
            ];
            return session.query(&self.put_if_free, &values);
        }
        // SQLite changes an index whether or not its column changes
        let kept = [expires, format, number, size, value, digest, key, bucket];
        let replaced = session.query(&self.replace, &kept)?;
        match replaced.is_empty() {
            true => session.query(&self.put, &values),
            false => Ok(replaced),
        }
    }
}

impl Rows for Sqlite {
    fn get_many(
        &self,
        _: &Table,
        session: &mut dyn Session,
        asked: &[Asked<'_>],
    ) -> Result<Vec<Option<Found>>, Fault> {
        get_listed(session, &self.get_many, asked)
    }

    fn put(
        &self,
        table: &Table,
        session: &mut dyn Session,
        drafts: &[Draft<'_>],
        rule: Rule,
    ) -> Result<Put, Fault> {
        let mut put = Put::default();
        for draft in drafts {
            if let Some(row) = self.put_one(session, draft, rule)?.first() {
                let replaced = row.int(0)?;
                put.stored += 1;
                put.change.entries += i64::from(replaced.is_none());
                put.change.bytes += draft.size - replaced.unwrap_or(0);
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
            if let Some(row) = session.query(&self.remove, &one.values())?.first() {
                gone.entries -= 1;
                gone.bytes -= row.int(0)?.unwrap_or(0);
                live += u64::from(row.int(1)?.unwrap_or(0) > now);
            }
        }
        table.count(session, gone)?;
        Ok(live)
    }

    fn remove_rows(&self, session: &mut dyn Session, digests: &[Digest]) -> Result<(), Fault> {
        for digest in digests {
            session.execute(&self.remove_row, &[Bound::Int(*digest)])?;
        }
        Ok(())
    }
}
