use std::{path::PathBuf, sync::Arc};

use cachemere_base::{Backend, Error, ErrorKind, Key, Remaining, Result, Ttl, Value};

use crate::{File, digest::Digest, sweep};

impl Backend for File {
    fn get(&self, key: &Key) -> Result<Option<Value>> {
        Ok(self.peek(key)?.map(|entry| entry.value))
    }

    fn get_with_ttl(&self, key: &Key) -> Result<Option<(Value, Remaining)>> {
        let entry = self.peek(key)?;
        Ok(entry.map(|entry| (entry.value, entry.expiry.remaining(self.clock.now()))))
    }

    fn set(&self, key: &Key, value: Value, ttl: Ttl) -> Result<()> {
        let set = self.place(key, value, ttl);
        if let Err(error) = &set {
            self.forget(key, error.kind());
        }
        set
    }

    fn add(&self, key: &Key, value: Value, ttl: Ttl) -> Result<bool> {
        if self.peek(key)?.is_some() {
            return Ok(false);
        }
        let expiry = self.expiry(ttl);
        let draft = self
            .draft(key, value, expiry)
            .map_err(|fault| self.at(fault))?;
        self.locked(|locked| {
            let is_free = self.live(locked, key)?.is_none();
            if is_free && !self.is_past(expiry) {
                locked.put(draft, &self.limits)?;
            }
            Ok(is_free)
        })
    }

    fn touch(&self, key: &Key, ttl: Ttl) -> Result<bool> {
        let expiry = self.expiry(ttl);
        self.locked(|locked| {
            let Some(entry) = self.live(locked, key)? else {
                return Ok(false);
            };
            if self.is_past(expiry) {
                return Ok(locked.remove(Digest::of(key))?);
            }
            locked.put(self.draft(key, entry.value, expiry)?, &self.limits)?;
            Ok(true)
        })
    }

    fn delete(&self, key: &Key) -> Result<bool> {
        self.locked(|locked| match self.live(locked, key)? {
            Some(_) => Ok(locked.remove(Digest::of(key))?),
            None => Ok(false),
        })
    }

    fn incr(&self, key: &Key, delta: i64) -> Result<Option<i64>> {
        self.locked(|locked| {
            let Some(entry) = self.live(locked, key)? else {
                return Ok(None);
            };
            let Value::Int(number) = entry.value else {
                return Err(not_an_integer(key).into());
            };
            let sum = number.checked_add(delta).ok_or_else(|| overflow(key))?;
            let draft = self.draft(key, Value::Int(sum), entry.expiry)?;
            locked.put(draft, &self.limits)?;
            Ok(Some(sum))
        })
    }

    fn clear(&self) -> Result<()> {
        self.locked(|locked| Ok(locked.clear()?))?;
        sweep::sweep(&self.store.layout.tmp);
        Ok(())
    }

    fn close(&self) -> Result<()> {
        self.store.close();
        Ok(())
    }

    fn identity(&self) -> usize {
        Arc::as_ptr(&self.store).addr()
    }

    fn folder(&self) -> Option<PathBuf> {
        Some(self.location().to_owned())
    }

    fn notes(&self) -> Vec<String> {
        self.notes_on_location()
    }
}

fn not_an_integer(key: &Key) -> Error {
    let message = format!("{} does not hold an integer", key.shown());
    Error::new(ErrorKind::NotAnInteger, message)
}

fn overflow(key: &Key) -> Error {
    let message = format!("{} would not fit a 64-bit signed integer", key.shown());
    Error::new(ErrorKind::Overflow, message)
}
