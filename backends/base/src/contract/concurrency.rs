//! What holds with many threads, through one backend and through several over one store.
#![expect(missing_docs, reason = "the names are the promises")]

use std::{
    sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    thread,
};

use super::Subject;
use crate::Value;

const THREADS: usize = 8;
const ROUNDS: usize = 25;

/// Runs `work` on several threads at once, every other one with another backend.
fn together(cache: &Subject, work: impl Fn(&Subject, usize) + Sync) {
    let another = cache.another();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (cache, work) = (if thread % 2 == 0 { cache } else { &another }, &work);
            scope.spawn(move || work(cache, thread));
        }
    });
}

pub fn one_of_many_adds_is_true(cache: &Subject) {
    for round in 0..ROUNDS {
        let key = format!("key{round}");
        let taken = AtomicUsize::new(0);
        together(cache, |cache, thread| {
            if cache.add(&key, Value::Int(thread as i64), None) {
                taken.fetch_add(1, SeqCst);
            }
        });
        assert_eq!(taken.into_inner(), 1, "in round {round}");
    }
}

pub fn one_of_many_adds_over_an_expired_entry_is_true(cache: &Subject) {
    let short = cache.short();
    let keys: Vec<_> = (0..ROUNDS).map(|n| format!("key{n}")).collect();
    for key in &keys {
        cache.set(key, Value::Int(-1), Some(short));
    }
    cache.outlive(short);
    for key in &keys {
        let taken = AtomicUsize::new(0);
        together(cache, |cache, thread| {
            if cache.add(key, Value::Int(thread as i64), None) {
                taken.fetch_add(1, SeqCst);
            }
        });
        assert_eq!(taken.into_inner(), 1, "{key}");
    }
}

pub fn one_of_many_deletes_is_true(cache: &Subject) {
    for round in 0..ROUNDS {
        let key = format!("key{round}");
        cache.set(&key, Value::Int(1), None);
        let deleted = AtomicUsize::new(0);
        together(cache, |cache, _| {
            deleted.fetch_add(usize::from(cache.delete(&key)), SeqCst);
        });
        assert_eq!(deleted.into_inner(), 1, "in round {round}");
    }
}

pub fn no_increment_is_lost(cache: &Subject) {
    cache.set("key", Value::Int(0), None);
    together(cache, |cache, thread| {
        let delta = if thread == 0 { -1 } else { 1 };
        for _ in 0..ROUNDS {
            assert!(cache.incr("key", delta).is_some());
        }
    });
    let sum = (ROUNDS * (THREADS - 2)) as i64;
    assert_eq!(cache.get("key"), Some(Value::Int(sum)));
}

pub fn every_sum_is_returned_once(cache: &Subject) {
    cache.set("key", Value::Int(0), None);
    let seen: Vec<_> = (0..THREADS * ROUNDS)
        .map(|_| AtomicBool::new(false))
        .collect();
    together(cache, |cache, _| {
        for _ in 0..ROUNDS {
            let sum = cache.incr("key", 1).expect("the counter is there");
            assert!(!seen[sum as usize - 1].swap(true, SeqCst), "{sum} twice");
        }
    });
}

pub fn a_counter_that_is_added_and_incremented_counts_all(cache: &Subject) {
    together(cache, |cache, _| {
        for round in 0..ROUNDS {
            let key = format!("key{}", round % 5);
            cache.add(&key, Value::Int(0), None);
            assert!(cache.incr(&key, 1).is_some());
        }
    });
    for n in 0..5 {
        let all = (THREADS * ROUNDS / 5) as i64;
        assert_eq!(cache.get(&format!("key{n}")), Some(Value::Int(all)));
    }
}

