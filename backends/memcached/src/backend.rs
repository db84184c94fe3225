//! The methods of the contract, in both ways.

use cachemere_base::{
    AsyncBackend, Asynchrony, Backend, BoxFuture, Error, ErrorKind, Key, KeyCheck, Remaining,
    Result, Ttl, Value,
};

use crate::{
    Memcached,
    format::{Stored, Wire},
    request::{Action, Reply},
    verbs::{
        self, Add, Delete, DeleteMany, GetMany, Incr, Read, Set, SetMany, Touch, is_there,
        value_and_ttl,
    },
};

impl Memcached {
    fn read<'a, T>(
        &'a self,
        key: &'a Key,
        action: Action,
        view: fn(&crate::request::Item, Wire) -> Option<T>,
    ) -> Read<'a, T> {
        Read {
            key,
            action,
            view,
            wire: self.wire,
            damage: &self.damage,
        }
    }

    /// The keys, the values, and how large these are.
    fn parts(&self, entries: Vec<(Key, Value)>) -> Result<Parts> {
        let mut parts = Parts::default();
        for (key, value) in entries {
            let stored = self.wire.to_stored(value)?;
            parts.0.push(key);
            parts.2.push(stored.data.len());
            parts.1.push(Some(stored));
        }
        Ok(parts)
    }
}

impl Backend for Memcached {
    fn get(&self, key: &Key) -> Result<Option<Value>> {
        self.run(key, self.read(key, Action::Get, verbs::value))
    }

    fn set(&self, key: &Key, value: Value, ttl: Ttl) -> Result<()> {
        self.run(key, Set::new(key, self.wire.to_stored(value)?, ttl))
    }

    fn add(&self, key: &Key, value: Value, ttl: Ttl) -> Result<bool> {
        self.run(key, Add::new(key, self.wire.to_stored(value)?, ttl))
    }

    fn touch(&self, key: &Key, ttl: Ttl) -> Result<bool> {
        self.run(key, Touch { ttl })
    }

    fn delete(&self, key: &Key) -> Result<bool> {
        self.run(key, Delete)
    }

    fn incr(&self, key: &Key, delta: i64) -> Result<Option<i64>> {
        self.run(key, Incr::new(key, delta, &self.damage, self.wire))
    }

    fn clear(&self) -> Result<()> {
        self.ask_all(&Action::Flush).and_then(all_done)
    }

    fn has_key(&self, key: &Key) -> Result<bool> {
        let found = self.run(key, self.read(key, Action::Look, is_there))?;
        Ok(found.is_some())
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Value>>> {
        self.run_batch(keys, |_| None, GetMany::new(keys, &self.damage, self.wire))
    }

    fn set_many(&self, entries: Vec<(Key, Value)>, ttl: Ttl) -> Result<Vec<usize>> {
        let (keys, values, sizes) = self.parts(entries)?;
        self.run_batch(&keys, |n| Some(sizes[n]), SetMany::new(values, ttl))
    }

    fn delete_many(&self, keys: &[Key]) -> Result<()> {
        self.run_batch(keys, |_| Some(0), DeleteMany)
    }

    fn get_with_ttl(&self, key: &Key) -> Result<Option<(Value, Remaining)>> {
        self.run(key, self.read(key, Action::Inspect, value_and_ttl))
    }

    fn close(&self) -> Result<()> {
        self.close_idle();
        Ok(())
    }

    fn check_key(&self, key: &Key) -> KeyCheck {
        if self.is_good(key) {
            return KeyCheck::Good;
        }
        match self.problems(key) {
            problems if problems.is_empty() => KeyCheck::Good,
            problems => KeyCheck::Refuse(problems),
        }
    }

    fn asynchronous(&self) -> Asynchrony<'_> {
        Asynchrony::Native(self)
    }

    fn servers(&self) -> Result<Vec<String>> {
        let replies = self.ask_all(&Action::Version)?;
        replies.into_iter().map(versioned).collect()
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}

impl AsyncBackend for Memcached {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Value>>> {
        Box::pin(self.run_async(key, self.read(key, Action::Get, verbs::value)))
    }

    fn set<'a>(&'a self, key: &'a Key, value: Value, ttl: Ttl) -> BoxFuture<'a, Result<()>> {
        let stored = self.wire.to_stored(value);
        Box::pin(async move { self.run_async(key, Set::new(key, stored?, ttl)).await })
    }

    fn add<'a>(&'a self, key: &'a Key, value: Value, ttl: Ttl) -> BoxFuture<'a, Result<bool>> {
        let stored = self.wire.to_stored(value);
        Box::pin(async move { self.run_async(key, Add::new(key, stored?, ttl)).await })
    }

    fn touch<'a>(&'a self, key: &'a Key, ttl: Ttl) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.run_async(key, Touch { ttl }))
    }

    fn delete<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.run_async(key, Delete))
    }

    fn incr<'a>(&'a self, key: &'a Key, delta: i64) -> BoxFuture<'a, Result<Option<i64>>> {
        Box::pin(self.run_async(key, Incr::new(key, delta, &self.damage, self.wire)))
    }

    fn clear(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { self.ask_all_async(&Action::Flush).await.and_then(all_done) })
    }

    fn has_key<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<bool>> {
        let look = self.read(key, Action::Look, is_there);
        Box::pin(async { Ok(self.run_async(key, look).await?.is_some()) })
    }

    fn get_many<'a>(&'a self, keys: &'a [Key]) -> BoxFuture<'a, Result<Vec<Option<Value>>>> {
        Box::pin(self.run_batch_async(keys, |_| None, GetMany::new(keys, &self.damage, self.wire)))
    }

    fn set_many(&self, entries: Vec<(Key, Value)>, ttl: Ttl) -> BoxFuture<'_, Result<Vec<usize>>> {
        Box::pin(async move {
            let (keys, values, sizes) = self.parts(entries)?;
            self.run_batch_async(&keys, |n| Some(sizes[n]), SetMany::new(values, ttl))
                .await
        })
    }

    fn delete_many<'a>(&'a self, keys: &'a [Key]) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.run_batch_async(keys, |_| Some(0), DeleteMany))
    }

    fn get_for_update<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Value>>> {
        AsyncBackend::get(self, key)
    }

    fn get_with_ttl<'a>(
        &'a self,
        key: &'a Key,
    ) -> BoxFuture<'a, Result<Option<(Value, Remaining)>>> {
        Box::pin(self.run_async(key, self.read(key, Action::Inspect, value_and_ttl)))
    }

    fn close(&self) -> BoxFuture<'_, Result<()>> {
        self.close_idle();
        Box::pin(std::future::ready(Ok(())))
    }
}

type Parts = (Vec<Key>, Vec<Option<Stored>>, Vec<usize>);

fn all_done(replies: Vec<(String, Reply)>) -> Result<()> {
    replies
        .into_iter()
        .try_for_each(|(server, reply)| match reply {
            Reply::Done => Ok(()),
            reply => Err(unexpected(&server, reply)),
        })
}

fn versioned((server, reply): (String, Reply)) -> Result<String> {
    match reply {
        Reply::Version(version) => Ok(format!("memcached {version} at {server}")),
        reply => Err(unexpected(&server, reply)),
    }
}

fn unexpected(server: &str, reply: Reply) -> Error {
    let words = match reply {
        Reply::Refused(words) => words,
        _ => "what was not asked for".into(),
    };
    Error::new(
        ErrorKind::Server,
        format!("the server answers: {words} ({server})"),
    )
}
