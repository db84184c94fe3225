use std::{
    hash::BuildHasher,
    mem,
    ops::{Index, IndexMut},
};

use foldhash::quality::RandomState;
use hashbrown::HashTable;

use crate::slot::{Entry, Name, Slot};

/// Some of the entries of a store, each in a place that it keeps until it is removed.
#[derive(Default)]
pub(crate) struct Shard {
    slots: Vec<Slot>,
    /// The places without an entry.
    free: Vec<Place>,
    /// The places with one, by the hash of its key.
    places: HashTable<Place>,
    hasher: RandomState,
}

/// A key and its hash.
#[derive(Clone, Copy)]
pub(crate) struct Hashed<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) hash: u64,
}

/// A place in a shard; in four bytes, since an index has one for each entry.
pub(crate) type Place = u32;

impl Shard {
    pub(crate) fn new(hasher: RandomState) -> Self {
        Self {
            hasher,
            ..Self::default()
        }
    }

    #[inline]
    pub(crate) fn find(&self, key: Hashed) -> Option<Place> {
        let is_it = |place: &Place| self[*place].name.as_bytes() == key.bytes;
        self.places.find(key.hash, is_it).copied()
    }

    /// Stores the entry of a key: in its place, where it has one. Returns what was there.
    pub(crate) fn put(
        &mut self,
        key: Hashed,
        place: Option<Place>,
        entry: Entry,
        used: u64,
    ) -> Option<Entry> {
        let Some(place) = place else {
            self.insert(key, entry, used);
            return None;
        };
        let slot = &mut self[place];
        slot.used = used;
        Some(mem::replace(&mut slot.entry, entry))
    }

    fn insert(&mut self, key: Hashed, entry: Entry, used: u64) {
        let slot = Slot {
            name: Name::new(key.bytes),
            entry,
            used,
        };
        let place = self.free.pop().unwrap_or_else(|| {
            Place::try_from(self.slots.len()).expect("4 billion entries do not fit into memory")
        });
        match self.slots.get_mut(place as usize) {
            Some(free) => *free = slot,
            None => self.slots.push(slot),
        }
        let (slots, hasher) = (&self.slots, &self.hasher);
        self.places.insert_unique(key.hash, place, |place| {
            hasher.hash_one(slots[*place as usize].name.as_bytes())
        });
    }

    pub(crate) fn remove(&mut self, place: Place) -> Slot {
        let hash = self.hasher.hash_one(self[place].name.as_bytes());
        if let Ok(indexed) = self.places.find_entry(hash, |other| *other == place) {
            indexed.remove();
            self.free.push(place);
        }
        self[place].empty()
    }

    /// All entries, in the order of their places.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Place, &Slot)> {
        (0..).zip(&self.slots).filter(|(_, slot)| !slot.is_empty())
    }

    /// All entries taken out, and what is left is as new.
    pub(crate) fn take(&mut self) -> Self {
        mem::replace(self, Self::new(self.hasher.clone()))
    }
}

impl Index<Place> for Shard {
    type Output = Slot;

    fn index(&self, place: Place) -> &Slot {
        &self.slots[place as usize]
    }
}

impl IndexMut<Place> for Shard {
    fn index_mut(&mut self, place: Place) -> &mut Slot {
        &mut self.slots[place as usize]
    }
}
