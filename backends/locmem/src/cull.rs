use std::cmp::Reverse;

use parking_lot::MutexGuard;

use crate::{
    limits::Limits,
    shard::{Hashed, Place, Shard},
    slot::{Entry, Slot, size},
    store::{SHARDS, shard_of},
    totals::Totals,
};

/// All shards, locked.
pub(crate) struct All<'a> {
    pub(crate) shards: [MutexGuard<'a, Shard>; SHARDS],
    /// The least recently used entries when all were last looked at, the least recent one last.
    ///
    /// One that was not used since is still less recently used than all that are not among them: those had higher
    /// numbers then, or got one since. So the last one that still has its number is the least recently used of all.
    pub(crate) victims: MutexGuard<'a, Vec<Victim>>,
    pub(crate) totals: &'a Totals,
}

pub(crate) struct Victim {
    used: u64,
    shard: u32,
    place: Place,
}

/// What is no longer stored, for the caller to drop when the locks are free again.
#[derive(Default)]
pub(crate) struct Removed {
    entries: Vec<Entry>,
    shards: Vec<Shard>,
}

/// All entries are looked at when this part of them has gone: often enough to keep the list short, and rarely enough to
/// cost little.
const PART: usize = 8;

impl All<'_> {
    /// What [`Store::set`](crate::store::Store::set) does to a store that is full.
    pub(crate) fn put(
        &mut self,
        key: Hashed,
        entry: Entry,
        limits: &Limits,
        is_kept: impl Fn(&Slot) -> bool,
        removed: &mut Removed,
    ) -> bool {
        let shard = shard_of(key);
        let place = self.shards[shard].find(key);
        if place.is_some_and(|place| is_kept(&self.shards[shard][place])) {
            return false;
        }
        self.cull(limits.surplus(self.totals.entries()), removed);
        let place = self.shards[shard].find(key);
        let old = place.map(|place| self.shards[shard][place].size());
        self.totals.add(old, size(key.bytes, &entry.value));
        let used = self.totals.next_use();
        let replaced = self.shards[shard].put(key, place, entry, used);
        removed.entries.extend(replaced);
        while self.totals.bytes() > limits.max_bytes() {
            self.cull(1, removed);
        }
        true
    }

    /// Removes this many of the least recently used entries.
    pub(crate) fn cull(&mut self, count: u64, removed: &mut Removed) {
        if count >= self.totals.entries() {
            let shards = self.shards.iter_mut().map(|shard| shard.take());
            removed.shards.extend(shards);
            self.victims.clear();
            self.totals.clear();
            return;
        }
        for left in (1..=count).rev() {
            let Some(slot) = self.remove_least_recent(left) else {
                return;
            };
            self.totals.subtract(slot.size());
            removed.entries.push(slot.entry);
        }
    }

    fn remove_least_recent(&mut self, wanted: u64) -> Option<Slot> {
        loop {
            if self.victims.is_empty() {
                self.look(wanted);
            }
            let victim = self.victims.pop()?;
            let shard = &mut self.shards[victim.shard as usize];
            if shard[victim.place].used == victim.used {
                return Some(shard.remove(victim.place));
            }
        }
    }

    /// Looks at all entries for at least this many of the least recently used.
    fn look(&mut self, wanted: u64) {
        let mut found: Vec<_> = (0..)
            .zip(&self.shards)
            .flat_map(|(shard, entries)| {
                entries.iter().map(move |(place, slot)| Victim {
                    used: slot.used,
                    shard,
                    place,
                })
            })
            .collect();
        let wanted = usize::try_from(wanted)
            .unwrap_or(usize::MAX)
            .max(found.len() / PART);
        if wanted < found.len() {
            found.select_nth_unstable_by_key(wanted, |victim| victim.used);
            found.truncate(wanted);
            found.shrink_to_fit();
        }
        found.sort_unstable_by_key(|victim| Reverse(victim.used));
        *self.victims = found;
    }
}
