//! locmem beside caches that live in a process.

mod engines;

use std::{hint::black_box, sync::Arc};

use bytes::Bytes;
use cachemere::{Caches, DEFAULT_TIMEOUT, Encode, Raw};
use cachemere_benches::{
    bench::Bench,
    contender::Contender,
    contest::Contest,
    result::{Aim, Row},
    workload::{BYTES, KEYS, User, Uses, decode, encode, final_key},
};

use super::{Section, allocations};

use self::engines::{Counting, Engine, Moka, Plain, QuickCache, Sharded};

const NOTE: &str = "\
10⁴ keys, all of them in the cache, used by Zipf's law; of two threads each has a core of its own. Everyone builds the key `prefix:version:key` at each call, and \
what is *typed*, a struct of 100 bytes, is stored as MessagePack by everyone. `Arc<T>` is as the authors of these engines \
advise where values need not leave the process: nothing is encoded. moka and `cached` expire entries, quick_cache cannot. \
moka has its `sync` cache, `cached` its sharded store and its plain one behind a mutex.";

const FILE: &str = r#"
[CACHES.default]
BACKEND = "locmem"
KEY_PREFIX = "site"
OPTIONS = { MAX_ENTRIES = 20_000 }
"#;

pub(super) const SECTION: Section = Section {
    name: "locmem",
    title: "locmem",
    note: NOTE,
    rows,
};

fn rows(bench: &Bench) -> Vec<Row> {
    let workload = Workload::new();
    let size = encode(&workload.users[KEYS / 2]).len();
    assert!(
        (95..=105).contains(&size),
        "the note is wrong: {size} bytes"
    );
    let on_both = |row: fn(&Workload, &Bench, u64) -> Row| {
        [1, 2].map(|threads| row(&workload, bench, threads))
    };
    let mut rows: Vec<_> = [
        Workload::get_raw,
        Workload::set_raw,
        Workload::get_typed,
        Workload::set_typed,
        Workload::incr,
    ]
    .into_iter()
    .flat_map(on_both)
    .collect();
    rows.extend(workload.scaling(bench));
    let beyond = allocations::count("locmem get, typed") - allocations::count("decode");
    rows.push(allocations::row(
        "get, typed, allocations beyond those of the value",
        beyond,
        1.0,
    ));
    rows
}

/// What is stored, and in which order it is used.
struct Workload {
    uses: Uses,
    raw: Vec<Raw>,
    users: Vec<User>,
}

impl Workload {
    fn new() -> Self {
        Self {
            uses: Uses::zipf(KEYS),
            raw: (0..KEYS)
                .map(|_| Raw(Bytes::copy_from_slice(&BYTES)))
                .collect(),
            users: (0..KEYS).map(User::new).collect(),
        }
    }

    fn get_raw(&self, bench: &Bench, threads: u64) -> Row {
        let caches = self.caches(&self.raw);
        let peers = Peers::new(&self.uses, |number| self.raw[number].0.clone());
        let ours = ours(threads, |call| {
            let found: Option<Raw> = caches["default"]
                .get(self.uses.key(call))
                .expect("it works");
            black_box(found.expect("it is there"));
        });
        let contest = Contest::new(work("get, raw bytes", threads), ours);
        bench.run(peers.join(contest, 2.0, threads, |engine, call| {
            black_box(
                engine
                    .get(&final_key(self.uses.key(call)))
                    .expect("it is there"),
            );
        }))
    }

    fn set_raw(&self, bench: &Bench, threads: u64) -> Row {
        let caches = self.caches(&self.raw);
        let peers = Peers::new(&self.uses, |number| self.raw[number].0.clone());
        let ours = ours(threads, |call| {
            let value = &self.raw[self.uses.number(call)];
            let set = caches["default"].set(self.uses.key(call), value, DEFAULT_TIMEOUT);
            set.expect("it works");
        });
        let contest = Contest::new(work("set, raw bytes", threads), ours);
        bench.run(peers.join(contest, 2.0, threads, |engine, call| {
            let value = self.raw[self.uses.number(call)].0.clone();
            engine.set(final_key(self.uses.key(call)), value);
        }))
    }

    fn get_typed(&self, bench: &Bench, threads: u64) -> Row {
        let caches = self.caches(&self.users);
        let peers = Peers::new(&self.uses, |number| {
            Bytes::from(encode(&self.users[number]))
        });
        let shared = Peers::new(&self.uses, |number| Arc::new(self.users[number].clone()));
        let ours = ours(threads, |call| {
            let found: Option<User> = caches["default"]
                .get(self.uses.key(call))
                .expect("it works");
            black_box(found.expect("it is there"));
        });
        let contest = Contest::new(work("get, typed", threads), ours);
        let contest = peers.join(contest, 1.2, threads, |engine, call| {
            let found = engine.get(&final_key(self.uses.key(call)));
            black_box(decode(&found.expect("it is there")));
        });
        bench.run(shared.all().into_iter().fold(contest, |contest, engine| {
            let name = format!("{}, `Arc<T>`", engine.name());
            contest.beside(Contender::threads(name, threads, |call| {
                black_box(
                    engine
                        .get(&final_key(self.uses.key(call)))
                        .expect("it is there"),
                );
            }))
        }))
    }

