//! The suite, run on the simplest store there can be: only the required methods, behind the pool of blocking threads.

use std::{collections::HashMap, sync::Arc, time::Duration};

use cachemere_base::{
    Backend, Clock, Error, ErrorKind, Expiry, Key, ManualClock, Result, Settings, Ttl, Value,
    contract::Fixture,
};
use parking_lot::Mutex;

#[derive(Debug, Default)]
struct Plain {
    entries: Mutex<HashMap<Key, (Value, Expiry)>>,
    clock: ManualClock,
}

impl Plain {
    fn live<T>(&self, key: &Key, found: impl FnOnce(&mut (Value, Expiry)) -> T) -> Option<T> {
        let mut entries = self.entries.lock();
        let entry = entries.get_mut(key)?;
        (!entry.1.is_past(self.clock.now())).then(|| found(entry))
    }
}

impl Backend for Plain {
    fn get(&self, key: &Key) -> Result<Option<Value>> {
        Ok(self.live(key, |(value, _)| value.clone()))
    }

    fn set(&self, key: &Key, value: Value, ttl: Ttl) -> Result<()> {
        let expiry = Expiry::after(ttl, self.clock.now());
        self.entries.lock().insert(key.clone(), (value, expiry));
        Ok(())
    }

    fn add(&self, key: &Key, value: Value, ttl: Ttl) -> Result<bool> {
        let now = self.clock.now();
        let mut entries = self.entries.lock();
        if entries
            .get(key)
            .is_some_and(|(_, expiry)| !expiry.is_past(now))
        {
            return Ok(false);
        }
        entries.insert(key.clone(), (value, Expiry::after(ttl, now)));
        Ok(true)
    }

    fn touch(&self, key: &Key, ttl: Ttl) -> Result<bool> {
        let now = self.clock.now();
        Ok(self
            .live(key, |(_, expiry)| *expiry = Expiry::after(ttl, now))
            .is_some())
    }

    fn delete(&self, key: &Key) -> Result<bool> {
        let removed = self.entries.lock().remove(key);
        Ok(removed.is_some_and(|(_, expiry)| !expiry.is_past(self.clock.now())))
    }

    fn incr(&self, key: &Key, delta: i64) -> Result<Option<i64>> {
        self.live(key, |(value, _)| {
            let Value::Int(number) = value else {
                return Err(Error::new(ErrorKind::NotAnInteger, "no integer"));
            };
            *number = number
                .checked_add(delta)
                .ok_or_else(|| Error::new(ErrorKind::Overflow, "too large"))?;
            Ok(*number)
        })
        .transpose()
    }

    fn clear(&self) -> Result<()> {
        self.entries.lock().clear();
        Ok(())
    }
}

struct Local(Arc<Plain>);

impl Fixture for Local {
    fn open(_: Settings) -> Self {
        Self(Arc::default())
    }

    fn backend(&self) -> Arc<dyn Backend> {
        Arc::clone(&self.0) as Arc<dyn Backend>
    }

    fn advance(&self, by: Duration) {
        self.0.clock.advance(by);
    }

    fn culls(&self) -> bool {
        false
    }

    fn tells_remaining(&self) -> bool {
        false
    }
}

cachemere_base::contract!(Local);
