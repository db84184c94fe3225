use std::{
    collections::{HashMap, hash_map::Entry},
    sync::Arc,
};

use cachemere_base::{Asynchrony, Backend, Error, ErrorKind, Key, Remaining, Result, Ttl, Value};

use crate::{
    Database, Db,
    entry::{Asked, Draft},
    table::Rule,
};

/// How many entries are stored or removed at once: no more than a cull removes.
const BATCH: usize = 1000;

/// How many bytes are stored at once, unless one entry alone has more: servers take no statement that is much larger.
const BATCH_BYTES: i64 = 2 << 20;

impl Backend for Db {
    fn get(&self, key: &Key) -> Result<Option<Value>> {
        let found = self.find(&self.place.reader, key)?;
        Ok(found.map(|(value, _)| value))
    }

    fn get_for_update(&self, key: &Key) -> Result<Option<Value>> {
        let found = self.find(&self.place.database, key)?;
        Ok(found.map(|(value, _)| value))
    }

    fn get_with_ttl(&self, key: &Key) -> Result<Option<(Value, Remaining)>> {
        let found = self.find(&self.place.database, key)?;
        let now = self.now().unsigned_abs();
        Ok(found.map(|(value, expiry)| (value, expiry.remaining(now))))
    }

    fn has_key(&self, key: &Key) -> Result<bool> {
        let asked = Asked::new(key);
        let expires = self.place.on_table(&self.place.reader, |database| {
            self.table.expires(database, asked)
        })?;
        Ok(expires.is_some_and(|expires| expires > self.now()))
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Value>>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let asked: Vec<_> = keys.iter().map(Asked::new).collect();
        let found = self.place.on_table(&self.place.reader, |database| {
            self.table.get_many(database, &asked)
        })?;
        let each = asked.into_iter().zip(found);
        Ok(each
            .map(|(asked, found)| Some(self.live(asked, found)?.0))
            .collect())
    }

    fn set(&self, key: &Key, value: Value, ttl: Ttl) -> Result<()> {
        let Some(expires) = self.expires(ttl) else {
            return self.delete(key).map(drop);
        };
        let mut drafts = [Draft::new(key, value, expires)];
        let set = self.place(&mut drafts);
        if let Err(error) = &set {
            self.forget(&drafts, error);
        }
        set
    }

    fn set_many(&self, entries: Vec<(Key, Value)>, ttl: Ttl) -> Result<Vec<usize>> {
        let Some(expires) = self.expires(ttl) else {
            let keys: Vec<_> = entries.into_iter().map(|(key, _)| key).collect();
            return self.delete_many(&keys).map(|()| Vec::new());
        };
        let (keys, values): (Vec<_>, Vec<_>) = entries.into_iter().unzip();
        let mut positions = HashMap::with_capacity(keys.len());
        let mut drafts = Vec::with_capacity(keys.len());
        // from the end: the last value of a key is the one that counts, and of keys with one digest, which share a row
        for (position, (key, value)) in keys.iter().zip(values).enumerate().rev() {
            let draft = Draft::new(key, value, expires);
            if let Entry::Vacant(free) = positions.entry(draft.asked.digest) {
                free.insert(position);
                drafts.push(draft);
            }
        }
        drafts.reverse();
        let mut refused = Vec::new();
        let mut rest = drafts.as_mut_slice();
        while !rest.is_empty() {
            let batch;
            (batch, rest) = rest.split_at_mut(self.fitting(rest));
            match self.place(batch) {
                Err(error) if error.kind() == ErrorKind::TooLarge => {
                    refused.extend(batch.iter().map(|draft| positions[&draft.asked.digest]));
                    self.forget(batch, &error);
                }
                placed => placed?,
            }
        }
        refused.sort_unstable();
        Ok(refused)
    }

    fn add(&self, key: &Key, value: Value, ttl: Ttl) -> Result<bool> {
        let Some(expires) = self.expires(ttl) else {
            return self.is_free(key);
        };
        let draft = Draft::new(key, value, expires);
        if let Err(error) = self.check(&draft) {
            return if self.is_free(key)? {
                Err(error)
            } else {
                Ok(false)
            };
        }
        let (drafts, now) = ([draft], self.now());
        let stored = self.place.on_table(&self.place.database, |database| {
            let last = drafts[0].asked.digest;
            self.table.put(
                database,
                &drafts,
                last,
                Rule::IfFree(now),
                &self.limits,
                now,
            )
        })?;
        Ok(stored > 0)
    }

