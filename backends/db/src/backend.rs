use std::{collections::HashSet, sync::Arc};

use cachemere_base::{Backend, Error, ErrorKind, Key, Remaining, Result, Ttl, Value};

use crate::{
    Database, Db,
    entry::{Asked, Draft},
    table::Rule,
};

/// How many entries are stored at once: more than that go one batch after the other, and are culled in between.
const BATCH: usize = 500;

impl Backend for Db {
    fn get(&self, key: &Key) -> Result<Option<Value>> {
        let found = self.find(&self.reader, key)?;
        Ok(found.map(|(value, _)| value))
    }

    fn get_for_update(&self, key: &Key) -> Result<Option<Value>> {
        let found = self.find(&self.database, key)?;
        Ok(found.map(|(value, _)| value))
    }

    fn get_with_ttl(&self, key: &Key) -> Result<Option<(Value, Remaining)>> {
        let found = self.find(&self.database, key)?;
        let now = self.now().unsigned_abs();
        Ok(found.map(|(value, expiry)| (value, expiry.remaining(now))))
    }

    fn has_key(&self, key: &Key) -> Result<bool> {
        let asked = Asked::new(key);
        let expires =
            self.on_table(&self.reader, |database| self.table.expires(database, asked))?;
        Ok(expires.is_some_and(|expires| expires > self.now()))
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Value>>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let asked: Vec<_> = keys.iter().map(Asked::new).collect();
        let found = self.on_table(&self.reader, |database| {
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
        let draft = Draft::new(key, value, expires);
        let set = self
            .check(key, &draft)
            .and_then(|()| self.place(&mut [draft]));
        if let Err(error) = &set {
            self.forget(key, error);
        }
        set
    }

    fn set_many(&self, entries: Vec<(Key, Value)>, ttl: Ttl) -> Result<Vec<usize>> {
        let Some(expires) = self.expires(ttl) else {
            let keys: Vec<_> = entries.into_iter().map(|(key, _)| key).collect();
            return self.delete_many(&keys).map(|()| Vec::new());
        };
        let (mut refused, mut seen, mut drafts) = (Vec::new(), HashSet::new(), Vec::new());
        let keys: Vec<_> = entries.iter().map(|(key, _)| key.clone()).collect();
        for (position, (key, (_, value))) in keys.iter().zip(entries).enumerate().rev() {
            if !seen.insert(key) {
                continue;
            }
            let draft = Draft::new(key, value, expires);
            match self.check(key, &draft) {
                Ok(()) => drafts.push(draft),
                Err(error) => {
                    self.forget(key, &error);
                    refused.push(position);
                }
            }
        }
        drafts.reverse();
        refused.reverse();
        drafts
            .chunks_mut(BATCH)
            .try_for_each(|batch| self.place(batch))?;
        Ok(refused)
    }

    fn add(&self, key: &Key, value: Value, ttl: Ttl) -> Result<bool> {
        let Some(expires) = self.expires(ttl) else {
            return self.is_free(key);
        };
        let draft = Draft::new(key, value, expires);
        if let Err(error) = self.check(key, &draft) {
            return if self.is_free(key)? {
                Err(error)
            } else {
                Ok(false)
            };
        }
        let (drafts, now) = ([draft], self.now());
        let stored = self.on_table(&self.database, |database| {
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
        self.on_table(&self.database, |database| {
            self.table.touch(database, asked, expires, now)
        })
    }

    fn delete(&self, key: &Key) -> Result<bool> {
        let (asked, now) = ([Asked::new(key)], self.now());
        let live = self.on_table(&self.database, |database| {
            self.table.remove(database, &asked, now)
        })?;
        Ok(live > 0)
    }

    fn delete_many(&self, keys: &[Key]) -> Result<()> {
        let asked: Vec<_> = keys.iter().map(Asked::new).collect();
        asked.chunks(BATCH).try_for_each(|asked| {
            self.on_table(&self.database, |database| {
                self.table.remove(database, asked, 0)
            })
            .map(drop)
        })
    }

    fn incr(&self, key: &Key, delta: i64) -> Result<Option<i64>> {
        let (asked, now) = (Asked::new(key), self.now());
        self.on_table(&self.database, |database| {
            self.table.incr(database, asked, delta, now)
        })
    }

    fn clear(&self) -> Result<()> {
        self.on_table(&self.database, |database| self.table.clear(database))
    }

    fn close(&self) -> Result<()> {
        self.database.close();
        self.reader.close();
        Ok(())
    }

    fn is_lasting(&self) -> bool {
        self.database.is_lasting()
    }

    fn identity(&self) -> usize {
        Arc::as_ptr(&self.table).addr()
    }

    fn servers(&self) -> Result<Vec<String>> {
        let mut servers = vec![server(&self.database)?];
        if self.reader.identity() != self.database.identity() {
            servers.push(server(&self.reader)?);
        }
        Ok(servers)
    }
}

impl Db {
    fn find(
        &self,
        database: &Database,
        key: &Key,
    ) -> Result<Option<(Value, cachemere_base::Expiry)>> {
        let asked = Asked::new(key);
        let found = self.on_table(database, |database| self.table.get(database, asked))?;
        Ok(self.live(asked, found))
    }

    fn is_free(&self, key: &Key) -> Result<bool> {
        let asked = Asked::new(key);
        let expires = self.on_table(&self.database, |database| {
            self.table.expires(database, asked)
        })?;
        Ok(expires.is_none_or(|expires| expires <= self.now()))
    }

    /// Stores rows with different keys over what is there; the last one stays, whatever else is too much.
    fn place(&self, drafts: &mut [Draft<'_>]) -> Result<()> {
        let Some(last) = drafts.last().map(|draft| draft.asked.digest) else {
            return Ok(());
        };
        // All lock rows in one order, or they would wait for each other.
        drafts.sort_unstable_by_key(|draft| draft.asked.digest);
        let now = self.now();
        self.on_table(&self.database, |database| {
            self.table
                .put(database, drafts, last, Rule::Replace, &self.limits, now)
        })
        .map(drop)
    }

    /// Removes an entry that could not be replaced, as good as it goes after an error.
    fn forget(&self, key: &Key, problem: &Error) {
        if !matches!(problem.kind(), ErrorKind::TimedOut | ErrorKind::Unavailable) {
            let _ = self.table.remove(&self.database, &[Asked::new(key)], 0);
        }
    }
}

fn server(database: &Database) -> Result<String> {
    Ok(format!("{} at {}", database.version()?, database.place()))
}
