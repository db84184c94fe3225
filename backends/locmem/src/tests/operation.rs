//! What can be done with a cache, and what it gives.

use std::time::Duration;

use cachemere_base::{Backend, ErrorKind, Key, ManualClock, Remaining, Ttl, Value};
use proptest::{collection::vec, option, prelude::*};

use crate::LocMem;

#[derive(Clone, Debug)]
pub(super) enum Operation {
    Get(usize),
    GetWithTtl(usize),
    GetMany(Vec<usize>),
    HasKey(usize),
    Set(usize, Value, Ttl),
    SetMany(Vec<(usize, Value)>, Ttl),
    Add(usize, Value, Ttl),
    Touch(usize, Ttl),
    Delete(usize),
    DeleteMany(Vec<usize>),
    Incr(usize, i64),
    Clear,
    Advance(Duration),
}

/// What an operation gives.
#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    Nothing,
    Bool(bool),
    Value(Option<Value>),
    Values(Vec<Option<Value>>),
    WithTtl(Option<(Value, Remaining)>),
    Sum(Option<i64>),
    Refused(Vec<usize>),
    Error(ErrorKind),
}

/// The key of a number.
pub(super) fn name(key: usize) -> String {
    if key == 0 {
        "long".repeat(20)
    } else {
        format!("key{key}")
    }
}

/// Does it with the real one.
pub(super) fn apply(cache: &LocMem, clock: &ManualClock, operation: Operation) -> Outcome {
    let key = |key: usize| Key::new(&name(key));
    let keys = |keys: Vec<usize>| keys.into_iter().map(key).collect::<Vec<_>>();
    let result = match operation {
        Operation::Get(k) => cache.get(&key(k)).map(Outcome::Value),
        Operation::GetWithTtl(k) => cache.get_with_ttl(&key(k)).map(Outcome::WithTtl),
        Operation::GetMany(k) => cache.get_many(&keys(k)).map(Outcome::Values),
        Operation::HasKey(k) => cache.has_key(&key(k)).map(Outcome::Bool),
        Operation::Set(k, value, ttl) => cache.set(&key(k), value, ttl).map(|()| Outcome::Nothing),
        Operation::SetMany(entries, ttl) => {
            let entries = entries.into_iter().map(|(k, value)| (key(k), value));
            cache.set_many(entries.collect(), ttl).map(Outcome::Refused)
        }
        Operation::Add(k, value, ttl) => cache.add(&key(k), value, ttl).map(Outcome::Bool),
        Operation::Touch(k, ttl) => cache.touch(&key(k), ttl).map(Outcome::Bool),
        Operation::Delete(k) => cache.delete(&key(k)).map(Outcome::Bool),
        Operation::DeleteMany(k) => cache.delete_many(&keys(k)).map(|()| Outcome::Nothing),
        Operation::Incr(k, delta) => cache.incr(&key(k), delta).map(Outcome::Sum),
        Operation::Clear => cache.clear().map(|()| Outcome::Nothing),
        Operation::Advance(by) => {
            clock.advance(by);
            Ok(Outcome::Nothing)
        }
    };
    result.unwrap_or_else(|error| Outcome::Error(error.kind()))
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        (-2..3_i64).prop_map(Value::Int),
        Just(Value::Int(i64::MAX)),
        Just(Value::Int(i64::MIN)),
        (0..40_usize).prop_map(|length| Value::raw(vec![b'v'; length])),
    ]
}

fn durations() -> impl Strategy<Value = Duration> {
    (0..5_u64).prop_map(Duration::from_secs)
}

fn ttls() -> impl Strategy<Value = Ttl> {
    option::of(durations())
}

/// Operations on this many keys.
pub(super) fn operations(keys: usize) -> impl Strategy<Value = Operation> {
    let keys = || 0..keys;
    prop_oneof![
        2 => keys().prop_map(Operation::Get),
        1 => keys().prop_map(Operation::GetWithTtl),
        1 => vec(keys(), 0..4).prop_map(Operation::GetMany),
        1 => keys().prop_map(Operation::HasKey),
        5 => (keys(), values(), ttls()).prop_map(|(key, value, ttl)| Operation::Set(key, value, ttl)),
        1 => (vec((keys(), values()), 0..4), ttls())
            .prop_map(|(entries, ttl)| Operation::SetMany(entries, ttl)),
        2 => (keys(), values(), ttls()).prop_map(|(key, value, ttl)| Operation::Add(key, value, ttl)),
        1 => (keys(), ttls()).prop_map(|(key, ttl)| Operation::Touch(key, ttl)),
        1 => keys().prop_map(Operation::Delete),
        1 => vec(keys(), 0..3).prop_map(Operation::DeleteMany),
        2 => (keys(), -2..3_i64).prop_map(|(key, delta)| Operation::Incr(key, delta)),
        1 => Just(Operation::Clear),
        1 => durations().prop_map(Operation::Advance),
    ]
}
