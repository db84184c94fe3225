use std::{array, fmt, hash::BuildHasher};

use cachemere_base::{Clock, Key, LAG};
use foldhash::quality::RandomState;
use parking_lot::{Mutex, MutexGuard};

use crate::{
    cull::{All, Removed, Victim},
    limits::Limits,
    shard::{Hashed, Place, Shard},
    slot::{Entry, Slot, size},
    totals::Totals,
};

pub(crate) const SHARDS: usize = 16;

/// The entries of one LOCATION, shared by all threads and by the aliases that name it.
///
/// - A key belongs to one shard, whose lock is held while its entry is read or changed.
/// - The order of use is in the numbers that entries get at each use. They are compared only when entries have to go, by
///   who holds the locks of all shards.
/// - Values are dropped when no lock is held: what a value owns may be code of the user's.
pub(crate) struct Store {
    shards: [Line<Mutex<Shard>>; SHARDS],
    totals: Line<Totals>,
    victims: Mutex<Vec<Victim>>,
    hasher: RandomState,
}

/// On cache lines of its own, so that threads in different shards do not slow each other down.
#[repr(align(128))]
struct Line<T>(T);

/// An entry that is there, and the lock of its shard.
pub(crate) struct Live<'a> {
    shard: MutexGuard<'a, Shard>,
    place: Place,
    totals: &'a Totals,
}

impl Live<'_> {
    fn is_past(&self, now: u64) -> bool {
        self.shard[self.place].entry.expiry.is_past(now)
    }

    pub(crate) fn entry(&mut self) -> &mut Entry {
        &mut self.shard[self.place].entry
    }

    /// Makes it the most recently used.
    pub(crate) fn mark_used(&mut self) {
        self.shard[self.place].used = self.totals.next_use();
    }
}

impl Store {
    /// The entry of a key; an expired one is removed.
    #[inline]
    pub(crate) fn live(&self, key: &Key, clock: &dyn Clock) -> Option<Live<'_>> {
        let latest = clock.lately().saturating_add(LAG);
        let found = self.find(key)?;
        if !found.is_past(latest) {
            return Some(found);
        }
        drop(found);
        self.live_at(key, clock.now())
    }

    /// The entry of a key; one that has expired by `now` is removed.
    pub(crate) fn live_at(&self, key: &Key, now: u64) -> Option<Live<'_>> {
        let mut found = self.find(key)?;
        if !found.is_past(now) {
            return Some(found);
        }
        let expired = self.take(&mut found.shard, found.place);
        drop(found);
        drop(expired);
        None
    }

    #[inline]
    fn find(&self, key: &Key) -> Option<Live<'_>> {
        let key = self.hashed(key);
        let shard = self.shard(key);
        let place = shard.find(key)?;
        let totals = &self.totals.0;
        Some(Live {
            shard,
            place,
            totals,
        })
    }

    /// Stores an entry, and culls before if the store is full, whether or not the key is in it.
    pub(crate) fn set(&self, key: &Key, entry: Entry, limits: &Limits) {
        self.put(key, entry, limits, |_| false);
    }

    /// Stores an entry unless a live one is there, which is then not used by that.
    pub(crate) fn add(&self, key: &Key, entry: Entry, now: u64, limits: &Limits) -> bool {
        self.put(key, entry, limits, |old| !old.entry.expiry.is_past(now))
    }

    fn put(
        &self,
        key: &Key,
        entry: Entry,
        limits: &Limits,
        is_kept: impl Fn(&Slot) -> bool,
    ) -> bool {
        let key = self.hashed(key);
        let size = size(key.bytes, &entry.value);
        if self.totals.0.entries() < limits.max_entries() {
            let mut shard = self.shard(key);
            let place = shard.find(key);
            if place.is_some_and(|place| is_kept(&shard[place])) {
                return false;
            }
            let old = place.map(|place| shard[place].size());
            if self.totals.0.try_add(old, size, limits) {
                let used = self.totals.0.next_use();
                let replaced = shard.put(key, place, entry, used);
                drop(shard);
                drop(replaced);
                return true;
            }
        }
        let mut removed = Removed::default();
        self.all().put(key, entry, limits, is_kept, &mut removed)
    }

    /// Removes an entry, expired or not, and says whether it was live.
    pub(crate) fn delete(&self, key: &Key, now: u64) -> bool {
        let key = self.hashed(key);
        let mut shard = self.shard(key);
        let Some(place) = shard.find(key) else {
            return false;
        };
        let removed = self.take(&mut shard, place);
        drop(shard);
        !removed.entry.expiry.is_past(now)
    }

    pub(crate) fn clear(&self) {
        let mut removed = Removed::default();
        self.all().cull(u64::MAX, &mut removed);
    }

    /// Everything, locked: the victims first, then the shards in their order, so that no two wait for each other.
    pub(crate) fn all(&self) -> All<'_> {
        let victims = self.victims.lock();
        All {
            shards: array::from_fn(|shard| self.shards[shard].0.lock()),
            victims,
            totals: &self.totals.0,
        }
    }

    fn take(&self, shard: &mut Shard, place: Place) -> Slot {
        let slot = shard.remove(place);
        self.totals.0.subtract(slot.size());
        slot
    }

    fn hashed<'k>(&self, key: &'k Key) -> Hashed<'k> {
        let bytes = key.as_bytes();
        let hash = self.hasher.hash_one(bytes);
        Hashed { bytes, hash }
    }

    fn shard(&self, key: Hashed) -> MutexGuard<'_, Shard> {
        self.shards[shard_of(key)].0.lock()
    }
}

/// By bits of the hash that the table of a shard does not look at: it takes the lowest and the seven highest.
pub(crate) fn shard_of(key: Hashed) -> usize {
    (key.hash >> 32) as usize % SHARDS
}

impl Default for Store {
    fn default() -> Self {
        let hasher = RandomState::default();
        Self {
            shards: array::from_fn(|_| Line(Mutex::new(Shard::new(hasher.clone())))),
            totals: Line(Totals::default()),
            victims: Mutex::default(),
            hasher,
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}
