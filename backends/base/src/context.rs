use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::Arc,
};

use parking_lot::Mutex;

use crate::{Clock, Counters, SystemClock};

type Shared = HashMap<(TypeId, String), Arc<dyn Any + Send + Sync>>;

/// What a backend is given beside its settings: the clock, the alias' counters, and what aliases share by name.
#[derive(Clone, Debug)]
pub struct Context {
    clock: Arc<dyn Clock>,
    counters: Arc<Counters>,
    shared: Arc<Mutex<Shared>>,
}

impl Context {
    /// A context with this clock that shares nothing with others.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            counters: Arc::default(),
            shared: Arc::default(),
        }
    }

    /// The context for another alias: counters of its own, everything else shared.
    #[must_use]
    pub fn for_alias(&self) -> Self {
        Self {
            counters: Arc::default(),
            ..self.clone()
        }
    }

    /// The clock that expiry is read from.
    #[must_use]
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// What is counted for this alias.
    #[must_use]
    pub fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.counters)
    }

    /// The one `T` of this name, made at the first call: how aliases with one LOCATION share a store.
    #[must_use]
    pub fn shared<T: Any + Send + Sync>(&self, name: &str, make: impl FnOnce() -> T) -> Arc<T> {
        let key = (TypeId::of::<T>(), name.to_owned());
        let made = self.shared.lock().get(&key).cloned();
        let any = made.unwrap_or_else(|| {
            let new: Arc<dyn Any + Send + Sync> = Arc::new(make());
            Arc::clone(self.shared.lock().entry(key).or_insert(new))
        });
        any.downcast().expect("the type is part of the name")
    }
}

impl Default for Context {
    fn default() -> Self {
        Self::new(Arc::new(SystemClock))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_is_one_object_for_each_type() {
        let context = Context::default();
        let a: Arc<Mutex<u8>> = context.shared("x", Mutex::default);
        let b: Arc<Mutex<u8>> = context.for_alias().shared("x", Mutex::default);
        let other: Arc<Mutex<u8>> = context.shared("y", Mutex::default);
        let typed: Arc<Mutex<u16>> = context.shared("x", Mutex::default);
        *a.lock() = 1;
        assert_eq!((*b.lock(), *other.lock(), *typed.lock()), (1, 0, 0));
    }
}
