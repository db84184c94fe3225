//! The store against a list that is searched from one end to the other.

use std::num::NonZeroU64;

use std::{sync::Arc, time::Duration};

use cachemere_base::{Context, ErrorKind, ManualClock, Open, Remaining, Settings, Ttl, Value};
use proptest::{
    collection::vec,
    option,
    prelude::*,
    test_runner::{Config, TestCaseResult},
};

use super::operation::{Operation, Outcome, apply, name, operations};
use crate::{LocMem, Options};

struct Entry {
    key: usize,
    value: Value,
    gone_at: Option<Duration>,
}

/// The most recently used entry comes first.
struct Model {
    entries: Vec<Entry>,
    now: Duration,
    max_entries: usize,
    cull_frequency: usize,
    max_bytes: Option<usize>,
}

fn size(key: usize, value: &Value) -> usize {
    name(key).len() + value.size()
}

impl Model {
    fn apply(&mut self, operation: Operation) -> Outcome {
        match operation {
            Operation::Get(key) => Outcome::Value(self.get(key)),
            Operation::GetMany(keys) => {
                Outcome::Values(keys.into_iter().map(|key| self.get(key)).collect())
            }
            Operation::GetWithTtl(key) => Outcome::WithTtl(self.get(key).map(|value| {
                let left = self.entries[0].gone_at.map(|gone_at| gone_at - self.now);
                (value, left.map_or(Remaining::Never, Remaining::For))
            })),
            Operation::HasKey(key) => {
                self.remove_if_expired(key);
                Outcome::Bool(self.position(key).is_some())
            }
            Operation::Set(key, value, ttl) => match self.set(key, value, ttl) {
                true => Outcome::Nothing,
                false => Outcome::Error(ErrorKind::TooLarge),
            },
            Operation::SetMany(entries, ttl) => Outcome::Refused(
                entries
                    .into_iter()
                    .enumerate()
                    .filter_map(|(n, (key, value))| (!self.set(key, value, ttl)).then_some(n))
                    .collect(),
            ),
            Operation::Add(key, value, ttl) => {
                if self.is_live(key) {
                    Outcome::Bool(false)
                } else if self.set(key, value, ttl) {
                    Outcome::Bool(true)
                } else {
                    Outcome::Error(ErrorKind::TooLarge)
                }
            }
            Operation::Touch(key, ttl) => Outcome::Bool(self.touch(key, ttl)),
            Operation::Delete(key) => Outcome::Bool(self.delete(key)),
            Operation::DeleteMany(keys) => {
                for key in keys {
                    self.delete(key);
                }
                Outcome::Nothing
            }
            Operation::Incr(key, delta) => self.incr(key, delta),
            Operation::Clear => {
                self.entries.clear();
                Outcome::Nothing
            }
            Operation::Advance(by) => {
                self.now += by;
                Outcome::Nothing
            }
        }
    }

    fn position(&self, key: usize) -> Option<usize> {
        self.entries.iter().position(|entry| entry.key == key)
    }

    fn is_expired(&self, position: usize) -> bool {
        self.entries[position]
            .gone_at
            .is_some_and(|gone_at| gone_at <= self.now)
    }

    fn is_live(&self, key: usize) -> bool {
        self.position(key).is_some_and(|at| !self.is_expired(at))
    }

    fn remove_if_expired(&mut self, key: usize) {
        if !self.is_live(key) {
            self.entries.retain(|entry| entry.key != key);
        }
    }

    fn use_it(&mut self, key: usize) -> Option<&mut Entry> {
        self.remove_if_expired(key);
        let entry = self.entries.remove(self.position(key)?);
        self.entries.insert(0, entry);
        self.entries.first_mut()
    }

    fn get(&mut self, key: usize) -> Option<Value> {
        self.use_it(key).map(|entry| entry.value.clone())
    }

