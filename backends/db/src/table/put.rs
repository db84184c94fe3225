use std::sync::atomic::Ordering::Relaxed;

use crate::{
    Database, Dialect,
    database::{fault::Fault, session::Session},
    entry::{Digest, Draft},
    table::{
        Limits, Table,
        rows::{Put, Totals},
    },
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
    /// Stores rows with different keys and one expiry, and removes what is then too much, though never `last`. How many were stored.
    pub(crate) fn put(
        &self,
        database: &Database,
        drafts: &[Draft<'_>],
        last: Digest,
        rule: Rule,
        limits: &Limits,
        now: i64,
    ) -> Result<u64, Fault> {
        if self.replaces(database, drafts, rule)? {
            return Ok(1);
        }
        let is_embedded = self.dialect == Dialect::Sqlite;
        let mut store = |session: &mut dyn Session| self.rows.put(self, session, drafts, rule);
        let (put, is_culled) = if self.rows.are_single() && !self.is_nearly_full.load(Relaxed) {
            let put = match rule {
                Rule::Replace => database.write_again(&mut store)?,
                Rule::IfFree(_) => database.write(&mut store)?,
            };
            (put, false)
        } else {
            database.atomically(&mut |session| {
                let put = store(session)?;
                let culls = put.has_grown() && limits.are_exceeded(put.totals)
                    || is_embedded && limits.want_sweeping(put, last);
                if culls {
                    self.cull_within(session, put.totals, last, limits, now)?;
                }
                Ok((put, culls))
            })?
        };
        self.is_replacing.store(put.change.is_none(), Relaxed);
        let is_nearly_full = put.has_grown() && !is_culled && limits.are_nearly_reached(put.totals);
        self.is_nearly_full.store(is_nearly_full, Relaxed);
        let is_surplus = put.has_grown() && limits.are_exceeded(put.totals);
        if !is_culled && (is_surplus || limits.want_sweeping(put, last)) {
            self.cull_apart(database, last, limits, now);
        }
        Ok(put.stored)
    }

    /// Whether a row could be stored in the place of one that is as large: one statement or another, and nothing to count. It is
    /// tried while it succeeds.
    fn replaces(
        &self,
        database: &Database,
        drafts: &[Draft<'_>],
        rule: Rule,
    ) -> Result<bool, Fault> {
        let ([draft], Rule::Replace, true) = (drafts, rule, self.is_replacing.load(Relaxed)) else {
            return Ok(false);
        };
        let [digest, key, expires, bucket, format, number, size, value] = draft.values();
        let values = [expires, format, number, value, bucket, digest, key, size];
        let statements = [Some(&self.sql.replace), self.sql.replace_later.as_ref()];
        for sql in statements.into_iter().flatten() {
            let mut replace = |session: &mut dyn Session| session.execute(sql, &values);
            if database.write_again(&mut replace)?.rows > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Culls before others see what was stored: they would add to it until there is room.
    fn cull_within(
        &self,
        session: &mut dyn Session,
        totals: Totals,
        last: Digest,
        limits: &Limits,
        now: i64,
    ) -> Result<(), Fault> {
        if self.dialect == Dialect::Sqlite {
            return self.cull(session, totals, last, limits, now);
        }
        self.lock(session)?;
        let totals = self.totals(session)?;
        match limits.are_exceeded(totals) {
            true => self.cull(session, totals, last, limits, now),
            // another did, while this one waited
            false => Ok(()),
        }
    }

    /// Culls in a transaction of its own, one at a time.
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
    fn want_sweeping(&self, put: Put, last: Digest) -> bool {
        put.has_grown() && Self::is_sweeper(last)
    }
}
