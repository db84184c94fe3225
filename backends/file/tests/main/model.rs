use std::{collections::HashMap, fs, num::NonZeroU64, time::Duration};

use bytes::Bytes;
use cachemere_base::{Backend, ErrorKind, Key, Remaining, Value};
use proptest::{collection::vec, prelude::*};

use crate::place::{Place, files};

#[derive(Clone, Debug)]
enum Step {
    Get(u8),
    Set(u8, Value, Option<u64>),
    Add(u8, Value, Option<u64>),
    Touch(u8, Option<u64>),
    Delete(u8),
    Incr(u8, i64),
    Clear,
    Advance(u64),
    Close,
    LoseIndex,
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i64>().prop_map(Value::Int),
        (-100..100i64).prop_map(Value::Int),
        vec(any::<u8>(), 0..300).prop_map(|bytes| Value::raw(Bytes::from(bytes))),
    ]
}

fn step(keys: u8) -> impl Strategy<Value = Step> {
    let key = 0..keys;
    let ttl = prop_oneof![Just(None), (0..200u64).prop_map(Some)];
    prop_oneof![
        4 => key.clone().prop_map(Step::Get),
        4 => (key.clone(), value(), ttl.clone()).prop_map(|(k, v, t)| Step::Set(k, v, t)),
        2 => (key.clone(), value(), ttl.clone()).prop_map(|(k, v, t)| Step::Add(k, v, t)),
        2 => (key.clone(), ttl).prop_map(|(k, t)| Step::Touch(k, t)),
        2 => key.clone().prop_map(Step::Delete),
        2 => (key, -50..50i64).prop_map(|(k, d)| Step::Incr(k, d)),
        1 => Just(Step::Clear),
        2 => (0..150u64).prop_map(Step::Advance),
        1 => Just(Step::Close),
        1 => Just(Step::LoseIndex),
    ]
}

/// What a cache is: values that live until an instant.
#[derive(Default)]
struct Model {
    entries: HashMap<u8, (Value, Option<u64>)>,
    now: u64,
}

impl Model {
    fn get(&mut self, key: u8) -> Option<&mut (Value, Option<u64>)> {
        let now = self.now;
        self.entries
            .retain(|_, (_, until)| until.is_none_or(|until| until > now));
        self.entries.get_mut(&key)
    }

    fn set(&mut self, key: u8, value: Value, ttl: Option<u64>) {
        self.entries
            .insert(key, (value, ttl.map(|ttl| self.now + ttl)));
    }

    fn remaining(&mut self, key: u8) -> Option<(Value, Remaining)> {
        let now = self.now;
        self.get(key).map(|(value, until)| {
            let left = until.map(|until| Duration::from_millis(until - now));
            (value.clone(), left.map_or(Remaining::Never, Remaining::For))
        })
    }
}

fn key(number: u8) -> Key {
    Key::new(&format!("user:{number}"))
}

fn ttl(millis: Option<u64>) -> Option<Duration> {
    millis.map(Duration::from_millis)
}

fn take(place: &Place, model: &mut Model, step: Step) {
    let file = &place.file;
    match step {
        Step::Get(k) => {
            assert_eq!(file.get_with_ttl(&key(k)).unwrap(), model.remaining(k));
        }
        Step::Set(k, value, millis) => {
            file.set(&key(k), value.clone(), ttl(millis)).unwrap();
            model.set(k, value, millis);
        }
        Step::Add(k, value, millis) => {
            let is_free = model.get(k).is_none();
            assert_eq!(
                file.add(&key(k), value.clone(), ttl(millis)).unwrap(),
                is_free
            );
            if is_free {
                model.set(k, value, millis);
            }
        }
        Step::Touch(k, millis) => {
            let until = millis.map(|millis| model.now + millis);
            let entry = model.get(k);
            assert_eq!(file.touch(&key(k), ttl(millis)).unwrap(), entry.is_some());
            if let Some(entry) = entry {
                entry.1 = until;
            }
        }
        Step::Delete(k) => {
            let is_there = model.get(k).is_some();
            assert_eq!(file.delete(&key(k)).unwrap(), is_there);
            model.entries.remove(&k);
        }
        Step::Incr(k, delta) => match (file.incr(&key(k), delta), model.get(k)) {
            (Ok(None), None) => {}
            (Ok(Some(sum)), Some((Value::Int(number), _))) => {
                assert_eq!(Some(sum), number.checked_add(delta));
                *number = sum;
            }
            (Err(error), Some((Value::Int(number), _))) => {
                assert_eq!(error.kind(), ErrorKind::Overflow);
                assert_eq!(number.checked_add(delta), None);
            }
            (Err(error), Some(_)) => assert_eq!(error.kind(), ErrorKind::NotAnInteger),
            (done, entry) => panic!("{done:?} for {entry:?}"),
        },
        Step::Clear => {
            file.clear().unwrap();
            model.entries.clear();
        }
        Step::Advance(millis) => {
            place.advance(millis);
            model.now += millis;
        }
        Step::Close => file.close().unwrap(),
        Step::LoseIndex => drop(fs::remove_file(place.index())),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_steps_do_what_they_do_to_a_map(steps in vec(step(6), 1..80)) {
        let place = Place::new();
        let mut model = Model::default();
        for step in steps {
            take(&place, &mut model, step);
        }
        for k in 0..6 {
            assert_eq!(place.file.get_with_ttl(&key(k)).unwrap(), model.remaining(k));
        }
        place.file.close().unwrap();
        assert!(files(&place.root().join("tmp")).is_empty());
    }

    #[test]
    fn any_steps_stay_within_the_limits(
        steps in vec(step(60), 1..150),
        max_entries in 1..20u64,
        frequency in 0..5u64,
        max_bytes in 500..5000u64,
    ) {
        let mut options = cachemere_file::Options::default();
        options.max_bytes = NonZeroU64::new(max_bytes);
        let settings = crate::place::settings()
            .with_max_entries(max_entries)
            .with_cull_frequency(frequency);
        let place = Place::with(settings, options);
        let mut model = Model::default();
        for step in steps {
            if let Step::Set(k, value, millis) = step {
                place.file.set(&key(k), value.clone(), ttl(millis)).unwrap();
                model.set(k, value, millis);
                assert_eq!(place.file.get_with_ttl(&key(k)).unwrap(), model.remaining(k));
            } else if let Step::Add(k, value, millis) = step {
                if place.file.add(&key(k), value.clone(), ttl(millis)).unwrap() {
                    model.set(k, value, millis);
                }
            } else if let Step::Advance(millis) = step {
                place.advance(millis);
                model.now += millis;
            } else if let Step::Delete(k) = step {
                place.file.delete(&key(k)).unwrap();
                model.entries.remove(&k);
            }
            let sizes: Vec<_> = place.entries().iter().map(|path| fs::metadata(path).unwrap().len()).collect();
            assert!(sizes.len() as u64 <= max_entries, "{} entries", sizes.len());
            assert!(sizes.iter().sum::<u64>() <= max_bytes, "{sizes:?}");
        }
        for k in 0..60 {
            let stored = place.file.get_with_ttl(&key(k)).unwrap();
            assert!(stored.is_none() || stored == model.remaining(k));
        }
    }
}
