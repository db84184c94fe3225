//! How many connections there are, and where they stay.

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use cachemere_base::{Backend, ErrorKind, Store, Value, Wait};
use cachemere_redis::Redis;
use cachemere_servers::{Redis as Server, belongs, key, until, value};

use crate::place::open;

/// How many connections of the cache the server has.
fn connected(server: &Server) -> usize {
    let list = server.ask(&["CLIENT", "LIST"]);
    list.lines()
        .filter(|line| line.contains(" name=cache "))
        .count()
}

fn named(server: &Server, max: usize, class: Option<&str>) -> Arc<Redis> {
    Arc::new(open(&[server.url()], |options| {
        options.client_name = Some("cache".into());
        options.max_connections = max;
        options.pool_class = class.map(str::to_owned);
        options.socket_timeout = Wait::seconds(10);
        options.socket_connect_timeout = Wait::seconds(10);
        options.timeout = Wait::seconds(10);
    }))
}

/// Whether the one connection of the cache is.
fn is_in_use(cache: &Redis) -> bool {
    format!("{cache:?}").contains("Pool { open: 1, idle: 0")
}

#[test]
fn sixty_four_threads_share_the_connections_there_may_be() {
    let server = Server::start();
    let cache = named(&server, 5, None);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..64)
            .map(|worker| {
                let cache = &cache;
                scope.spawn(move || {
                    for round in 0..50 {
                        let key = key(worker);
                        cache.set(&key, value(&key, round), None).unwrap();
                        assert!(belongs(&key, &cache.get(&key).unwrap().unwrap()));
                    }
                })
            })
            .collect();
        let watcher = scope.spawn(|| {
            let mut most = 0;
            while !is_over.load(SeqCst) {
                most = most.max(connected(&server));
            }
            most
        });
        for worker in workers {
            worker.join().unwrap();
        }
        is_over.store(true, SeqCst);
        let most = watcher.join().unwrap();
        assert!((1..=5).contains(&most), "{most} connections");
    });
    assert!(connected(&server) <= 5);
}

#[test]
fn threads_that_end_leave_nothing_behind() {
    let server = Server::start();
    let cache = named(&server, 50, None);
    for number in 0..30 {
        let cache = Arc::clone(&cache);
        thread::spawn(move || cache.set(&key(number), Value::Int(1), None).unwrap())
            .join()
            .unwrap();
    }
    assert_eq!(connected(&server), 1);
}

#[test]
fn close_and_drop_give_the_connections_back() {
    let server = Server::start();
    let cache = named(&server, 50, None);
    cache.get(&key(1)).unwrap();
    assert_eq!(connected(&server), 1);
    cache.close().unwrap();
    until("it is closed", || connected(&server) == 0);
    cache.get(&key(1)).unwrap();
    assert_eq!(connected(&server), 1);
    drop(cache);
    until("it is closed", || connected(&server) == 0);
}

#[test]
fn a_connection_pool_that_is_exhausted_is_an_error() {
    let server = Server::start();
    let cache = named(&server, 1, Some("redis.ConnectionPool"));
    cache.get(&key(1)).unwrap();
    server.stop();
    thread::scope(|scope| {
        let busy = scope.spawn(|| cache.get(&key(1)));
        until("the connection is in use", || is_in_use(&cache));
        let start = Instant::now();
        let error = cache.get(&key(1)).unwrap_err();
        assert!(start.elapsed() < Duration::from_secs(1));
        server.cont();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        let address = server.address();
        assert_eq!(
            error.message(),
            format!("all 1 connections of `max_connections` are in use ({address})")
        );
        busy.join().unwrap().unwrap();
    });
}

#[test]
fn a_pool_that_is_exhausted_is_waited_for_once_however_many_servers_could_be_read_from() {
    let server = Server::start();
    let cache = open(&vec![server.url(); 5], |options| {
        options.max_connections = 1;
        options.timeout = "300ms".parse().unwrap();
        options.socket_timeout = Wait::seconds(10);
    });
    server.stop();
    thread::scope(|scope| {
        let busy = scope.spawn(|| cache.set(&key(1), Value::Int(1), None));
        until("the connection is in use", || is_in_use(&cache));
        let start = Instant::now();
        let error = cache.get(&key(1)).unwrap_err();
        let took = start.elapsed();
        server.cont();
        assert!(error.message().contains("`max_connections`"), "{error}");
        assert!(took < Duration::from_secs(1), "{took:?}");
        busy.join().unwrap().unwrap();
    });
}

#[test]
fn a_blocking_connection_pool_waits() {
    let server = Server::start();
    let cache = named(&server, 1, Some("BlockingConnectionPool"));
    cache.get(&key(1)).unwrap();
    server.stop();
    let both = Barrier::new(2);
    thread::scope(|scope| {
        let work = || {
            both.wait();
            cache.get(&key(1))
        };
        let workers = [scope.spawn(work), scope.spawn(work)];
        until("the connection is in use", || is_in_use(&cache));
        server.cont();
        for worker in workers {
            worker.join().unwrap().unwrap();
        }
    });
    assert_eq!(connected(&server), 1);
}

#[test]
fn blocking_and_asynchronous_connections_are_counted_together() {
    let server = Server::start();
    let cache = named(&server, 2, None);
    let store = Store::new(Arc::clone(&cache) as Arc<dyn Backend>);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime
        .block_on(store.aset(key(1), Value::Int(1), None))
        .unwrap();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..50).for_each(|_| assert!(cache.has_key(&key(1)).unwrap())));
        }
    });
    assert_eq!(connected(&server), 2);
}
