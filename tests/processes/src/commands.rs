use std::{
    io::{BufWriter, Write, stdout},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use cachemere_base::{Backend, ErrorKind, Key, Value};
use cachemere_file::File;
use cachemere_processes::{Random, Scenario, check, content, open};

const THREADS: u64 = 16;

pub(crate) fn scenario(location: &Path, name: &str) {
    let scenario = Scenario::named(name).unwrap();
    scenario.run(&scenario.open(location));
}

/// Counts, and replaces a value, for ever; says after each round that it is done.
pub(crate) fn count(location: &Path, worker: u64) {
    let file = open(location, 100_000, 3);
    let own = format!("version:{worker}");
    let (counter, shared) = (Key::new(&format!("count:{worker}")), Key::new("count"));
    file.add(&counter, Value::Int(0), None).unwrap();
    file.add(&shared, Value::Int(0), None).unwrap();
    let stored = file.get(&Key::new(&own)).unwrap();
    let first = stored.map_or(0, |value| check(&own, &value));
    let mut random = Random::new(worker ^ first << 32);
    for version in first + 1.. {
        file.set(&Key::new(&own), content(&own, version), None)
            .unwrap();
        file.incr(&counter, 1).unwrap().unwrap();
        file.incr(&shared, 1).unwrap().unwrap();
        say_done();
        step(&file, &mut random, 40);
    }
}

/// Does everything that there is, with few entries allowed, for ever.
pub(crate) fn churn(location: &Path, seed: u64) {
    let file = open(location, 30, 3);
    let mut random = Random::new(seed);
    loop {
        step(&file, &mut random, 60);
        if random.below(200) == 0 {
            file.clear().unwrap();
        }
        say_done();
    }
}

/// Everything at once in many threads for some seconds; says at the end what every increment returned.
pub(crate) fn stress(location: &Path, process: u64, seconds: u64) {
    let file = open(location, 1000, 3);
    let deadline = Instant::now() + Duration::from_secs(seconds);
    let threads: Vec<_> = thread::scope(|scope| {
        let run = |thread| {
            let file = &file;
            scope.spawn(move || stress_thread(file, process * THREADS + thread, deadline))
        };
        let threads: Vec<_> = (0..THREADS).map(run).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    let mut out = BufWriter::new(stdout().lock());
    for sum in threads.into_iter().flatten() {
        writeln!(out, "{sum}").unwrap();
    }
}

/// A cull may take a counter away. Whoever starts it anew gives it a start of its own, so that the sums tell from which
/// start they were counted.
fn stress_thread(file: &File, thread: u64, deadline: Instant) -> Vec<i64> {
    let mut random = Random::new(thread);
    let mut sums = Vec::new();
    let mut start = (thread as i64 + 1) << 44;
    while Instant::now() < deadline {
        step(file, &mut random, 3000);
        let counter = Key::new(&format!("count:{}", random.below(4)));
        match file.incr(&counter, 1).unwrap() {
            Some(sum) => sums.push(sum),
            None => {
                start += 1 << 24;
                file.add(&counter, Value::Int(start), None).unwrap();
            }
        }
    }
    sums
}

/// Writes where no file may be longer than some kilobytes.
pub(crate) fn full_disk(location: &Path) {
    let file = open(location, 1000, 3);
    let small = Value::raw("small");
    let key = |name: &str| Key::new(name);
    file.set(&key("a"), small.clone(), None).unwrap();
    file.set(&key("b"), small.clone(), None).unwrap();

    let large = Value::raw(vec![1; 1 << 20]);
    let error = file.set(&key("a"), large.clone(), None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert_eq!(file.get(&key("a")).unwrap(), None);
    let error = file.add(&key("c"), large, None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert_eq!(file.get(&key("c")).unwrap(), None);

    assert_eq!(file.get(&key("b")).unwrap(), Some(small.clone()));
    file.set(&key("a"), small.clone(), None).unwrap();
    assert_eq!(file.get(&key("a")).unwrap(), Some(small));
}

/// Inserts where no file may be longer than some kilobytes, until the queue would be.
pub(crate) fn full_queue(location: &Path) {
    let file = open(location, 1000, 3);
    let key = |number: u32| Key::new(&format!("key:{number}"));
    let insert = |number| file.set(&key(number), Value::Int(1), None);
    let full = (0..1000).find(|number| insert(*number).is_err()).unwrap();
    assert_eq!(insert(full).unwrap_err().kind(), ErrorKind::Io);
    assert_eq!(file.get(&key(full)).unwrap(), None);
    for number in 0..full {
        assert_eq!(file.incr(&key(number), 1).unwrap(), Some(2));
    }
    assert!(file.delete(&key(0)).unwrap());
    println!("{full}");
}

pub(crate) fn say_done() {
    let mut out = stdout().lock();
    out.write_all(b".").and_then(|()| out.flush()).unwrap();
}

/// One verb on one of so many keys; whatever is read must be whole.
fn step(file: &File, random: &mut Random, keys: u64) {
    let name = format!("key:{}", random.below(keys));
    let key = Key::new(&name);
    let value = content(&name, random.below(1000));
    let ttl = [None, Some(Duration::from_millis(random.below(50)))][random.below(2) as usize];
    match random.below(10) {
        0..3 => file.set(&key, value, ttl).unwrap(),
        3 => drop(file.add(&key, value, ttl).unwrap()),
        4 => drop(file.touch(&key, ttl).unwrap()),
        5 => drop(file.delete(&key).unwrap()),
        _ => {
            if let Some(value) = file.get(&key).unwrap() {
                check(&name, &value);
            }
        }
    }
}
