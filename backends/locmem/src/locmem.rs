use std::sync::Arc;

use cachemere_base::{
    Asynchrony, Backend, Clock, Context, Expiry, Key, Open, Remaining, Result, Settings, Ttl, Value,
};

use crate::{Options, limits::Limits, lru::Entry, store::Store};

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
        let now = self.clock.now();
        Ok(self
            .store
            .locked(|lru, removed| lru.get(key, now, removed, |entry| entry.value.clone())))
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
        self.store
            .locked(|lru, removed| lru.set(key, entry, &self.limits, removed));
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
        Ok(self
            .store
            .locked(|lru, removed| lru.add(key, entry, now, &self.limits, removed)))
    }

    fn touch(&self, key: &Key, ttl: Ttl) -> Result<bool> {
        let now = self.clock.now();
        let expiry = Expiry::after(ttl, now);
        if expiry.is_past(now) {
            return self.delete(key);
        }
        Ok(self
            .store
            .locked(|lru, removed| lru.touch(key, expiry, now, removed)))
    }

    fn delete(&self, key: &Key) -> Result<bool> {
        let now = self.clock.now();
        Ok(self
            .store
            .locked(|lru, removed| lru.delete(key, now, removed)))
    }

    fn incr(&self, key: &Key, delta: i64) -> Result<Option<i64>> {
        let now = self.clock.now();
        self.store
            .locked(|lru, removed| lru.incr(key, delta, now, removed))
    }

    fn clear(&self) -> Result<()> {
        self.store.clear();
        Ok(())
    }

    fn has_key(&self, key: &Key) -> Result<bool> {
        let now = self.clock.now();
        Ok(self
            .store
            .locked(|lru, removed| lru.has_key(key, now, removed)))
    }

    fn get_with_ttl(&self, key: &Key) -> Result<Option<(Value, Remaining)>> {
        let now = self.clock.now();
        Ok(self.store.locked(|lru, removed| {
            lru.get(key, now, removed, |entry| {
                (entry.value.clone(), entry.expiry.remaining(now))
            })
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
        drop(data.clone());
    }
    (!expiry.is_past(now)).then_some(Entry { value, expiry })
}

#[cfg(test)]
impl LocMem {
    /// The keys, the most recently used first.
    pub(crate) fn order(&self) -> Vec<String> {
        self.store.locked(|lru, _| lru.order())
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.store.locked(|lru, _| lru.bytes())
    }
}
