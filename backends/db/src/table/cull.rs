use cachemere_base::{Result, Settings};

use crate::{
    Bound, Dialect,
    database::{fault::Fault, session::Session},
    entry::{Digest, bucket},
    table::{
        Table,
        rows::{Change, Totals},
    },
};

/// How many rows a write removes at most.
pub(crate) const MOST: u64 = 1000;

/// Which row of the size has what is removed: the one that who culls has locked.
const CULLED: i64 = 0;

/// How much an alias lets a table hold.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    settings: Settings,
    max_bytes: Option<u64>,
}

impl Limits {
    pub(crate) fn new(settings: &Settings, max_bytes: Option<u64>) -> Self {
        Self {
            settings: settings.clone(),
            max_bytes,
        }
    }

    pub(crate) fn max_bytes(&self) -> Option<u64> {
        self.max_bytes
    }

    /// How many entries have to go where there are so many, the one that was just written not among them.
    fn surplus(&self, entries: u64) -> u64 {
        let max = self.settings.max_entries();
        if entries <= max {
            return 0;
        }
        let others = entries - 1;
        (others - max + self.settings.cull_size(max)).min(others)
    }

    /// Whether a few more entries, as many as may be on their way at once, would be too many.
    pub(crate) fn are_nearly_reached(&self, totals: Totals) -> bool {
        let margin = (self.settings.max_entries() / 8).min(64);
        let bytes = totals.bytes + totals.bytes / 64;
        self.surplus(totals.entries + margin) > 0 || self.excess(bytes) > 0
    }

    fn excess(&self, bytes: u64) -> u64 {
        self.max_bytes.map_or(0, |max| bytes.saturating_sub(max))
    }

    /// Whether the one who stored this row removes expired ones: one in 64 does, and more than 64 of them.
    pub(crate) fn is_sweeper(digest: Digest) -> bool {
        digest % 64 == 0
    }

    /// Whether there is something to remove.
    pub(crate) fn are_exceeded(&self, totals: Totals) -> bool {
        totals.due > 0 || self.surplus(totals.entries) > 0 || self.excess(totals.bytes) > 0
    }
}

impl Table {
    /// Removes what is too much, what expires first before all others, but never `kept`; what is expired, if nothing is
    /// too much.
    pub(crate) fn cull(
        &self,
        session: &mut dyn Session,
        totals: Totals,
        kept: Digest,
        limits: &Limits,
        now: i64,
    ) -> Result<(), Fault> {
        if limits.are_exceeded(totals) {
            return self.cull_surplus(session, totals, kept, limits);
        }
        let wanted = Wanted {
            entries: MOST,
            bytes: 0,
            // the last one that is over
            until: bucket(now) - 1,
        };
        let (gone, _) = self.remove_oldest(session, wanted, kept)?;
        self.count_in(session, gone, CULLED)
    }

    fn cull_surplus(
        &self,
        session: &mut dyn Session,
        totals: Totals,
        kept: Digest,
        limits: &Limits,
    ) -> Result<(), Fault> {
        let due = totals.due.max(limits.surplus(totals.entries));
        let wanted = Wanted {
            entries: due.min(MOST),
            bytes: limits.excess(totals.bytes),
            until: i64::MAX,
        };
        let (gone, are_there_more) = self.remove_oldest(session, wanted, kept)?;
        let removed = gone.entries.unsigned_abs();
        if !are_there_more && (wanted.entries > removed || wanted.bytes > gone.bytes.unsigned_abs())
        {
            return self.recount(session);
        }
        self.count_in(session, gone, CULLED)?;
        let left = due.saturating_sub(removed);
        if left != totals.due {
            session.execute(&self.sql.set_due, &[Bound::Int(left as i64)])?;
        }
        Ok(())
    }

    /// Removes what expires first. What is gone, and whether there is more of it.
    fn remove_oldest(
        &self,
        session: &mut dyn Session,
        wanted: Wanted,
        kept: Digest,
    ) -> Result<(Change, bool), Fault> {
        let most = if wanted.bytes > 0 {
            MOST
        } else {
            wanted.entries
        };
        let values = [
            Bound::Int(wanted.until),
            Bound::Int(kept),
            Bound::Int(most as i64),
        ];
        let rows = session.query(&self.sql.oldest, &values)?;
        let are_there_more = rows.len() as u64 >= most;
        let mut gone = Change::default();
        let mut doomed = Vec::new();
        for row in rows {
            if doomed.len() as u64 >= wanted.entries && gone.bytes.unsigned_abs() >= wanted.bytes {
                break;
            }
            doomed.push(row.int(0)?.unwrap_or_default());
            gone.entries -= 1;
            gone.bytes -= row.int(1)?.unwrap_or(0);
        }
        self.rows.remove_rows(session, &doomed)?;
        Ok((gone, are_there_more))
    }

    /// Counts a table that is smaller than the size that is kept says, since others removed rows of it.
    ///
    /// It has next to no rows then: fewer than a write removes.
    pub(crate) fn recount(&self, session: &mut dyn Session) -> Result<(), Fault> {
        session.execute(&self.sql.reset, &[])?;
        match session.execute(&self.sql.recount, &[])?.rows {
            0 if self.dialect != Dialect::MySql => Err(self.uncounted()),
            _ => Ok(()),
        }
    }
}

/// How much is to be removed.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    entries: u64,
    bytes: u64,
    /// Up to this bucket.
    until: i64,
}
