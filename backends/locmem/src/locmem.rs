use std::sync::Arc;

use cachemere_base::{
    Asynchrony, Backend, Clock, Context, Error, ErrorKind, Expiry, Key, Open, Remaining, Result,
    Settings, Ttl, Value,
};

use crate::{Options, limits::Limits, slot::Entry, store::Store};

/// A cache in the memory of this process.
#[derive(Debug)]
pub struct LocMem {
    store: Arc<Store>,
    limits: Limits,
    clock: Arc<dyn Clock>,
}

impl Open for LocMem {
    const NAMES: &'static [&'static str] =
        &["locmem", "django.core.cache.backends.locmem.LocMemCache"];

    type Options = Options;

    fn open(settings: &Settings, options: Options, context: &Context) -> Result<Self> {
        Ok(Self {
            store: context.shared(settings.location()?, Store::default),
            limits: Limits::new(settings, &options),
            clock: context.clock(),
        })
    }

    /// As [`open`](Self::open), so that BACKEND alone can be swapped: no site shares the memory of this process.
    fn open_django(
        settings: &Settings,
        options: Options,
        context: &Context,
    ) -> Result<Arc<dyn Backend>> {
        Ok(Arc::new(Self::open(settings, options, context)?))
    }
}

impl Backend for LocMem {
    fn get(&self, key: &Key) -> Result<Option<Value>> {
        Ok(self.store.live(key, &*self.clock).map(|mut live| {
            live.mark_used();
            live.entry().value.clone()
        }))
    }

    fn set(&self, key: &Key, value: Value, ttl: Ttl) -> Result<()> {
        let now = self.clock.now();
        if let Err(error) = self.limits.check(key, &value) {
            self.delete(key)?;
            return Err(error);
        }
        let Some(entry) = entry(value, ttl, now) else {
            return self.delete(key).map(drop);
        };
        self.store.set(key, entry, &self.limits);
        Ok(())
    }

    fn add(&self, key: &Key, value: Value, ttl: Ttl) -> Result<bool> {
        let now = self.clock.now();
        if let Err(error) = self.limits.check(key, &value) {
            return if self.has_key(key)? {
                Ok(false)
            } else {
                Err(error)
            };
        }
        let Some(entry) = entry(value, ttl, now) else {
            return self.has_key(key).map(|taken| !taken);
        };
        Ok(self.store.add(key, entry, now, &self.limits))
    }

    fn touch(&self, key: &Key, ttl: Ttl) -> Result<bool> {
        let now = self.clock.now();
        let expiry = Expiry::after(ttl, now);
        if expiry.is_past(now) {
            return self.delete(key);
        }
        let touched = self.store.live_at(key, now);
        Ok(touched
            .map(|mut live| live.entry().expiry = expiry)
            .is_some())
    }

    fn delete(&self, key: &Key) -> Result<bool> {
        Ok(self.store.delete(key, self.clock.now()))
    }

    fn incr(&self, key: &Key, delta: i64) -> Result<Option<i64>> {
        let Some(mut live) = self.store.live(key, &*self.clock) else {
            return Ok(None);
        };
        let Value::Int(number) = &mut live.entry().value else {
            let message = format!("{} holds no integer", key.shown());
            return Err(Error::new(ErrorKind::NotAnInteger, message));
        };
        let Some(sum) = number.checked_add(delta) else {
            let message = format!("{} plus {delta} does not fit 64 bits", key.shown());
            return Err(Error::new(ErrorKind::Overflow, message));
        };
        *number = sum;
        live.mark_used();
        Ok(Some(sum))
    }

    fn clear(&self) -> Result<()> {
        self.store.clear();
        Ok(())
    }

    fn has_key(&self, key: &Key) -> Result<bool> {
        Ok(self.store.live(key, &*self.clock).is_some())
    }

    fn get_with_ttl(&self, key: &Key) -> Result<Option<(Value, Remaining)>> {
        let now = self.clock.now();
        Ok(self.store.live_at(key, now).map(|mut live| {
            live.mark_used();
            let entry = live.entry();
            (entry.value.clone(), entry.expiry.remaining(now))
        }))
    }

    fn asynchronous(&self) -> Asynchrony<'_> {
        Asynchrony::Inline
    }

    fn is_lasting(&self) -> bool {
        false
    }

    fn identity(&self) -> usize {
        Arc::as_ptr(&self.store).addr()
    }
}

/// The entry to store; none for a lifetime of zero, which would only take room.
fn entry(value: Value, ttl: Ttl, now: u64) -> Option<Entry> {
    let expiry = Expiry::after(ttl, now);
    if let Value::Bytes { data, .. } = &value {
        // The first clone of bytes that were a `Vec` allocates: let it not be the one of `get`.
        if data.is_unique() {
            drop(data.clone());
        }
    }
    (!expiry.is_past(now)).then_some(Entry { value, expiry })
}

#[cfg(test)]
impl LocMem {
    /// The keys, the most recently used first.
    pub(crate) fn order(&self) -> Vec<String> {
        let all = self.store.all();
        let mut slots: Vec<_> = all.shards.iter().flat_map(|shard| shard.iter()).collect();
        assert_eq!(all.totals.entries(), slots.len() as u64);
        slots.sort_by_key(|(_, slot)| std::cmp::Reverse(slot.used));
        slots
            .iter()
            .map(|(_, slot)| slot.name.to_string())
            .collect()
    }

    /// What is counted for MAX_BYTES, if it is what there is.
    pub(crate) fn bytes(&self) -> u64 {
        let all = self.store.all();
        let slots = all.shards.iter().flat_map(|shard| shard.iter());
        let bytes = slots.map(|(_, slot)| slot.size()).sum();
        assert_eq!(all.totals.bytes(), bytes);
        bytes
    }
}
