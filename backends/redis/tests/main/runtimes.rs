//! Asynchronous connections and the runtimes they belong to.

use std::{sync::Arc, time::Duration};

use cachemere_base::{Backend, ErrorKind, Store, Value};
use cachemere_servers::{Redis as Server, belongs, key, until, value};
use tokio::runtime::{Builder, Runtime};

use crate::place::open;

fn cache(server: &Server) -> Store {
    let cache = open(&[server.url()], |options| {
        options.client_name = Some("cache".into())
    });
    Store::new(Arc::new(cache) as Arc<dyn Backend>)
}

fn connected(server: &Server) -> usize {
    let list = server.ask(&["CLIENT", "LIST"]);
    list.lines()
        .filter(|line| line.contains(" name=cache "))
        .count()
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn outside_of_a_runtime_it_is_an_error() {
    let server = Server::start();
    let mut future = Box::pin(async { cache(&server).aget(key(1)).await });
    let waker = std::task::Waker::noop();
    let mut context = std::task::Context::from_waker(waker);
    let std::task::Poll::Ready(Err(error)) = future.as_mut().poll(&mut context) else {
        panic!("an error was expected");
    };
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

#[test]
fn in_a_runtime_without_timers_or_sockets_it_is_an_error() {
    let server = Server::start();
    let bare = [
        Builder::new_current_thread().build().unwrap(),
        Builder::new_current_thread().enable_time().build().unwrap(),
        Builder::new_current_thread().enable_io().build().unwrap(),
    ];
    for runtime in bare {
        let error = runtime.block_on(cache(&server).aget(key(1))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }
}

#[test]
fn one_runtime_after_the_other() {
    let server = Server::start();
    let cache = cache(&server);
    for round in 0..5 {
        let runtime = runtime();
        runtime
            .block_on(cache.aset(key(1), Value::Int(round), None))
            .unwrap();
        assert_eq!(
            runtime.block_on(cache.aget(key(1))).unwrap(),
            Some(Value::Int(round))
        );
        assert_eq!(connected(&server), 1);
        drop(runtime);
        until("its connection is closed", || connected(&server) == 0);
    }
}

#[test]
fn two_runtimes_take_turns() {
    let server = Server::start();
    let cache = cache(&server);
    let runtimes = [
        runtime(),
        Builder::new_multi_thread().enable_all().build().unwrap(),
    ];
    for round in 0..20 {
        let runtime = &runtimes[round % 2];
        let key = key(round);
        runtime
            .block_on(cache.aset(key.clone(), value(&key, round), None))
            .unwrap();
        let found = runtime.block_on(cache.aget(key.clone())).unwrap().unwrap();
        assert!(belongs(&key, &found));
    }
    assert_eq!(connected(&server), 2);
}

#[test]
fn a_runtime_that_is_not_polled_holds_nobody_up() {
    let server = Server::start();
    let cache = cache(&server);
    let still = runtime();
    still.block_on(async {
        for number in 0..8 {
            let cache = cache.clone();
            tokio::spawn(async move { cache.aget(key(number)).await });
        }
        tokio::task::yield_now().await;
    });
    let other = runtime();
    for number in 0..8 {
        other
            .block_on(cache.aset(key(number), Value::Int(1), None))
            .unwrap();
    }
    assert_eq!(
        still.block_on(cache.aget(key(1))).unwrap(),
        Some(Value::Int(1))
    );
}

#[test]
fn the_blocking_api_works_within_a_runtime() {
    let server = Server::start();
    let cache = cache(&server);
    runtime().block_on(async {
        cache.set(&key(1), Value::Int(1), None).unwrap();
        assert_eq!(cache.aget(key(1)).await.unwrap(), Some(Value::Int(1)));
    });
}

#[test]
fn a_future_that_is_dropped_in_mid_flight_leaves_the_connection_as_it_is() {
    let server = Server::start();
    let cache = cache(&server);
    let runtime = runtime();
    runtime.block_on(async {
        for number in 0..16 {
            cache
                .aset(key(number), value(&key(number), number), None)
                .await
                .unwrap();
        }
        for round in 0..300 {
            let dropped = cache.aget(key(round % 16));
            let _ = tokio::time::timeout(Duration::from_micros(round as u64), dropped).await;
            let key = key((round + 1) % 16);
            assert!(belongs(
                &key,
                &cache.aget(key.clone()).await.unwrap().unwrap()
            ));
        }
    });
    assert_eq!(connected(&server), 1);
}

#[test]
fn one_connection_is_enough_for_one_runtime_after_the_other_and_after_a_pause() {
    let server = Server::start();
    let cache = open(&[server.url()], |options| {
        options.max_connections = 1;
        options.pool_class = Some("ConnectionPool".into());
        options.socket_timeout = "200ms".parse().unwrap();
    });
    let cache = Store::new(Arc::new(cache) as Arc<dyn Backend>);
    for round in 0..3 {
        let runtime = runtime();
        runtime
            .block_on(cache.aset(key(1), Value::Int(round), None))
            .unwrap();
        server.stop();
        let error = runtime.block_on(cache.aget(key(1))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        server.cont();
        assert_eq!(
            runtime.block_on(cache.aget(key(1))).unwrap(),
            Some(Value::Int(round))
        );
    }
}
