use cachemere_base::Result;

use crate::{
    Bound,
    database::{fault::Fault, session::Session},
    entry::{Asked, Draft, Found},
    table::{
        Names, Rule, Table,
        rows::{Change, Put, Rows},
    },
};

/// One statement a row: within the process nothing is faster.
#[derive(Debug)]
pub(crate) struct Sqlite {
    /// digest, cache_key, expires, format, number, size, value → replaced, for a row that was stored
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
            "INSERT INTO {table} AS old (digest, cache_key, expires, format, number, size, value) \
             VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (digest) DO UPDATE SET \
             cache_key = excluded.cache_key, expires = excluded.expires, format = excluded.format, \
             number = excluded.number, replaced = old.size, size = excluded.size, \
             value = excluded.value"
        );
        let is_free = "old.expires <= ? OR old.cache_key <> excluded.cache_key";
        Self {
            put: format!("{put} RETURNING replaced"),
            put_if_free: format!("{put} WHERE {is_free} RETURNING replaced"),
            remove: format!(
                "DELETE FROM {table} WHERE digest = ? AND cache_key = ? RETURNING size, expires"
            ),
            remove_row: format!("DELETE FROM {table} WHERE digest = ?"),
        }
    }
}

impl Rows for Sqlite {
    fn get_many(
        &self,
        table: &Table,
        session: &mut dyn Session,
        asked: &[Asked<'_>],
    ) -> Result<Vec<Option<Found>>, Fault> {
        let each = asked.iter();
        each.map(|one| table.get_one(session, *one)).collect()
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
            let mut values = draft.values().to_vec();
            let sql = match rule {
                Rule::Replace => &self.put,
                Rule::IfFree(now) => {
                    values.push(Bound::Int(now));
                    &self.put_if_free
                }
            };
            if let Some(row) = session.query(sql, &values)?.first() {
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

    fn remove_rows(&self, session: &mut dyn Session, digests: &[Vec<u8>]) -> Result<(), Fault> {
        for digest in digests {
            session.execute(&self.remove_row, &[Bound::Bytes(digest)])?;
        }
        Ok(())
    }
}
