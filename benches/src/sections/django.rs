//! Django on the same stores.

use std::hint::black_box;

use cachemere::{Caches, DEFAULT_TIMEOUT};
use cachemere_benches::{
    bench::Bench,
    contender::Contender,
    contest::Contest,
    cores::OneCore,
    python::Python,
    result::{Aim, Row},
    workload::{KEYS, User, Uses},
};
use cachemere_servers::{Memcached, Redis};

use super::Section;

const NOTE: &str = "\
The same calls in Python, in one process and one thread, on a store of the same kind: 10⁴ keys used by Zipf's law, a struct of \
100 bytes here, there a dict of the same fields. redis-py has hiredis, as Django's documentation recommends; memcached is \
`PyMemcacheCache`. All are on one core, so that nobody has to wake up another, which would take longer than the call.";

pub(super) const SECTION: Section = Section {
    name: "django",
    title: "Django",
    note: NOTE,
    rows,
};

fn rows(bench: &Bench) -> Vec<Row> {
    let _one_core = OneCore::new();
    let (redis, memcached) = (Redis::start(), Memcached::start());
    let stores = [
        ("locmem", String::new(), 50.0),
        ("redis", redis.url(), 5.0),
        ("memcached", memcached.address(), 5.0),
    ];
    stores
        .iter()
        .flat_map(|(store, location, least)| on_store(bench, store, location, Aim::AtLeast(*least)))
        .collect()
}

fn on_store(bench: &Bench, store: &str, location: &str, aim: Aim) -> Vec<Row> {
    let python = Python::start(store, location, KEYS).ready();
    let file = format!(
        "[CACHES.default]\nBACKEND = '{store}'\nLOCATION = '{location}'\nKEY_PREFIX = 'rust'\n\
         OPTIONS = {{ MAX_ENTRIES = 40_000 }}\n"
    );
    let caches = Caches::from_toml(&file).expect("the file is right");
    let (uses, users) = (
        Uses::zipf(KEYS),
        (0..KEYS).map(User::new).collect::<Vec<_>>(),
    );
    for (key, user) in uses.keys().zip(&users) {
        caches["default"]
            .set(key, user, DEFAULT_TIMEOUT)
            .expect("it works");
    }
    caches["default"]
        .set("counter", &0, DEFAULT_TIMEOUT)
        .expect("it works");
    let get = |call| {
        let found: Option<User> = caches["default"].get(uses.key(call)).expect("it works");
        black_box(found.expect("it is there"));
    };
    let set = |call| {
        let user = &users[uses.number(call)];
        caches["default"]
            .set(uses.key(call), user, DEFAULT_TIMEOUT)
            .expect("it works");
    };
    let get_many = |call: u64| {
        let keys = (call * 100..(call + 1) * 100).map(|number| uses.key(number));
        black_box(
            caches["default"]
                .get_many::<User, _>(keys)
                .expect("it works"),
        );
    };
    let incr = |_| {
        black_box(caches["default"].incr("counter", 1).expect("it works"));
    };
    let row = |name: &str, operation, ours: Contender<'_>| {
        let theirs = python.contender("Django", operation);
        let contest = Contest::new(format!("{store}, {name}"), ours);
        bench.run(contest.with(theirs, Some(aim), operation == "get"))
    };
    vec![
        row("get", "get", Contender::each("`Cache`", get)),
        row("set", "set", Contender::each("`Cache`", set)),
        row(
            "get_many(100)",
            "get_many",
            Contender::each("`Cache`", get_many),
        ),
        row("incr", "incr", Contender::each("`Cache`", incr)),
    ]
}
