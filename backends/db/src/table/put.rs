use crate::{
    Database, Dialect,
    database::{fault::Fault, session::Session},
    entry::{Digest, Draft},
    table::{Limits, Table, rows::Put},
};

/// What is done where there is an entry.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Rule {
    /// It is replaced.
    Replace,
    /// It is left alone if it lives at this time.
    IfFree(i64),
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
        if self.dialect == Dialect::Sqlite {
            return database.atomically(&mut |session| {
                let put = self.rows.put(self, session, drafts, rule)?;
                if limits.want_culling(put, &last) {
                    self.cull(session, put.totals, last, limits, now)?;
                }
                Ok(put.stored)
            });
        }
        let mut store = |session: &mut dyn Session| self.rows.put(self, session, drafts, rule);
        let put = if self.rows.are_single() {
            database.write(&mut store)?
        } else {
            database.atomically(&mut store)?
        };
        if limits.want_culling(put, &last) {
            self.cull_apart(database, last, limits, now);
        }
        Ok(put.stored)
    }

    /// Culls in a transaction of its own, one at a time.
    ///
    /// Others add to the table meanwhile, each at most what one write adds, since they wait here then.
    fn cull_apart(&self, database: &Database, last: Digest, limits: &Limits, now: i64) {
        let culled = database.atomically(&mut |session| {
            self.lock(session)?;
            let totals = self.totals(session)?;
            self.cull(session, totals, last, limits, now)
        });
        if let Err(fault) = culled {
            // What was to be stored is: the next one culls.
            let (table, problem) = (self.names.name.as_str(), fault.error);
            tracing::warn!(table, %problem, "surplus entries could not be removed");
        }
    }
}

impl Limits {
    fn want_culling(&self, put: Put, last: &Digest) -> bool {
        let has_grown = put.change.entries > 0 || put.change.bytes > 0;
        has_grown && (self.are_exceeded(put.totals) || Self::is_sweeper(last))
    }
}
