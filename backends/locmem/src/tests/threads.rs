//! What many threads leave behind is what they counted, and the order of use is one for all of them.

use std::{num::NonZeroU64, thread};

use cachemere_base::{Backend, Context, Key, Open, Settings, Value};

use crate::{LocMem, Options};

const THREADS: u64 = 4;

fn open(max_entries: u64, cull_frequency: u64, max_bytes: u64) -> LocMem {
    let settings = Settings::new("default", "locmem")
        .with_max_entries(max_entries)
        .with_cull_frequency(cull_frequency);
    let options = Options {
        max_bytes: NonZeroU64::new(max_bytes),
    };
    LocMem::open(&settings, options, &Context::default()).unwrap()
}

fn key(n: u64) -> Key {
    Key::new(&format!("key{n}"))
}

/// Writes, counts, reads and deletes, on as many keys as there are numbers.
fn work(cache: &LocMem, thread: u64, keys: u64) {
    for n in 0..3000 {
        let key = key((n * (thread + 1) + n / 7) % keys);
        match n % 5 {
            0 => drop(cache.delete(&key).unwrap()),
            1 => drop(cache.add(&key, Value::Int(0), None).unwrap()),
            2 => drop(cache.get(&key).unwrap()),
            3 => cache
                .set(&key, Value::raw(vec![0; n as usize % 40]), None)
                .unwrap(),
            _ => cache.set(&key, Value::Int(1), None).unwrap(),
        }
    }
}

fn together(cache: &LocMem, work: impl Fn(&LocMem, u64) + Sync) {
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let work = &work;
            scope.spawn(move || work(cache, thread));
        }
    });
}

#[test]
fn many_threads_leave_what_they_counted() {
    let cache = open(1_000_000, 3, 0);
    together(&cache, |cache, thread| work(cache, thread, 97));
    assert!(cache.order().len() <= 97);
    assert!(cache.bytes() <= 97 * 45);
}

#[test]
fn many_threads_leave_no_more_than_max_entries() {
    for cull_frequency in [1, 3, 100] {
        let cache = open(50, cull_frequency, 0);
        together(&cache, |cache, thread| {
            for n in 0..1000 {
                cache
                    .set(&key(n * THREADS + thread), Value::Int(1), None)
                    .unwrap();
                assert!(cache.order().len() <= 50);
            }
        });
    }
}

#[test]
fn many_threads_leave_no_more_than_max_bytes() {
    let cache = open(1_000_000, 3, 500);
    together(&cache, |cache, thread| work(cache, thread, 997));
    assert!(cache.bytes() <= 500);
}

#[test]
fn clear_leaves_nothing_of_what_other_threads_wrote_before() {
    let cache = open(1_000_000, 3, 0);
    together(&cache, |cache, thread| {
        work(cache, thread, 97);
        cache.clear().unwrap();
    });
    cache.clear().unwrap();
    assert_eq!((cache.order().len(), cache.bytes()), (0, 0));
}

#[test]
fn the_order_of_use_is_that_of_all_threads_one_after_the_other() {
    let cache = open(1_000_000, 3, 0);
    for n in 0..100 {
        cache.set(&key(n), Value::Int(1), None).unwrap();
    }
    let used = (0..100).map(|n| n * 37 % 100);
    for n in used.clone() {
        thread::scope(|scope| scope.spawn(|| drop(cache.get(&key(n)))).join()).unwrap();
    }
    let expected: Vec<_> = used.rev().map(|n| key(n).to_string()).collect();
    assert_eq!(cache.order(), expected);
}
