//! What a store behind a client is asked to do, by this library and by the bare client.

use std::{
    future::Future,
    hint::black_box,
    pin::Pin,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use cachemere::{Caches, DEFAULT_TIMEOUT, Raw};
use cachemere_benches::{
    bench::Bench,
    contender::Contender,
    contest::Contest,
    result::{Aim, Row},
    workload::{BYTES, KEYS, Uses},
};
use tokio::runtime::{Builder, Runtime};

/// Seconds that entries live: TIMEOUT as it is unless said.
pub(super) const LIFETIME: u64 = 300;

/// Milliseconds since 1970 at which an entry that is stored now ends, for databases.
pub(super) fn expires() -> i64 {
    now() + LIFETIME as i64 * 1_000
}

/// Milliseconds since 1970.
pub(super) fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("it is later than 1970").as_millis() as i64
}

/// The key that is counted on.
const COUNTER: &str = "counter";

/// How many keys there are in a call for many.
const MANY: u64 = 100;

/// How many tasks call at once.
pub(super) const TASKS: u64 = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Get,
    Set,
    GetMany,
    SetMany,
    Incr,
}

impl Verb {
    pub(super) const ALL: [Self; 5] = [
        Self::Get,
        Self::Set,
        Self::GetMany,
        Self::SetMany,
        Self::Incr,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Set => "set",
            Self::GetMany => "get_many(100)",
            Self::SetMany => "set_many(100)",
            Self::Incr => "incr",
        }
    }

    /// The keys of a call.
    fn keys(self, uses: &Uses, call: u64) -> Vec<&str> {
        match self {
            Self::Get | Self::Set => vec![uses.key(call)],
            Self::GetMany | Self::SetMany => (call * MANY..(call + 1) * MANY)
                .map(|number| uses.key(number))
                .collect(),
            Self::Incr => vec![COUNTER],
        }
    }
}

/// A client that waits for answers, on one connection.
pub(super) trait Blocking {
    fn call(&mut self, verb: Verb, keys: &[&str]);
}

/// A client whose answers are awaited.
pub(super) trait Awaited: Clone + Send + Sync + 'static {
    fn start(&self, verb: Verb, keys: &[&str]) -> Answer;
}

pub(super) type Answer = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A bare client, and what its caches should come to beside it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bare {
    pub(super) name: &'static str,
    pub(super) verbs: &'static [Verb],
    pub(super) aim: fn(Verb) -> Option<Aim>,
}

/// The rows of a client that waits. `others` are beside it.
pub(super) fn blocking<'a, B: Blocking + 'a>(
    bench: &Bench,
    caches: &'a Caches,
    bare: Bare,
    client: impl Fn() -> B,
    others: impl Fn(Verb) -> Vec<(Contender<'a>, Option<Aim>)>,
) -> Vec<Row> {
    let uses = Uses::zipf(KEYS);
    fill(caches, &uses);
    let rows = bare.verbs.iter().map(|&verb| {
        let (mut ours, mut theirs) = (Ours(caches.clone()), client());
        let ours = Contender::each("`Cache`", |call| ours.call(verb, &verb.keys(&uses, call)));
        let theirs = Contender::each(bare.name, |call| theirs.call(verb, &verb.keys(&uses, call)));
        let contest = Contest::new(format!("{}, sync", verb.name()), ours);
        let contest = contest.with(theirs, (bare.aim)(verb), verb == Verb::Get);
        let others = others(verb).into_iter();
        bench.run(others.fold(contest, |contest, (other, aim)| {
            contest.with(other, aim, false)
        }))
    });
    rows.collect()
}

/// The rows of a client that is awaited, by many tasks at once.
pub(super) fn awaited<A: Awaited>(
    bench: &Bench,
    caches: &Caches,
    bare: Bare,
    client: impl Future<Output = A> + Send,
) -> Vec<Row> {
    let uses = Arc::new(Uses::zipf(KEYS));
    fill(caches, &uses);
    let runtime = runtime();
    let theirs = runtime.block_on(client);
    let rows = bare.verbs.iter().map(|&verb| {
        let ours = tasks("`Cache`", &runtime, Ours(caches.clone()), verb, &uses);
        let theirs = tasks(bare.name, &runtime, theirs.clone(), verb, &uses);
        let contest = Contest::new(format!("{}, async, {TASKS} tasks", verb.name()), ours);
        bench.run(contest.with(theirs, (bare.aim)(verb), false))
    });
    rows.collect()
}

fn tasks<'a>(
    name: &str,
    runtime: &'a Runtime,
    client: impl Awaited,
    verb: Verb,
    uses: &Arc<Uses>,
) -> Contender<'a> {
    let uses = Arc::clone(uses);
    Contender::tasks(name, runtime, TASKS, move |call| {
        client.start(verb, &verb.keys(&uses, call))
    })
}

