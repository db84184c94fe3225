use std::hash::RandomState;

use cachemere_base::{Error, ErrorKind, Expiry, Key, Result, Value};
use hashlink::linked_hash_map::{LinkedHashMap, RawEntryMut, RawOccupiedEntryMut};

use crate::limits::{Limits, size};

/// Entries in the order of their use, the most recently used at the back.
#[derive(Default)]
pub(crate) struct Lru {
    entries: LinkedHashMap<Key, Entry, RandomState>,
    bytes: u64,
}

pub(crate) struct Entry {
    pub(crate) value: Value,
    pub(crate) expiry: Expiry,
}

/// Values that are no longer stored, for the caller to drop when the lock is free again.
#[derive(Default)]
pub(crate) struct Removed {
    replaced: Option<Value>,
    culled: Vec<Value>,
}

impl Lru {
    /// What `read` makes of a live entry, which becomes the most recently used.
    pub(crate) fn get<T>(
        &mut self,
        key: &Key,
        now: u64,
        removed: &mut Removed,
        read: impl FnOnce(&Entry) -> T,
    ) -> Option<T> {
        let mut entry = self.live(key, now, removed)?;
        entry.to_back();
        Some(read(entry.get()))
    }

    pub(crate) fn has_key(&mut self, key: &Key, now: u64, removed: &mut Removed) -> bool {
        self.live(key, now, removed).is_some()
    }

    /// Culls if the store is full, whether or not the key is in it, and stores the entry.
    pub(crate) fn set(&mut self, key: &Key, entry: Entry, limits: &Limits, removed: &mut Removed) {
        self.cull(limits.surplus(self.entries.len()), removed);
        self.bytes += size(key, &entry.value);
        if let Some(old) = self.entries.insert(key.clone(), entry) {
            self.bytes -= size(key, &old.value);
            removed.replaced = Some(old.value);
        }
        while self.bytes > limits.max_bytes() {
            self.cull(1, removed);
        }
    }

    /// Stores the entry unless a live one is there, which is then not used by that.
    pub(crate) fn add(
        &mut self,
        key: &Key,
        entry: Entry,
        now: u64,
        limits: &Limits,
        removed: &mut Removed,
    ) -> bool {
        let taken = self
            .entries
            .get(key.as_str())
            .is_some_and(|entry| !entry.expiry.is_past(now));
        if !taken {
            self.set(key, entry, limits, removed);
        }
        !taken
    }

    pub(crate) fn touch(
        &mut self,
        key: &Key,
        expiry: Expiry,
        now: u64,
        removed: &mut Removed,
    ) -> bool {
        let Some(mut entry) = self.live(key, now, removed) else {
            return false;
        };
        entry.get_mut().expiry = expiry;
        true
    }

    /// Removes an entry, expired or not, and says whether it was live.
    pub(crate) fn delete(&mut self, key: &Key, now: u64, removed: &mut Removed) -> bool {
        let Some(entry) = self.entries.remove(key.as_str()) else {
            return false;
        };
        self.bytes -= size(key, &entry.value);
        removed.replaced = Some(entry.value);
        !entry.expiry.is_past(now)
    }

    pub(crate) fn incr(
        &mut self,
        key: &Key,
        delta: i64,
        now: u64,
        removed: &mut Removed,
    ) -> Result<Option<i64>> {
        let Some(mut entry) = self.live(key, now, removed) else {
            return Ok(None);
        };
        let Value::Int(number) = &mut entry.get_mut().value else {
            let message = format!("{} holds no integer", key.shown());
            return Err(Error::new(ErrorKind::NotAnInteger, message));
        };
        let Some(sum) = number.checked_add(delta) else {
            let message = format!("{} plus {delta} does not fit 64 bits", key.shown());
            return Err(Error::new(ErrorKind::Overflow, message));
        };
        *number = sum;
        entry.to_back();
        Ok(Some(sum))
    }

    /// The entry of a key; an expired one is removed.
    fn live(
        &mut self,
        key: &Key,
        now: u64,
        removed: &mut Removed,
    ) -> Option<RawOccupiedEntryMut<'_, Key, Entry, RandomState>> {
        match self.entries.raw_entry_mut().from_key(key.as_str()) {
            RawEntryMut::Occupied(entry) if entry.get().expiry.is_past(now) => {
                let value = entry.remove().value;
                self.bytes -= size(key, &value);
                removed.replaced = Some(value);
                None
            }
            RawEntryMut::Occupied(entry) => Some(entry),
            RawEntryMut::Vacant(_) => None,
        }
    }

    /// Removes this many of the least recently used entries.
    fn cull(&mut self, count: usize, removed: &mut Removed) {
        removed.culled.reserve(count);
        for _ in 0..count {
            let Some((key, entry)) = self.entries.pop_front() else {
                return;
            };
            self.bytes -= size(&key, &entry.value);
            removed.culled.push(entry.value);
        }
    }

    #[cfg(test)]
    pub(crate) fn order(&self) -> Vec<String> {
        self.entries.keys().rev().map(Key::to_string).collect()
    }

    #[cfg(test)]
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }
}