    fn set(&mut self, key: usize, value: Value, ttl: Ttl) -> bool {
        let fits = self.max_bytes.is_none_or(|max| size(key, &value) <= max);
        if !fits || ttl == Some(Duration::ZERO) {
            self.entries.retain(|entry| entry.key != key);
            return fits;
        }
        if self.entries.len() >= self.max_entries {
            let all = self.entries.len();
            let culled = match self.cull_frequency {
                0 => all,
                frequency => (all / frequency).max(1).min(all),
            };
            self.entries.truncate(all - culled);
        }
        self.entries.retain(|entry| entry.key != key);
        let gone_at = ttl.map(|ttl| self.now + ttl);
        let entry = Entry {
            key,
            value,
            gone_at,
        };
        self.entries.insert(0, entry);
        while self.max_bytes.is_some_and(|max| self.bytes() > max) {
            self.entries.pop();
        }
        true
    }

    fn touch(&mut self, key: usize, ttl: Ttl) -> bool {
        if ttl == Some(Duration::ZERO) {
            return self.delete(key);
        }
        self.remove_if_expired(key);
        let Some(position) = self.position(key) else {
            return false;
        };
        self.entries[position].gone_at = ttl.map(|ttl| self.now + ttl);
        true
    }

    fn delete(&mut self, key: usize) -> bool {
        let was_live = self.is_live(key);
        self.entries.retain(|entry| entry.key != key);
        was_live
    }

    fn incr(&mut self, key: usize, delta: i64) -> Outcome {
        self.remove_if_expired(key);
        let Some(position) = self.position(key) else {
            return Outcome::Sum(None);
        };
        let Value::Int(number) = self.entries[position].value else {
            return Outcome::Error(ErrorKind::NotAnInteger);
        };
        let Some(sum) = number.checked_add(delta) else {
            return Outcome::Error(ErrorKind::Overflow);
        };
        if let Some(entry) = self.use_it(key) {
            entry.value = Value::Int(sum);
        }
        Outcome::Sum(Some(sum))
    }

    fn bytes(&self) -> usize {
        self.entries
            .iter()
            .map(|entry| size(entry.key, &entry.value))
            .sum()
    }

    fn order(&self) -> Vec<String> {
        self.entries.iter().map(|entry| name(entry.key)).collect()
    }
}

fn agree(
    max_entries: usize,
    cull_frequency: usize,
    max_bytes: Option<usize>,
    operations: Vec<Operation>,
) -> TestCaseResult {
    let clock = Arc::new(ManualClock::default());
    let settings = Settings::new("default", "locmem")
        .with_max_entries(max_entries as u64)
        .with_cull_frequency(cull_frequency as u64);
    let options = Options {
        max_bytes: max_bytes.and_then(|max| NonZeroU64::new(max as u64)),
    };
    let context = Context::new(Arc::clone(&clock) as _);
    let cache = LocMem::open(&settings, options, &context)?;
    let mut model = Model {
        entries: Vec::new(),
        now: Duration::ZERO,
        max_entries,
        cull_frequency,
        max_bytes,
    };
    for operation in operations {
        let ours = apply(&cache, &clock, operation.clone());
        prop_assert_eq!(ours, model.apply(operation.clone()), "{:?}", &operation);
        prop_assert_eq!(cache.order(), model.order(), "after {:?}", &operation);
        prop_assert_eq!(cache.bytes(), model.bytes() as u64, "after {:?}", operation);
    }
    Ok(())
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::default() })]

    #[test]
    fn every_verb_does_what_a_list_would_do(
        max_entries in 0..6_usize,
        cull_frequency in 0..5_usize,
        max_bytes in option::of(1..200_usize),
        operations in vec(operations(8), 1..100),
    ) {
        agree(max_entries, cull_frequency, max_bytes, operations)?;
    }
}

/// Nothing that empties the store at once: it is to have many entries.
fn without_clear() -> impl Strategy<Value = Operation> {
    operations(80).prop_filter("it empties the store", |operation| {
        !matches!(operation, Operation::Clear)
    })
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, cases: 60, ..Config::default() })]

    #[test]
    fn every_verb_does_what_a_list_would_do_with_many_entries(
        max_entries in 20..60_usize,
        cull_frequency in prop_oneof![Just(3_usize), Just(100)],
        max_bytes in option::of(500..2000_usize),
        operations in vec(without_clear(), 200..400),
    ) {
        agree(max_entries, cull_frequency, max_bytes, operations)?;
    }
}