pub(super) fn runtime() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts")
}

/// Puts all keys into the cache, and the counter.
pub(super) fn fill(caches: &Caches, uses: &Uses) {
    let mut ours = Ours(caches.clone());
    let keys: Vec<_> = uses.keys().collect();
    for some in keys.chunks(MANY as usize) {
        ours.call(Verb::SetMany, some);
    }
    let cache = &caches["default"];
    cache.set(COUNTER, &0, DEFAULT_TIMEOUT).expect("it works");
}

/// This library.
#[derive(Clone)]
struct Ours(Caches);

const VALUE: Raw = Raw::from_static(&BYTES);

impl Blocking for Ours {
    fn call(&mut self, verb: Verb, keys: &[&str]) {
        let cache = &self.0["default"];
        match verb {
            Verb::Get => {
                let found: Option<Raw> = cache.get(keys[0]).expect("it works");
                black_box(found.expect("it is there"));
            }
            Verb::Set => {
                let set = cache.set(keys[0], &VALUE, DEFAULT_TIMEOUT);
                set.expect("it works");
            }
            Verb::GetMany => {
                let found = cache.get_many::<Raw, _>(keys.iter().copied());
                black_box(found.expect("it works"));
            }
            Verb::SetMany => {
                let entries = keys.iter().map(|key| (*key, VALUE));
                let failed = cache.set_many(entries, DEFAULT_TIMEOUT).expect("it works");
                assert!(failed.is_empty());
            }
            Verb::Incr => {
                black_box(cache.incr(keys[0], 1).expect("it works"));
            }
        }
    }
}

impl Awaited for Ours {
    fn start(&self, verb: Verb, keys: &[&str]) -> Answer {
        let cache = &self.0["default"];
        match verb {
            Verb::Get => {
                let found = cache.aget::<Raw>(keys[0]);
                Box::pin(async {
                    drop(black_box(
                        found.await.expect("it works").expect("it is there"),
                    ))
                })
            }
            Verb::Set => {
                let set = cache.aset(keys[0], &VALUE, DEFAULT_TIMEOUT);
                Box::pin(async { set.await.expect("it works") })
            }
            Verb::GetMany => {
                // the answer has the keys: they must outlive this call
                let keys: Vec<_> = keys.iter().copied().map(str::to_owned).collect();
                let found = cache.aget_many::<Raw, _, _>(keys);
                Box::pin(async { drop(black_box(found.await.expect("it works"))) })
            }
            Verb::SetMany => {
                let entries: Vec<_> = keys.iter().map(|key| ((*key).to_owned(), VALUE)).collect();
                let failed = cache.aset_many(entries, DEFAULT_TIMEOUT);
                Box::pin(async { assert!(failed.await.expect("it works").is_empty()) })
            }
            Verb::Incr => {
                let sum = cache.aincr(keys[0], 1);
                Box::pin(async { _ = black_box(sum.await.expect("it works")) })
            }
        }
    }
}