    fn touch(&self, key: &Key, ttl: Ttl) -> Result<bool> {
        let Some(expires) = self.expires(ttl) else {
            return self.delete(key);
        };
        let (asked, now) = (Asked::new(key), self.now());
        self.place.on_table(&self.place.database, |database| {
            self.table.touch(database, asked, expires, now)
        })
    }

    fn delete(&self, key: &Key) -> Result<bool> {
        let (asked, now) = ([Asked::new(key)], self.now());
        let live = self.place.on_table(&self.place.database, |database| {
            self.table.remove(database, &asked, now)
        })?;
        Ok(live > 0)
    }

    fn delete_many(&self, keys: &[Key]) -> Result<()> {
        let asked: Vec<_> = keys.iter().map(Asked::new).collect();
        asked.chunks(BATCH).try_for_each(|asked| {
            self.place
                .on_table(&self.place.database, |database| {
                    self.table.remove(database, asked, 0)
                })
                .map(drop)
        })
    }

    fn incr(&self, key: &Key, delta: i64) -> Result<Option<i64>> {
        let (asked, now) = (Asked::new(key), self.now());
        self.place.on_table(&self.place.database, |database| {
            self.table.incr(database, asked, delta, now)
        })
    }

    fn clear(&self) -> Result<()> {
        self.place
            .on_table(&self.place.database, |database| self.table.clear(database))
    }

    fn close(&self) -> Result<()> {
        self.place.close();
        Ok(())
    }

    fn asynchronous(&self) -> Asynchrony<'_> {
        Asynchrony::BridgedWithin(self.place.database.patience())
    }

    fn is_lasting(&self) -> bool {
        self.place.database.is_lasting()
    }

    fn identity(&self) -> usize {
        Arc::as_ptr(&self.table).addr()
    }

    fn servers(&self) -> Result<Vec<String>> {
        self.place.servers()
    }
}

impl Db {
    fn find(
        &self,
        database: &Database,
        key: &Key,
    ) -> Result<Option<(Value, cachemere_base::Expiry)>> {
        let asked = Asked::new(key);
        let found = self
            .place
            .on_table(database, |database| self.table.get(database, asked))?;
        Ok(self.live(asked, found))
    }

    fn is_free(&self, key: &Key) -> Result<bool> {
        let asked = Asked::new(key);
        let expires = self.place.on_table(&self.place.database, |database| {
            self.table.expires(database, asked)
        })?;
        Ok(expires.is_none_or(|expires| expires <= self.now()))
    }

    /// How many of these are stored at once: at least one, and one that is refused is alone.
    fn fitting(&self, drafts: &[Draft<'_>]) -> usize {
        let mut bytes = 0;
        let fits = |draft: &&Draft<'_>| {
            bytes += draft.size;
            bytes <= BATCH_BYTES && self.check(draft).is_ok()
        };
        drafts.iter().take(BATCH).take_while(fits).count().max(1)
    }

    /// Stores rows with different keys over what is there; the last one stays, whatever else is too much.
    fn place(&self, drafts: &mut [Draft<'_>]) -> Result<()> {
        let Some(last) = drafts.last().map(|draft| draft.asked.digest) else {
            return Ok(());
        };
        drafts.iter().try_for_each(|draft| self.check(draft))?;
        // All lock rows in one order, or they would wait for each other.
        drafts.sort_unstable_by_key(|draft| draft.asked.digest);
        let now = self.now();
        self.place
            .on_table(&self.place.database, |database| {
                self.table
                    .put(database, drafts, last, Rule::Replace, &self.limits, now)
            })
            .map(drop)
    }

    /// Removes entries that could not be replaced, as good as it goes after an error.
    fn forget(&self, drafts: &[Draft<'_>], problem: &Error) {
        if !matches!(problem.kind(), ErrorKind::TimedOut | ErrorKind::Unavailable) {
            let asked: Vec<_> = drafts.iter().map(|draft| draft.asked).collect();
            let _ = self.table.remove(&self.place.database, &asked, 0);
        }
    }
}
