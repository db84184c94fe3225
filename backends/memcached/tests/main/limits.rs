use std::{sync::Arc, time::Duration};

use cachemere_base::{Backend, ErrorKind, Key, KeyCheck, KeyProblem, Remaining, Store, Value};
use cachemere_servers::Memcached as Server;
use tokio::runtime::Runtime;

use crate::place::{connect, value_of};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn large() -> Value {
    Value::raw(vec![b'x'; 2_000_000])
}

#[test]
fn a_value_over_the_limit_is_an_error_and_the_old_one_is_gone() {
    let server = Server::start();
    for options in ["", "binary = true"] {
        let store = connect(&server.address(), options);
        let key = Key::new("key");
        store.set(&key, Value::Int(1), None).unwrap();
        let error = store.set(&key, large(), None).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        assert!(error.message().contains("`key`"), "{error}");
        assert_eq!(store.get(&key).unwrap(), None);
        assert_eq!(
            store.add(&key, large(), None).unwrap_err().kind(),
            ErrorKind::TooLarge
        );
        store
            .set(&key, Value::raw(vec![b'x'; 900_000]), None)
            .unwrap();
        assert_eq!(store.get(&key).unwrap().unwrap().size(), 900_000);
    }
}

#[test]
fn among_many_the_positions_of_values_over_the_limit_are_returned() {
    let server = Server::start();
    let store = connect(&server.address(), "");
    let keys: Vec<_> = (0..5).map(|n| Key::new(&format!("key{n}"))).collect();
    for key in &keys {
        store.set(key, Value::Int(0), None).unwrap();
    }
    let entries = || {
        let value = |n: usize| {
            if n % 2 == 1 {
                large()
            } else {
                Value::Int(n as i64)
            }
        };
        keys.iter()
            .cloned()
            .enumerate()
            .map(|(n, key)| (key, value(n)))
            .collect::<Vec<_>>()
    };
    let expected = [
        Some(Value::Int(0)),
        None,
        Some(Value::Int(2)),
        None,
        Some(Value::Int(4)),
    ];
    assert_eq!(store.set_many(entries(), None).unwrap(), [1, 3]);
    assert_eq!(store.get_many(&keys).unwrap(), expected);

    let store = Store::new(Arc::new(store));
    let set = store.aset_many(entries(), None);
    assert_eq!(Runtime::new().unwrap().block_on(set).unwrap(), [1, 3]);
}

#[test]
fn a_hundred_thousand_keys_are_stored_read_and_deleted() {
    let server = Server::with(&["-m", "256"]);
    let store = Store::new(Arc::new(connect(&server.address(), "")));
    let keys: Vec<_> = (0..100_000)
        .map(|n| Key::new(&format!("key-{n}")))
        .collect();
    let entries = || {
        keys.iter()
            .map(|key| (key.clone(), value_of(key)))
            .collect::<Vec<_>>()
    };
    let expected: Vec<_> = keys.iter().map(|key| Some(value_of(key))).collect();

    assert_eq!(store.set_many(entries(), None).unwrap(), []);
    assert_eq!(store.get_many(&keys).unwrap(), expected);
    store.delete_many(&keys).unwrap();
    assert_eq!(store.get_many(&keys).unwrap(), vec![None; keys.len()]);

    let runtime = Runtime::new().unwrap();
    assert_eq!(
        runtime.block_on(store.aset_many(entries(), None)).unwrap(),
        []
    );
    assert_eq!(
        runtime.block_on(store.aget_many(keys.clone())).unwrap(),
        expected
    );
    runtime.block_on(store.adelete_many(keys.clone())).unwrap();
    assert_eq!(server.stat("curr_items"), 0);
}

#[test]
fn many_large_values_are_stored_and_read() {
    let server = Server::with(&["-m", "256"]);
    let store = Store::new(Arc::new(connect(&server.address(), "")));
    let large = |n: u8| Value::raw(vec![n; 500_000]);
    let keys: Vec<_> = (0..100).map(|n| Key::new(&format!("key{n}"))).collect();
    let entries = keys.iter().cloned().zip((0..).map(large)).collect();
    assert_eq!(store.set_many(entries, None).unwrap(), []);
    let expected: Vec<_> = (0..100).map(|n| Some(large(n))).collect();
    assert_eq!(store.get_many(&keys).unwrap(), expected);
    let runtime = Runtime::new().unwrap();
    assert_eq!(runtime.block_on(store.aget_many(keys)).unwrap(), expected);
}

#[test]
fn keys_that_the_server_would_refuse_are_refused_and_say_why() {
    let store = connect("127.0.0.1:1", "");
    let refused = |key: &str| match store.check_key(&Key::new(key)) {
        KeyCheck::Refuse(problems) => problems
            .iter()
            .map(KeyProblem::to_string)
            .collect::<Vec<_>>()
            .join("; "),
        check => format!("{check:?}"),
    };
    assert_eq!(refused(&"k".repeat(250)), "Good");
    assert_eq!(
        refused(&"k".repeat(251)),
        "has 251 bytes, memcached allows 250"
    );
    assert_eq!(refused(&"清".repeat(83)), "Good");
    assert_eq!(
        refused(&"清".repeat(84)),
        "has 252 bytes, memcached allows 250"
    );
    assert_eq!(refused("a b"), "has a blank, which memcached refuses");
    assert_eq!(
        refused("a\r\nb"),
        "has the control character U+000D, which memcached refuses"
    );
    assert_eq!(refused(""), "is empty, which memcached refuses");
    assert_eq!(refused("clé"), "Good");

    for key in ["a b", "x\r\nset injected 0 0 1\r\n1", "", &"k".repeat(251)] {
        let error = store.get(&Key::new(key)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidKey);
    }
    let ascii = connect("127.0.0.1:1", "allow_unicode_keys = false");
    assert!(matches!(
        ascii.check_key(&Key::new("clé")),
        KeyCheck::Refuse(_)
    ));
}

#[test]
fn long_lifetimes_are_as_long_as_they_are() {
    let server = Server::start();
    let store = connect(&server.address(), "");
    let key = Key::new("key");
    let year = DAY * 365;
    for lifetime in [
        DAY * 30 - Duration::from_secs(1),
        DAY * 30,
        DAY * 30 + Duration::from_secs(1),
        year * 5,
    ] {
        let told = |what: &str| match store.get_with_ttl(&key).unwrap().unwrap().1 {
            Remaining::For(left) => {
                let (least, most) = (
                    lifetime - Duration::from_secs(5),
                    lifetime + Duration::from_secs(5),
                );
                assert!(
                    left > least && left < most,
                    "{what}: {left:?} of {lifetime:?}"
                );
            }
            other => panic!("{what}: {other:?} of {lifetime:?}"),
        };
        store.set(&key, Value::Int(1), Some(lifetime)).unwrap();
        told("set");
        store.incr(&key, 1).unwrap();
        told("incr");
        store.incr(&key, i64::MAX - 10).unwrap();
        told("incr far");
        store.set(&key, Value::Int(1), None).unwrap();
        assert!(store.touch(&key, Some(lifetime)).unwrap());
        told("touch");
    }
    for lifetime in [year * 20, year * 100, Duration::MAX] {
        store.set(&key, Value::Int(1), Some(lifetime)).unwrap();
        let (_, remaining) = store.get_with_ttl(&key).unwrap().unwrap();
        assert_eq!(remaining, Remaining::Never);
    }
}
