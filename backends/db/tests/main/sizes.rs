//! How large a table is, and how it stays within its limits.

use std::time::Duration;

use cachemere_base::{Backend, ErrorKind, Value};
use cachemere_db::{Bound, Db};
use proptest::{collection::vec, prelude::*, test_runner::TestRunner};

use crate::place::{Place, key, settings};

const LIMITS: fn() -> cachemere_base::Settings = || settings().with_max_entries(30);

#[derive(Clone, Debug)]
enum Step {
    Set(u8, usize, u64),
    SetMany(Vec<(u8, usize)>),
    Add(u8, usize, u64),
    Incr(u8),
    Touch(u8, u64),
    Delete(u8),
    DeleteMany(Vec<u8>),
    Advance(u64),
    Clear,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let key = || 0..40_u8;
    let len = || prop_oneof![Just(usize::MAX), 0..2000_usize];
    let seconds = || 0..20_u64;
    let step = prop_oneof![
        8 => (key(), len(), seconds()).prop_map(|(key, len, ttl)| Step::Set(key, len, ttl)),
        2 => vec((key(), len()), 0..20).prop_map(Step::SetMany),
        4 => (key(), len(), seconds()).prop_map(|(key, len, ttl)| Step::Add(key, len, ttl)),
        2 => key().prop_map(Step::Incr),
        2 => (key(), seconds()).prop_map(|(key, ttl)| Step::Touch(key, ttl)),
        2 => key().prop_map(Step::Delete),
        1 => vec(key(), 0..20).prop_map(Step::DeleteMany),
        1 => seconds().prop_map(Step::Advance),
        1 => Just(Step::Clear),
    ];
    vec(step, 1..60)
}

/// An integer, or so many bytes.
fn value(len: usize) -> Value {
    match len {
        usize::MAX => Value::Int(7),
        len => Value::raw(vec![b'x'; len]),
    }
}

fn run(cache: &Db, place: &Place, step: Step) {
    let ttl = |seconds| Some(Duration::from_secs(seconds));
    let missing = |error: cachemere_base::Error| assert_eq!(error.kind(), ErrorKind::NotAnInteger);
    match step {
        Step::Set(name, len, seconds) => cache.set(&key(name), value(len), ttl(seconds)).unwrap(),
        Step::SetMany(entries) => {
            let entries = entries
                .into_iter()
                .map(|(name, len)| (key(name), value(len)));
            assert!(cache.set_many(entries.collect(), None).unwrap().is_empty());
        }
        Step::Add(name, len, seconds) => {
            let taken = cache.has_key(&key(name)).unwrap();
            let added = cache.add(&key(name), value(len), ttl(seconds)).unwrap();
            assert_eq!(added, !taken);
        }
        Step::Incr(name) => drop(cache.incr(&key(name), 1).map_err(missing)),
        Step::Touch(name, seconds) => drop(cache.touch(&key(name), ttl(seconds)).unwrap()),
        Step::Delete(name) => drop(cache.delete(&key(name)).unwrap()),
        Step::DeleteMany(names) => {
            let keys: Vec<_> = names.into_iter().map(key).collect();
            cache.delete_many(&keys).unwrap();
        }
        Step::Advance(seconds) => place.clock.advance(Duration::from_secs(seconds)),
        Step::Clear => cache.clear().unwrap(),
    }
}