pub fn readers_see_the_old_value_or_the_new_one(cache: &Subject) {
    let old = Value::raw(vec![b'o'; 20_000]);
    let new = Value::raw(vec![b'n'; 10_000]);
    cache.set("key", old.clone(), None);
    together(cache, |cache, thread| {
        for round in 0..ROUNDS {
            if thread < 2 {
                let value = if round % 2 == 0 { &new } else { &old };
                cache.set("key", value.clone(), None);
            } else {
                let value = cache.get("key").expect("a set never removes the entry");
                assert!(value == old || value == new, "a torn value");
            }
        }
    });
}

pub fn readers_see_the_value_of_their_key(cache: &Subject) {
    let keys: Vec<_> = (0..THREADS).map(|n| format!("key{n}")).collect();
    together(cache, |cache, thread| {
        for round in 0..ROUNDS {
            let own = &keys[thread];
            cache.set(own, Value::raw(format!("{own} {round}")), None);
            let key = &keys[(thread + round) % THREADS];
            let Some(value) = cache.get(key) else {
                continue;
            };
            let text = value.into_bytes();
            assert!(text.starts_with(format!("{key} ").as_bytes()), "{text:?}");
        }
    });
    for key in &keys {
        let last = format!("{key} {}", ROUNDS - 1);
        assert_eq!(cache.get(key), Some(Value::raw(last)));
    }
}

pub fn add_and_delete_make_a_lock(cache: &Subject) {
    let held = AtomicBool::new(false);
    let times = AtomicUsize::new(0);
    together(cache, |cache, thread| {
        for _ in 0..ROUNDS {
            if cache.add("lock", Value::Int(thread as i64), None) {
                assert!(!held.swap(true, SeqCst), "two hold the lock");
                thread::yield_now();
                held.store(false, SeqCst);
                times.fetch_add(1, SeqCst);
                assert!(cache.delete("lock"), "the lock was lost");
            }
        }
    });
    assert!(times.into_inner() > 0);
    assert!(cache.add("lock", Value::Int(0), None), "the lock is free");
}

pub fn writes_of_many_at_once_all_arrive(cache: &Subject) {
    together(cache, |cache, thread| {
        let keys: Vec<_> = (0..ROUNDS).map(|n| format!("key{thread}-{n}")).collect();
        let entries: Vec<_> = keys
            .iter()
            .map(|key| (key.as_str(), Value::raw(key.clone())))
            .collect();
        assert_eq!(cache.set_many(&entries, None), []);
    });
    for (thread, n) in (0..THREADS).flat_map(|thread| (0..ROUNDS).map(move |n| (thread, n))) {
        let key = format!("key{thread}-{n}");
        assert_eq!(cache.get(&key), Some(Value::raw(key.clone())));
    }
}

pub fn writes_of_many_over_the_same_keys_in_any_order_end(cache: &Subject) {
    let keys: Vec<_> = (0..10).map(|n| format!("key{n}")).collect();
    together(cache, |cache, thread| {
        let mut entries: Vec<_> = keys
            .iter()
            .map(|key| (key.as_str(), Value::Int(thread as i64)))
            .collect();
        if thread % 2 == 1 {
            entries.reverse();
        }
        for _ in 0..ROUNDS {
            assert_eq!(cache.set_many(&entries, None), []);
        }
    });
    assert!(keys.iter().all(|key| cache.has_key(key)));
}

pub fn every_verb_at_once_fails_nowhere(cache: &Subject) {
    together(cache, |cache, thread| {
        for round in 0..ROUNDS {
            let key = ["a", "b"][round % 2];
            match (thread + round) % 8 {
                0 => cache.set(key, Value::Int(1), None),
                1 => drop(cache.add(key, Value::Int(1), Some(cache.short()))),
                2 => drop(cache.incr(key, 1)),
                3 => drop(cache.touch(key, None)),
                4 => drop(cache.delete(key)),
                5 => drop(cache.get_with_ttl(key)),
                6 => drop(cache.set_many(&[("a", Value::Int(1)), ("b", Value::Int(2))], None)),
                _ => cache.clear(),
            }
        }
    });
}
