use std::{
    thread,
    time::{Duration, Instant},
};

use cachemere_base::{Backend, ErrorKind, Key, Value};
use cachemere_db::Db;
use cachemere_processes::{Random, SharedTable, check, content};

use crate::commands::say_done;

/// Two caches in one table, told apart by their prefixes, and the counters of each.
const PREFIXES: [&str; 2] = ["one", "two"];
const COUNTERS: usize = 3;

/// Counts, and replaces a value, for ever; says after each round that it is done.
pub(crate) fn count(url: &str, worker: u64) {
    let cache = SharedTable::at(url).open(100_000);
    let own = format!("version:{worker}");
    let (counter, shared) = (Key::new(&format!("count:{worker}")), Key::new("count"));
    cache.add(&counter, Value::Int(0), None).unwrap();
    cache.add(&shared, Value::Int(0), None).unwrap();
    let stored = cache.get(&Key::new(&own)).unwrap();
    let first = stored.map_or(0, |value| check(&own, &value));
    let mut random = Random::new(worker ^ first << 32);
    for version in first + 1.. {
        let value = content(&own, version);
        cache.set(&Key::new(&own), value, None).unwrap();
        cache.incr(&counter, 1).unwrap().unwrap();
        cache.incr(&shared, 1).unwrap().unwrap();
        say_done();
        step(&cache, "other", &mut random, 40);
    }
}

/// Everything at once in both caches for some seconds; says at the end how often each counter was moved.
pub(crate) fn load(url: &str, process: u64, seconds: u64) {
    let table = SharedTable::at(url);
    let deadline = Instant::now() + Duration::from_secs(seconds);
    thread::scope(|scope| {
        for (number, prefix) in PREFIXES.into_iter().enumerate() {
            let cache = table.open(3000);
            scope.spawn(move || {
                let random = Random::new(process * 2 + number as u64);
                for (number, moved) in work(&cache, prefix, random, deadline).iter().enumerate() {
                    println!("{} {moved}", counter(prefix, number));
                }
            });
        }
    });
}

fn work(cache: &Db, prefix: &str, mut random: Random, deadline: Instant) -> [i64; COUNTERS] {
    let mut moved = [0; COUNTERS];
    let counters: [_; COUNTERS] = std::array::from_fn(|number| Key::new(&counter(prefix, number)));
    for counter in &counters {
        cache.add(counter, Value::Int(0), None).unwrap();
    }
    while Instant::now() < deadline {
        step(cache, prefix, &mut random, 3000);
        let number = random.below(COUNTERS as u64) as usize;
        let delta = random.below(3) as i64;
        cache.incr(&counters[number], delta).unwrap().unwrap();
        moved[number] += delta;
    }
    moved
}

fn counter(prefix: &str, number: usize) -> String {
    format!("{prefix}:1:count:{number}")
}

/// One verb on one of so many keys; whatever is read must be whole.
fn step(cache: &Db, prefix: &str, random: &mut Random, keys: u64) {
    let mut some = || format!("{prefix}:1:key:{}", random.below(keys));
    let names: Vec<_> = (0..5).map(|_| some()).collect();
    let (name, key) = (&names[0], Key::new(&names[0]));
    let version = random.below(1000);
    let ttl = Some(Duration::from_millis(random.below(60_000)));
    match random.below(10) {
        0..3 => cache.set(&key, content(name, version), ttl).unwrap(),
        3 => drop(cache.add(&key, content(name, version), ttl).unwrap()),
        4 => drop(cache.touch(&key, ttl).unwrap()),
        5 => drop(cache.delete(&key).unwrap()),
        6 => {
            let entry = |name: &String| (Key::new(name), content(name, version));
            let refused = cache.set_many(names.iter().map(entry).collect(), ttl);
            assert!(refused.unwrap().is_empty());
        }
        7 => {
            let keys: Vec<_> = names.iter().map(|name| Key::new(name)).collect();
            for (name, value) in names.iter().zip(cache.get_many(&keys).unwrap()) {
                value.map(|value| check(name, &value));
            }
        }
        _ => {
            let value = cache.get(&key).unwrap();
            value.map(|value| check(name, &value));
        }
    }
}

/// Writes where no file may be longer than some kilobytes.
pub(crate) fn full_disk(url: &str) {
    let cache = SharedTable::at(url).open(1000);
    let small = Value::raw("small");
    let key = Key::new;
    cache.set(&key("a"), small.clone(), None).unwrap();
    cache.set(&key("b"), small.clone(), None).unwrap();

    let large = Value::raw(vec![1; 1 << 20]);
    let error = cache.set(&key("c"), large.clone(), None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
    assert_eq!(cache.get(&key("c")).unwrap(), None);
    let error = cache.add(&key("d"), large, None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
    assert_eq!(cache.get(&key("b")).unwrap(), Some(small));
}
