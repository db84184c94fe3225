use cachemere_base::{
    AsyncBackend, Asynchrony, Backend, BoxFuture, Key, Remaining, Result, Ttl, Value,
};

use crate::{
    Redis,
    request::Reach,
    verb::{self, Read, Verb},
};

impl Redis {
    fn set_verb(&self, key: &Key, value: Value, ttl: Ttl) -> Result<Verb<impl Read<()> + use<>>> {
        let value = self.wire.outgoing(value)?;
        Ok(verb::set(key, &value, ttl, self.wire))
    }

    fn add_verb(&self, key: &Key, value: Value, ttl: Ttl) -> Result<Verb<impl Read<bool> + use<>>> {
        let value = self.wire.outgoing(value)?;
        verb::add(key, &value, ttl, self.wire)
    }

    fn get_many_verb<'k>(&self, keys: &'k [Key]) -> Verb<impl Read<Vec<Option<Value>>> + use<'k>> {
        let (grouping, forgives) = (self.topology.grouping(), self.settings.forgives());
        verb::get_many(keys, grouping, forgives, self.wire)
    }

    fn outgoing_all(&self, entries: Vec<(Key, Value)>) -> Result<Vec<(Key, Value)>> {
        let entries = entries.into_iter();
        entries
            .map(|(key, value)| Ok((key, self.wire.outgoing(value)?)))
            .collect()
    }
}

impl Backend for Redis {
    fn get(&self, key: &Key) -> Result<Option<Value>> {
        self.run(verb::get(key, Reach::Any, self.wire))
    }

    fn set(&self, key: &Key, value: Value, ttl: Ttl) -> Result<()> {
        self.run(self.set_verb(key, value, ttl)?)
    }

    fn add(&self, key: &Key, value: Value, ttl: Ttl) -> Result<bool> {
        self.run(self.add_verb(key, value, ttl)?)
    }

    fn touch(&self, key: &Key, ttl: Ttl) -> Result<bool> {
        self.run(verb::touch(key, ttl))
    }

    fn delete(&self, key: &Key) -> Result<bool> {
        self.run(verb::delete(key))
    }

    fn incr(&self, key: &Key, delta: i64) -> Result<Option<i64>> {
        self.run(verb::incr(key, delta))
    }

    fn clear(&self) -> Result<()> {
        self.run(verb::clear())
    }

    fn has_key(&self, key: &Key) -> Result<bool> {
        self.run(verb::has_key(key))
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Value>>> {
        self.run(self.get_many_verb(keys))
    }

    fn set_many(&self, entries: Vec<(Key, Value)>, ttl: Ttl) -> Result<Vec<usize>> {
        let entries = self.outgoing_all(entries)?;
        self.run(verb::set_many(&entries, ttl, self.wire))
    }

    fn delete_many(&self, keys: &[Key]) -> Result<()> {
        self.run(verb::delete_many(keys, self.topology.grouping()))
    }

    fn get_for_update(&self, key: &Key) -> Result<Option<Value>> {
        self.run(verb::get(key, Reach::Leader, self.wire))
    }

    fn get_with_ttl(&self, key: &Key) -> Result<Option<(Value, Remaining)>> {
        self.run(verb::get_with_ttl(key, self.wire))
    }

    fn close(&self) -> Result<()> {
        self.disconnect();
        Ok(())
    }

    fn asynchronous(&self) -> Asynchrony<'_> {
        Asynchrony::Native(self)
    }

    fn servers(&self) -> Result<Vec<String>> {
        self.run(verb::servers())
    }

    fn notes(&self) -> Vec<String> {
        let limits = ["MAX_ENTRIES", "CULL_FREQUENCY"];
        let limits = limits
            .into_iter()
            .filter(|limit| self.settings.is_given(limit));
        let idle = limits.chain(self.options.idle());
        idle.map(|option| format!("`OPTIONS.{option}` has no effect on redis"))
            .collect()
    }
}

impl AsyncBackend for Redis {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Value>>> {
        Box::pin(self.arun(verb::get(key, Reach::Any, self.wire)))
    }

    fn set<'a>(&'a self, key: &'a Key, value: Value, ttl: Ttl) -> BoxFuture<'a, Result<()>> {
        let verb = self.set_verb(key, value, ttl);
        Box::pin(async { self.arun(verb?).await })
    }

    fn add<'a>(&'a self, key: &'a Key, value: Value, ttl: Ttl) -> BoxFuture<'a, Result<bool>> {
        let verb = self.add_verb(key, value, ttl);
        Box::pin(async { self.arun(verb?).await })
    }

    fn touch<'a>(&'a self, key: &'a Key, ttl: Ttl) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.arun(verb::touch(key, ttl)))
    }

    fn delete<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.arun(verb::delete(key)))
    }

    fn incr<'a>(&'a self, key: &'a Key, delta: i64) -> BoxFuture<'a, Result<Option<i64>>> {
        Box::pin(self.arun(verb::incr(key, delta)))
    }

    fn clear(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.arun(verb::clear()))
    }

    fn has_key<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<bool>> {
        Box::pin(self.arun(verb::has_key(key)))
    }

    fn get_many<'a>(&'a self, keys: &'a [Key]) -> BoxFuture<'a, Result<Vec<Option<Value>>>> {
        Box::pin(self.arun(self.get_many_verb(keys)))
    }

    fn set_many(&self, entries: Vec<(Key, Value)>, ttl: Ttl) -> BoxFuture<'_, Result<Vec<usize>>> {
        Box::pin(async move {
            let entries = self.outgoing_all(entries)?;
            self.arun(verb::set_many(&entries, ttl, self.wire)).await
        })
    }

    fn delete_many<'a>(&'a self, keys: &'a [Key]) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.arun(verb::delete_many(keys, self.topology.grouping())))
    }

    fn get_for_update<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Value>>> {
        Box::pin(self.arun(verb::get(key, Reach::Leader, self.wire)))
    }

    fn get_with_ttl<'a>(
        &'a self,
        key: &'a Key,
    ) -> BoxFuture<'a, Result<Option<(Value, Remaining)>>> {
        Box::pin(self.arun(verb::get_with_ttl(key, self.wire)))
    }

    fn close(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async {
            self.disconnect();
            Ok(())
        })
    }
}
