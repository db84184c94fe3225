use std::{collections::HashSet, io};

use crate::{
    digest::Digest,
    disk,
    entry::Found,
    limits::Limits,
    locked::Locked,
    queue::{self, Record},
    state::{Intent, State},
    step::step,
};

/// One write removes at most so many entries.
const MAX_REMOVED: u64 = 1000;

/// One write looks at so many records, and at more only until it finds one to remove.
const MAX_INSPECTED: u64 = 4 * MAX_REMOVED;

/// Records are read in batches of this size.
const BATCH: u64 = 256;

/// What is to be removed from the head of the queue.
#[derive(Debug, Default)]
struct Plan {
    doomed: Vec<Digest>,
    bytes: u64,
    until: u64,
}

impl Locked<'_> {
    /// Removes the oldest entries until another one of this size fits; returns what it would replace.
    pub(crate) fn make_room(
        &mut self,
        digest: Digest,
        size: u64,
        limits: &Limits,
    ) -> io::Result<Option<Found>> {
        let mut found = self.find(digest)?;
        let is_full = self.state.count >= limits.settings.max_entries();
        if found.is_none() && is_full && self.state.due == 0 {
            self.state.due = limits.settings.cull_size(self.state.count);
        }
        let mut budget = MAX_REMOVED;
        loop {
            let before = found.map_or(0, |found| found.size);
            let bytes = (self.state.bytes + size).saturating_sub(before);
            let excess = limits.excess(bytes);
            if budget == 0 || (self.state.due == 0 && excess == 0) {
                return Ok(found);
            }
            let removed = self.cull(self.state.due.min(budget), excess, budget)?;
            if removed == 0 {
                return Ok(found);
            }
            budget -= removed;
            found = self.find(digest)?;
        }
    }

    /// Moves the head of a queue on that has more records of gone entries than of live ones.
    pub(crate) fn compact(&mut self) -> io::Result<()> {
        let state = self.state;
        if state.tail - state.head <= 2 * state.count + 1024 {
            return Ok(());
        }
        let records = queue::read(self.layout, state.head, state.head + 2)?;
        let mut live = Vec::new();
        for record in &records {
            if let Some(found) = self.entry_of(record)? {
                live.push(Record {
                    digest: record.digest,
                    id: found.id.unwrap_or(record.id),
                });
            }
        }
        queue::write(self.layout, state.tail, &live)?;
        self.state.head += records.len() as u64;
        self.state.tail += live.len() as u64;
        self.finish()?;
        queue::consume(self.layout, state.head, self.state.head)
    }

    /// Writes down that a change is done, and with it that the head of the queue is past records of gone entries.
    pub(crate) fn finish_change(&mut self) -> io::Result<()> {
        let from = self.state.head;
        self.state.head += self.dead_at_head();
        self.finish()?;
        // The change is done whatever comes of this; a file that stays is removed with the next one.
        let _ = queue::consume(self.layout, from, self.state.head);
        Ok(())
    }

    /// How many of the first two records of the queue are of gone entries: 0 where that cannot be told.
    fn dead_at_head(&self) -> u64 {
        let State {
            head, tail, count, ..
        } = self.state;
        if tail - head <= count {
            return 0;
        }
        let records = queue::read(self.layout, head, tail.min(head + 2)).unwrap_or_default();
        let is_dead = |record: &&Record| matches!(self.entry_of(record), Ok(None));
        records.iter().take_while(is_dead).count() as u64
    }

    /// The entries that the records from the head to `until` stand for.
    pub(crate) fn entries_of(&self, until: u64) -> io::Result<Vec<Digest>> {
        Ok(self.plan(until, |_, _| false)?.doomed)
    }

    /// Removes these entries, which are those of the cull that the books say was begun.
    pub(crate) fn finish_cull(&mut self, doomed: &[Digest]) -> io::Result<()> {
        let Intent::Cull {
            until,
            count,
            bytes,
        } = self.state.intent
        else {
            return Ok(());
        };
        for digest in doomed {
            disk::remove(&self.layout.entry(*digest))?;
            step("culled");
        }
        queue::consume(self.layout, self.state.head, until)?;
        self.state.head = until;
        self.state.count = self.state.count.saturating_sub(count);
        self.state.bytes = self.state.bytes.saturating_sub(bytes);
        self.state.due = self.state.due.saturating_sub(count).min(self.state.count);
        self.finish()
    }

    /// Removes so many of the oldest entries and at least so many bytes, as far as `budget` goes; returns how many.
    fn cull(&mut self, entries: u64, bytes: u64, budget: u64) -> io::Result<u64> {
        let is_enough = |plan: &Plan, inspected: u64| {
            let removed = plan.doomed.len() as u64;
            (removed >= entries && plan.bytes >= bytes)
                || removed >= budget
                || (removed > 0 && inspected >= MAX_INSPECTED)
        };
        let mut plan = self.plan(self.state.tail, is_enough)?;
        if plan.doomed.is_empty() && self.state.count > 0 {
            self.rebuild()?;
            plan = self.plan(self.state.tail, is_enough)?;
        }
        let removed = plan.doomed.len() as u64;
        self.begin(Intent::Cull {
            until: plan.until,
            count: removed,
            bytes: plan.bytes,
        })?;
        self.finish_cull(&plan.doomed)?;
        Ok(removed)
    }

    fn plan(&self, until: u64, is_enough: impl Fn(&Plan, u64) -> bool) -> io::Result<Plan> {
        let mut plan = Plan {
            until: self.state.head,
            ..Plan::default()
        };
        let mut seen = HashSet::new();
        while plan.until < until {
            let batch = queue::read(self.layout, plan.until, until.min(plan.until + BATCH))?;
            for record in batch {
                if is_enough(&plan, plan.until - self.state.head) {
                    return Ok(plan);
                }
                plan.until += 1;
                let Some(found) = self.entry_of(&record)? else {
                    continue;
                };
                if seen.insert(record.digest) {
                    plan.doomed.push(record.digest);
                    plan.bytes += found.size;
                }
            }
        }
        Ok(plan)
    }

    /// The entry whose insertion this was, if it is still there. One that cannot be read might be.
    fn entry_of(&self, record: &Record) -> io::Result<Option<Found>> {
        let found = self.find(record.digest)?;
        Ok(found.filter(|found| record.id == 0 || found.id.is_none_or(|id| id == record.id)))
    }
}
