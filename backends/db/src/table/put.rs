use cachemere_base::Result;

use crate::{
    Bound, Database,
    database::{fault::Fault, session::Session},
    entry::{Digest, Draft},
    table::{Limits, Table, cull::Totals},
};

/// What is done where there is an entry.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rule {
    /// It is replaced.
    Replace,
    /// It is left alone if it lives at this time.
    IfFree(i64),
}

/// What rows did to the size of a table.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Change {
    pub(crate) stored: u64,
    pub(crate) entries: i64,
    pub(crate) bytes: i64,
}

impl Table {
    /// Stores rows with different keys, and removes what is then too much, though never `last`. How many were stored.
    pub(crate) fn put(
        &self,
        database: &Database,
        drafts: &[Draft<'_>],
        last: Digest,
        rule: Rule,
        limits: &Limits,
        now: i64,
    ) -> Result<u64, Fault> {
        database.atomically(&mut |session| {
            let change = self.put_each(session, drafts, rule)?;
            self.count(session, change)?;
            if change.entries > 0 || change.bytes > 0 {
                let totals = self.totals(session)?;
                self.cull(session, totals, last, limits, now)?;
            }
            Ok(change.stored)
        })
    }

    /// One statement a row: on SQLite nothing is faster.
    fn put_each(
        &self,
        session: &mut dyn Session,
        drafts: &[Draft<'_>],
        rule: Rule,
    ) -> Result<Change, Fault> {
        let mut change = Change::default();
        for draft in drafts {
            let (digest, key) = (&draft.asked.digest, draft.asked.key.as_bytes());
            let values = [
                Bound::Bytes(digest),
                Bound::Bytes(key),
                Bound::Int(draft.expires),
                Bound::Int(draft.format),
                Bound::Int(draft.number),
                Bound::Int(draft.size),
                Bound::Bytes(&draft.value),
                Bound::Int(0),
            ];
            let rows = match rule {
                Rule::Replace => session.query(&self.sql.put, &values[..7])?,
                Rule::IfFree(now) => {
                    let mut values = values;
                    values[7] = Bound::Int(now);
                    session.query(&self.sql.put_if_free, &values)?
                }
            };
            if let Some(row) = rows.first() {
                let replaced = row.int(0)?;
                change.stored += 1;
                change.entries += i64::from(replaced.is_none());
                change.bytes += draft.size - replaced.unwrap_or(0);
            }
        }
        Ok(change)
    }

    /// Adds to the size that is kept.
    pub(crate) fn count(&self, session: &mut dyn Session, change: Change) -> Result<(), Fault> {
        if change.entries == 0 && change.bytes == 0 {
            return Ok(());
        }
        let (entries, bytes) = (Bound::Int(change.entries), Bound::Int(change.bytes));
        session.execute(&self.sql.count, &[entries, bytes, Bound::Int(self.slot())])?;
        Ok(())
    }

    /// The size that is kept.
    pub(crate) fn totals(&self, session: &mut dyn Session) -> Result<Totals, Fault> {
        let rows = session.query(&self.sql.totals, &[])?;
        Ok(Totals::read(&rows, 0)?)
    }
}
