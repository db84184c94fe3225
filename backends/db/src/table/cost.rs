//! What an operation costs is the same in a small table and in a large one.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use cachemere_base::{Backend, Context, Key, Open, Settings, Value};

use crate::{Bound, DatabaseOptions, Databases, Db, Options, database::sqlite::steps};

/// A cache of so many entries, which has room for 60 more, and then removes 100.
fn filled(entries: i64) -> Db {
    let context = Context::default();
    let databases = context.shared("", Databases::default);
    let options = DatabaseOptions::default();
    let database = databases.open("default", "sqlite::memory:", &options);
    let settings = Settings::new("default", "db")
        .with_location(["t"])
        .with_max_entries(entries.unsigned_abs() + 60)
        .with_cull_frequency(entries.unsigned_abs() / 100);
    let cache = Db::open(&settings, Options::default(), &context.for_alias()).unwrap();
    assert_eq!(cache.get(&Key::new("creates the table")).unwrap(), None);
    let database = database.unwrap();
    let rows = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?) \
                INSERT INTO t (digest, cache_key, expires, bucket, format, number, size, value) \
                SELECT n, CAST(n AS BLOB), ?, n, 0, 0, 10, x'' FROM numbers";
    let later = Bound::Int(i64::MAX - 1);
    database
        .execute(rows, &[Bound::Int(entries), later])
        .unwrap();
    let sizes = "UPDATE t_size SET entries = ?, bytes = 10 * ?";
    let entries = Bound::Int(entries);
    database.execute(sizes, &[entries, entries]).unwrap();
    cache
}

/// The steps of each of these operations, done a hundred times.
fn cost(cache: &Db) -> Vec<(&'static str, i64)> {
    let ttl = Some(Duration::from_secs(3600));
    let key = |n: usize| Key::new(&format!("key:{n}"));
    let keys: Vec<_> = (0..10).map(key).collect();
    let set = |n| cache.set(&key(n), Value::Int(1), ttl).unwrap();
    let operations: [(&str, &dyn Fn(usize)); 9] = [
        ("set, of which one culls", &set),
        ("set again", &set),
        ("set another size", &|n| {
            cache.set(&key(n), Value::raw("x"), ttl).unwrap();
        }),
        ("get", &|n| drop(cache.get(&key(n)).unwrap().unwrap())),
        ("get_many", &|_| drop(cache.get_many(&keys).unwrap())),
        ("add", &|n| {
            assert!(!cache.add(&key(n), Value::Int(1), ttl).unwrap())
        }),
        ("touch", &|n| assert!(cache.touch(&key(n), ttl).unwrap())),
        ("incr", &|n| {
            assert_eq!(cache.incr(&key(n + 1000), 1).unwrap(), None)
        }),
        ("delete", &|n| assert!(cache.delete(&key(n)).unwrap())),
    ];
    let cost = operations.into_iter().map(|(name, operation)| {
        steps::taken();
        (0..100).for_each(operation);
        (name, steps::taken())
    });
    cost.collect()
}

#[test]
fn an_operation_takes_as_many_steps_in_a_million_entries_as_in_a_thousand() {
    let small = cost(&filled(1000));
    let large = cost(&filled(1_000_000));
    assert!(
        small
            .iter()
            .all(|(_, steps)| (100..100_000).contains(steps)),
        "{small:?}"
    );
    assert_eq!(small, large);
}