fn is_exact_after_any_steps(open: fn(cachemere_base::Settings) -> Place, cases: u32) {
    let mut runner = TestRunner::new(ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let place = open(LIMITS());
    let cache = place.open();
    // The first write makes the table, and not every step is one.
    cache.set(&key("first"), Value::Int(1), None).unwrap();
    let tested = runner.run(&steps(), |steps| {
        for step in steps {
            run(&cache, &place, step);
            prop_assert!(place.kept()[0] <= 30);
        }
        place.assert_exact();
        Ok(())
    });
    tested.unwrap();
}

#[test]
fn the_size_is_exact_after_any_steps_on_sqlite() {
    is_exact_after_any_steps(Place::memory, 64);
}

#[test]
fn the_size_is_exact_after_any_steps_on_postgres() {
    is_exact_after_any_steps(Place::postgres, 8);
}

#[test]
fn the_size_is_exact_after_any_steps_on_mariadb() {
    is_exact_after_any_steps(Place::mariadb, 8);
}

#[test]
fn what_expires_first_goes_first() {
    for place in [Place::file, Place::postgres, Place::mariadb].map(|open| open(LIMITS())) {
        let cache = place.open();
        for n in 1..=30 {
            // 30 lives longest, 1 is expired when the cull comes
            cache
                .set(&key(n), Value::Int(1), Some(Duration::from_secs(10 * n)))
                .unwrap();
        }
        place.clock.advance(Duration::from_secs(10));
        cache
            .set(&key("new"), Value::Int(1), Some(Duration::from_millis(1)))
            .unwrap();
        let gone: Vec<_> = (1..=30)
            .filter(|n| !cache.has_key(&key(n)).unwrap())
            .collect();
        assert_eq!(gone, (1..=10).collect::<Vec<_>>());
        assert!(cache.has_key(&key("new")).unwrap());
    }
}

#[test]
fn a_cull_of_thousands_goes_on_at_the_next_writes_until_it_is_done() {
    for open in [Place::memory, Place::postgres, Place::mariadb] {
        let place = open(settings().with_max_entries(3000).with_cull_frequency(1));
        let cache = place.open();
        let entries = |from: i64, to: i64| (from..to).map(|n| (key(n), Value::Int(n))).collect();
        cache.set_many(entries(0, 3000), None).unwrap();
        assert_eq!(place.kept()[0], 3000);
        for (n, left) in [(3000, 2001), (3001, 1002), (3002, 3), (3003, 4)] {
            cache
                .set(&key(n), Value::Int(n), Some(Duration::from_secs(9000)))
                .unwrap();
            assert_eq!(place.kept()[0], left, "after {n}");
            assert!(cache.has_key(&key(n)).unwrap());
        }
        place.assert_exact();
    }
}

#[test]
fn expired_entries_leave_a_table_that_has_room() {
    for place in Place::each() {
        let cache = place.open();
        let entries = (0..2000).map(|n| (key(n), Value::Int(n))).collect();
        cache
            .set_many(entries, Some(Duration::from_secs(1)))
            .unwrap();
        place.clock.advance(Duration::from_secs(10));
        for n in 2000..2600 {
            cache.set(&key(n), Value::Int(n), None).unwrap();
        }
        assert_eq!(place.counted()[0], 600);
        place.assert_exact();
    }
}

#[test]
fn bytes_stay_within_their_limit() {
    for place in Place::each() {
        let cache = place.open_with(|options| options.max_bytes = 10_000.try_into().ok());
        for n in 0..40 {
            cache
                .set(
                    &key(n),
                    Value::raw(vec![1; 900]),
                    Some(Duration::from_secs(n + 1)),
                )
                .unwrap();
            assert!(place.kept()[1] <= 10_000);
            assert!(cache.has_key(&key(n)).unwrap());
        }
        place.assert_exact();
        assert!(place.kept()[0] >= 10);
    }
}

#[test]
fn a_value_over_the_limit_is_refused_and_the_old_one_is_gone() {
    for place in Place::each() {
        let cache = place.open_with(|options| options.max_bytes = 1000.try_into().ok());
        let large = Value::raw(vec![1; 1001]);
        cache.set(&key("a"), Value::Int(1), None).unwrap();
        let error = cache.set(&key("a"), large.clone(), None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        assert_eq!(error.message(), "`a` takes 1002 bytes, MAX_BYTES is 1000");
        assert_eq!(cache.get(&key("a")).unwrap(), None);
        let entries = vec![
            (key("a"), Value::Int(1)),
            (key("b"), large.clone()),
            (key("c"), Value::Int(1)),
            (key("d"), large),
        ];
        assert_eq!(cache.set_many(entries, None).unwrap(), [1, 3]);
        assert_eq!(place.kept()[0], 2);
    }
}

#[test]
fn a_size_that_is_too_large_is_found_out_and_counted_again() {
    for open in [Place::file, Place::postgres, Place::mariadb] {
        let place = open(LIMITS());
        let cache = place.open();
        for n in 0..30 {
            cache.set(&key(n), Value::Int(1), None).unwrap();
        }
        place
            .database()
            .execute(&format!("DELETE FROM {}", place.quoted()), &[])
            .unwrap();
        assert_eq!(place.kept()[0], 30);
        for n in 30..45 {
            cache.set(&key(n), Value::Int(1), None).unwrap();
        }
        place.assert_exact();
        assert_eq!(place.kept()[0], 15);
    }
}

#[test]
fn what_is_undone_is_not_counted() {
    for place in Place::each() {
        let cache = place.open();
        cache.set(&key("a"), Value::Int(1), None).unwrap();
        let sql = format!("DELETE FROM {}", place.quoted());
        let count = format!("UPDATE {} SET entries = 0", place.sizes());
        let undone = place.database().transaction(|statements| {
            statements.execute(&sql, &[])?;
            statements.execute(&count, &[])?;
            Err::<(), _>(cachemere_base::Error::new(ErrorKind::Unsupported, "undone"))
        });
        assert_eq!(undone.unwrap_err().message(), "undone");
        assert_eq!(cache.get(&key("a")).unwrap(), Some(Value::Int(1)));
        place.assert_exact();
    }
}

#[test]
fn a_row_with_the_digest_of_another_key_is_none_of_it() {
    for place in Place::each() {
        let cache = place.open();
        let forge = format!("UPDATE {} SET cache_key = ?", place.quoted());
        for n in 0..2 {
            cache.clear().unwrap();
            cache.set(&key("a"), Value::Int(1), None).unwrap();
            place
                .database()
                .execute(&forge, &[Bound::Bytes(b"another")])
                .unwrap();
            assert_eq!(cache.get(&key("a")).unwrap(), None);
            assert_eq!(cache.get_many(&[key("a")]).unwrap(), [None]);
            assert!(!cache.has_key(&key("a")).unwrap());
            assert!(!cache.touch(&key("a"), None).unwrap());
            assert!(!cache.delete(&key("a")).unwrap());
            assert_eq!(cache.incr(&key("a"), 1).unwrap(), None);
            if n == 0 {
                assert!(cache.add(&key("a"), Value::Int(2), None).unwrap());
            } else {
                cache.set(&key("a"), Value::Int(2), None).unwrap();
            }
            assert_eq!(cache.get(&key("a")).unwrap(), Some(Value::Int(2)));
            place.assert_exact();
        }
    }
}

#[test]
fn what_this_version_cannot_read_is_a_miss_and_removed() {
    for place in Place::each() {
        let cache = place.open();
        cache.set(&key("a"), Value::raw("x"), None).unwrap();
        let sql = format!("UPDATE {} SET format = 255", place.quoted());
        place.database().execute(&sql, &[]).unwrap();
        assert_eq!(cache.get(&key("a")).unwrap(), None);
        assert_eq!(place.counted(), [0, 0]);
        assert_eq!(place.kept(), [0, 0]);
    }
}

#[test]
fn a_batch_of_many_megabytes_is_stored_whole() {
    for place in Place::each() {
        let cache = place.open();
        let large = |n: u8| Value::raw(vec![n; 1 << 20]);
        let entries = (0..20).map(|n| (key(n), large(n))).collect();
        assert!(cache.set_many(entries, None).unwrap().is_empty());
        let keys: Vec<_> = (0..20_u8).map(key).collect();
        let found = cache.get_many(&keys).unwrap();
        assert!((0..20).all(|n| found[usize::from(n)] == Some(large(n))));
    }
}

#[test]
fn a_value_that_the_server_does_not_take_is_refused_and_the_old_one_is_gone() {
    let place = Place::mariadb(settings());
    let cache = place.open();
    cache.set(&key("a"), Value::Int(1), None).unwrap();
    let large = Value::raw(vec![1; 17 << 20]);
    let error = cache.set(&key("a"), large.clone(), None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
    assert_eq!(cache.get(&key("a")).unwrap(), None);
    let entries = vec![(key("b"), Value::Int(1)), (key("a"), large)];
    assert_eq!(cache.set_many(entries, None).unwrap(), [1]);
    assert_eq!(cache.get(&key("b")).unwrap(), Some(Value::Int(1)));
}
