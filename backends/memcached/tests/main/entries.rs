use std::sync::Arc;

use cachemere_base::{Backend, Context, ErrorKind, Key, Open, Settings, Value};
use cachemere_memcached::{Memcached, Options};
use cachemere_servers::Memcached as Server;

use crate::place::connect;

#[test]
fn what_others_wrote_is_none_removed_and_counted() {
    let server = Server::start();
    let settings = Settings::new("default", "memcached").with_location([server.address()]);
    let context = Context::default();
    let store = Memcached::open(&settings, Options::default(), &context).unwrap();
    let reads: [fn(&Memcached, &Key) -> bool; 4] = [
        |store, key| store.get(key).unwrap().is_none(),
        |store, key| !store.has_key(key).unwrap(),
        |store, key| store.get_many(std::slice::from_ref(key)).unwrap() == [None],
        |store, key| store.get_with_ttl(key).unwrap().is_none(),
    ];
    for (n, is_none) in (1..).zip(reads) {
        for flags in ["16", "3402891264"] {
            let _ = server.raw(&format!("set foreign {flags} 0 3\r\nabc"), "STORED");
            if flags == "16" || n != 2 {
                assert!(is_none(&store, &Key::new("foreign")), "read {n} of {flags}");
                assert_eq!(server.stat("curr_items"), 0);
            }
        }
    }
    assert_eq!(context.counters().damaged(), 7);
}

#[test]
fn a_counter_is_decimal_text_that_the_server_counts() {
    let server = Server::start();
    let store = connect(&server.address(), "");
    let key = Key::new("hits");
    store.set(&key, Value::Int(9), None).unwrap();
    assert!(server.raw("incr hits 2", "11").starts_with("11"));
    assert_eq!(store.get(&key).unwrap(), Some(Value::Int(11)));
    assert!(server.raw("decr hits 2", "9").starts_with('9'));
    assert!(server.raw("get hits", "END").contains("\r\n9 \r\n"));
    assert_eq!(store.get(&key).unwrap(), Some(Value::Int(9)));
    assert_eq!(store.incr(&key, -10).unwrap(), Some(-1));
    assert_eq!(store.incr(&key, 1).unwrap(), Some(0));
}

#[test]
fn counting_takes_one_request() {
    let server = Server::start();
    let store = connect(&server.address(), "");
    let key = Key::new("hits");
    store.set(&key, Value::Int(0), None).unwrap();
    for delta in [1, -5, 1000, 0, -(1 << 32)] {
        store.incr(&key, delta).unwrap();
    }
    assert_eq!((server.stat("incr_hits"), server.stat("cmd_get")), (5, 0));
}

#[test]
fn a_counter_that_walks_out_of_what_the_server_may_count_goes_on_and_overflows() {
    let server = Server::start();
    for options in ["", "binary = true"] {
        let store = connect(&server.address(), options);
        let key = Key::new("far");
        for sign in [1, -1] {
            let step = sign * (1_i64 << 32);
            let mut sum = sign * (1_i64 << 62) - 2 * step;
            store.set(&key, Value::Int(sum), None).unwrap();
            for _ in 0..5 {
                sum += step;
                assert_eq!(store.incr(&key, step).unwrap(), Some(sum));
                assert_eq!(store.get(&key).unwrap(), Some(Value::Int(sum)));
            }
            let end = if sign > 0 { i64::MAX } else { i64::MIN };
            assert_eq!(store.incr(&key, end - sum).unwrap(), Some(end));
            assert_eq!(
                store.incr(&key, sign).unwrap_err().kind(),
                ErrorKind::Overflow
            );
            assert_eq!(
                store.incr(&key, -end.saturating_add(1)).unwrap(),
                Some(end - end.saturating_add(1))
            );
        }
    }
}

#[test]
fn no_increment_is_lost_where_the_value_is_read_and_written_back() {
    let server = Server::start();
    let store = Arc::new(connect(&server.address(), ""));
    let key = Key::new("far");
    let start = 1_i64 << 62;
    store.set(&key, Value::Int(start + 1), None).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..25).for_each(|_| assert!(store.incr(&key, 1).unwrap().is_some())));
        }
    });
    assert_eq!(store.get(&key).unwrap(), Some(Value::Int(start + 101)));
}