    fn set_typed(&self, bench: &Bench, threads: u64) -> Row {
        let caches = self.caches(&self.users);
        let peers = Peers::new(&self.uses, |number| {
            Bytes::from(encode(&self.users[number]))
        });
        let ours = ours(threads, |call| {
            let value = &self.users[self.uses.number(call)];
            let set = caches["default"].set(self.uses.key(call), value, DEFAULT_TIMEOUT);
            set.expect("it works");
        });
        let contest = Contest::new(work("set, typed", threads), ours);
        bench.run(peers.join(contest, 1.2, threads, |engine, call| {
            let value = encode(&self.users[self.uses.number(call)]);
            engine.set(final_key(self.uses.key(call)), value.into());
        }))
    }

    fn incr(&self, bench: &Bench, threads: u64) -> Row {
        let caches = self.caches(&vec![0; KEYS]);
        let peers = Peers::new(&self.uses, |_| 0);
        fn peer<'a>(engine: &'a impl Counting, uses: &'a Uses, threads: u64) -> Contender<'a> {
            Contender::threads(engine.name(), threads, |call| {
                black_box(engine.incr(final_key(uses.key(call))));
            })
        }
        let ours = ours(threads, |call| {
            black_box(
                caches["default"]
                    .incr(self.uses.key(call), 1)
                    .expect("it works"),
            );
        });
        let contest = Contest::new(work("incr", threads), ours)
            .against(peer(&peers.moka, &self.uses, threads), Aim::AtLeast(2.0))
            .against(peer(&peers.quick, &self.uses, threads), Aim::AtLeast(1.0))
            .beside(peer(&peers.plain, &self.uses, threads));
        bench.run(contest)
    }

    /// Two threads beside one.
    fn scaling(&self, bench: &Bench) -> Vec<Row> {
        let (raw, typed) = (self.caches(&self.raw), self.caches(&self.users));
        let counters = self.caches(&vec![0; KEYS]);
        let get_raw = |call| {
            black_box(
                raw["default"]
                    .get::<Raw>(self.uses.key(call))
                    .expect("it works"),
            );
        };
        let set_raw = |call| {
            let value = &self.raw[self.uses.number(call)];
            raw["default"]
                .set(self.uses.key(call), value, DEFAULT_TIMEOUT)
                .expect("it works");
        };
        let get_typed = |call| {
            black_box(
                typed["default"]
                    .get::<User>(self.uses.key(call))
                    .expect("it works"),
            );
        };
        let set_typed = |call| {
            let value = &self.users[self.uses.number(call)];
            typed["default"]
                .set(self.uses.key(call), value, DEFAULT_TIMEOUT)
                .expect("it works");
        };
        let incr = |call| {
            black_box(
                counters["default"]
                    .incr(self.uses.key(call), 1)
                    .expect("it works"),
            );
        };
        let operations: [(&str, &(dyn Fn(u64) + Sync)); 5] = [
            ("get, raw bytes", &get_raw),
            ("set, raw bytes", &set_raw),
            ("get, typed", &get_typed),
            ("set, typed", &set_typed),
            ("incr", &incr),
        ];
        let rows = operations.into_iter().map(|(name, operation)| {
            let one = Contender::threads("itself on one thread", 1, operation);
            let contest = Contest::new(work(name, 2), ours(2, operation));
            bench.run(contest.against(one, Aim::AtLeast(1.0)))
        });
        rows.collect()
    }

    /// The caches, all keys filled.
    fn caches<T: Encode>(&self, values: &[T]) -> Caches {
        let caches = Caches::from_toml(FILE).expect("the file is right");
        for (key, value) in self.uses.keys().zip(values) {
            caches["default"]
                .set(key, value, DEFAULT_TIMEOUT)
                .expect("it works");
        }
        caches
    }
}

fn ours<'a>(threads: u64, operation: impl Fn(u64) + Sync + 'a) -> Contender<'a> {
    Contender::threads("locmem", threads, operation)
}

fn work(name: &str, threads: u64) -> String {
    let threads = if threads == 1 {
        "1 thread"
    } else {
        "2 threads"
    };
    format!("{name}, {threads}")
}

/// The engines, all keys filled.
struct Peers<V> {
    moka: Moka<V>,
    quick: QuickCache<V>,
    sharded: Sharded<V>,
    plain: Plain<V>,
}

impl<V: Clone + Send + Sync + 'static> Peers<V> {
    fn new(uses: &Uses, value: impl Fn(usize) -> V) -> Self {
        let peers = Self {
            moka: Moka::default(),
            quick: QuickCache::default(),
            sharded: Sharded::default(),
            plain: Plain::default(),
        };
        for engine in peers.all() {
            for (number, key) in uses.keys().enumerate() {
                engine.set(final_key(key), value(number));
            }
        }
        peers.moka.settle();
        peers
    }

    fn all(&self) -> [&dyn Engine<V>; 4] {
        [&self.moka, &self.quick, &self.sharded, &self.plain]
    }

    /// Ours against moka by so much, against quick_cache, and beside the others.
    fn join<'a>(
        &'a self,
        contest: Contest<'a>,
        moka: f64,
        threads: u64,
        operation: impl Fn(&dyn Engine<V>, u64) + Copy + Sync + 'a,
    ) -> Contest<'a> {
        let peer = |engine: &'a dyn Engine<V>| {
            Contender::threads(engine.name(), threads, move |call| operation(engine, call))
        };
        contest
            .with(peer(&self.moka), Some(Aim::AtLeast(moka)), threads == 1)
            .against(peer(&self.quick), Aim::AtLeast(1.0))
            .beside(peer(&self.sharded))
            .beside(peer(&self.plain))
    }
}
