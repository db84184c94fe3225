//! What is on the server.

use std::time::Duration;

use cachemere_base::{Backend, Context, ErrorKind, Key, Open, Value};
use cachemere_redis::{Options, Redis};
use cachemere_servers::Redis as Server;

use crate::place::{open, settings};

fn key() -> Key {
    Key::new("user:1")
}

#[test]
fn integers_are_what_the_server_counts() {
    let server = Server::start();
    let cache = open(&[server.url()], |_| ());
    cache.set(&key(), Value::Int(41), None).unwrap();
    assert_eq!(server.ask(&["INCR", "user:1"]), "42");
    assert_eq!(cache.get(&key()).unwrap(), Some(Value::Int(42)));
}

#[test]
fn lifetimes_are_in_milliseconds() {
    let server = Server::start();
    let cache = open(&[server.url()], |_| ());
    cache
        .set(
            &key(),
            Value::Int(1),
            Some(Duration::from_millis(1_000_500)),
        )
        .unwrap();
    let left: u64 = server.ask(&["PTTL", "user:1"]).parse().unwrap();
    assert!((900_000..=1_000_500).contains(&left), "{left}");
}

#[test]
fn what_cannot_be_read_is_a_miss_and_is_removed_and_counted() {
    let server = Server::start();
    let context = Context::default();
    let cache = Redis::open(&settings(&[server.url()]), Options::default(), &context).unwrap();
    for foreign in ["", "hello", "1.5", "007", " 1", "99999999999999999999"] {
        assert_eq!(server.ask(&["SET", "user:1", foreign]), "OK");
        assert_eq!(cache.get(&key()).unwrap(), None, "{foreign:?}");
        assert_eq!(server.ask(&["EXISTS", "user:1"]), "0", "{foreign:?}");
    }
    assert_eq!(context.counters().damaged(), 6);
    assert_eq!(server.ask(&["SET", "user:1", "hello"]), "OK");
    assert_eq!(cache.get_many(&[key(), key()]).unwrap(), [None, None]);
    assert_eq!(server.ask(&["EXISTS", "user:1"]), "0");
    assert_eq!(cache.get_with_ttl(&key()).unwrap(), None);
}

#[test]
fn what_cannot_be_read_is_no_integer() {
    let server = Server::start();
    let cache = open(&[server.url()], |_| ());
    assert_eq!(server.ask(&["SET", "user:1", "hello"]), "OK");
    assert_eq!(
        cache.incr(&key(), 1).unwrap_err().kind(),
        ErrorKind::NotAnInteger
    );
}

#[test]
fn an_operation_is_one_command_or_one_pipeline() {
    let server = Server::start();
    let cache = open(&[server.url()], |_| ());
    let keys: Vec<_> = (0..50).map(|n| Key::new(&format!("user:{n}"))).collect();
    let entries = || {
        keys.iter()
            .map(|key| (key.clone(), Value::Int(1)))
            .collect()
    };
    cache.set(&key(), Value::Int(1), None).unwrap();
    let reads = || server.info("total_reads_processed").parse::<i64>().unwrap();
    let operations: [&dyn Fn(); 9] = [
        &|| drop(cache.get(&key()).unwrap()),
        &|| {
            cache
                .set(&key(), Value::Int(1), Some(Duration::from_secs(5)))
                .unwrap()
        },
        &|| {
            assert!(
                !cache
                    .add(&key(), Value::Int(1), Some(Duration::from_secs(5)))
                    .unwrap()
            )
        },
        &|| assert_eq!(cache.incr(&key(), 1).unwrap(), Some(2)),
        &|| assert!(cache.touch(&key(), None).unwrap()),
        &|| drop(cache.get_with_ttl(&key()).unwrap()),
        &|| drop(cache.get_many(&keys).unwrap()),
        &|| drop(cache.set_many(entries(), None).unwrap()),
        &|| cache.delete_many(&keys).unwrap(),
    ];
    for (number, operation) in operations.into_iter().enumerate() {
        let before = reads();
        operation();
        // the second question is a read, too
        assert_eq!(reads() - before, 2, "operation {number}");
    }
}
