//! What happens while a server is not there, and when it is there again.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use cachemere_base::{Backend, ErrorKind, Store, Value, Wait};
use cachemere_redis::Redis;
use cachemere_servers::{Fault, Load, Outcome, Proxy, Redis as Server, belongs, key, value};

use crate::place::{block_on, open};

const CONNECT: Duration = Duration::from_millis(500);
const ANSWER: Duration = Duration::from_millis(500);
/// What a busy machine adds.
const SLACK: Duration = Duration::from_secs(2);

fn wait(time: Duration) -> Wait {
    format!("{}ms", time.as_millis()).parse().unwrap()
}

fn impatient(url: String) -> Arc<Redis> {
    Arc::new(open(&[url], |options| {
        options.socket_timeout = wait(ANSWER);
        options.socket_connect_timeout = wait(CONNECT);
    }))
}

fn ways() -> [fn(&Arc<Redis>) -> Load; 2] {
    [Load::blocking, Load::asynchronous]
}

/// One operation in each way, and how long it took.
fn gets(cache: &Arc<Redis>) -> [(Result<Option<Value>, ErrorKind>, Duration); 2] {
    let start = Instant::now();
    let first = cache.get(&key(1)).map_err(|error| error.kind());
    let first = (first, start.elapsed());
    let store = Store::new(Arc::clone(cache) as Arc<dyn Backend>);
    let mut second = None;
    block_on(Box::pin(async {
        let start = Instant::now();
        let got = store.aget(key(1)).await.map_err(|error| error.kind());
        second = Some((got, start.elapsed()));
    }));
    [first, second.unwrap()]
}

#[test]
fn work_goes_on_after_a_kill_and_a_restart() {
    for load in ways() {
        let mut server = Server::start();
        let cache = impatient(server.url());
        let load = load(&cache);
        load.go_on_for(500);
        server.server().kill();
        load.wait_for_errors();
        server.server().restart();
        load.go_on_for(500);
        let Outcome {
            errors, slowest, ..
        } = load.end();
        assert!(slowest < CONNECT + ANSWER + SLACK, "{slowest:?}");
        for error in errors {
            assert!(
                error
                    .message()
                    .ends_with(&format!("({})", server.address())),
                "{error}"
            );
            assert!(error.is_fault(), "{error:?}");
        }
    }
}

#[test]
fn a_server_that_is_gone_costs_next_to_nothing_and_the_first_command_after_it_is_back_succeeds() {
    let mut server = Server::start();
    let cache = impatient(server.url());
    assert!(gets(&cache).iter().all(|(got, _)| got.is_ok()));
    server.server().kill();
    for _ in 0..3 {
        for (got, took) in gets(&cache) {
            assert_eq!(got, Err(ErrorKind::Unavailable));
            assert!(took < CONNECT, "{took:?}");
        }
    }
    let error = cache.get(&key(1)).unwrap_err();
    assert_eq!(
        error.message(),
        format!("connection refused ({})", server.address())
    );
    server.server().restart();
    assert!(gets(&cache).iter().all(|(got, _)| got == &Ok(None)));
}

#[test]
fn what_must_not_be_sent_twice_succeeds_after_a_restart_too() {
    let mut server = Server::start();
    let cache = impatient(server.url());
    let store = Store::new(Arc::clone(&cache) as Arc<dyn Backend>);
    for round in 0..3 {
        cache.set(&key(1), Value::Int(round), None).unwrap();
        assert_eq!(cache.incr(&key(1), 1).unwrap(), Some(round + 1));
        block_on(Box::pin(async {
            assert_eq!(store.aincr(key(1), 1).await.unwrap(), Some(round + 2));
        }));
        server.server().kill();
        server.server().restart();
        assert_eq!(cache.incr(&key(1), 1).unwrap(), None);
        block_on(Box::pin(async {
            assert_eq!(store.aincr(key(1), 1).await.unwrap(), None);
        }));
    }
}

#[test]
fn a_server_that_stands_still_is_an_error_in_time_and_work_goes_on_when_it_does() {
    let server = Server::start();
    let cache = impatient(server.url());
    cache.set(&key(1), value(&key(1), 1), None).unwrap();
    assert!(gets(&cache).iter().all(|(got, _)| got.is_ok()));
    server.stop();
    for _ in 0..2 {
        for (got, took) in gets(&cache) {
            assert_eq!(got, Err(ErrorKind::TimedOut));
            assert!(took < CONNECT + ANSWER + SLACK, "{took:?}");
        }
    }
    server.cont();
    for (got, _) in gets(&cache) {
        assert!(belongs(&key(1), &got.unwrap().unwrap()));
    }
}

#[test]
fn many_wait_no_longer_than_one_for_a_server_that_stands_still() {
    for load in ways() {
        let server = Server::start();
        let cache = impatient(server.url() + "/1");
        let load = load(&cache);
        load.go_on_for(500);
        server.stop();
        load.wait_for_errors();
        server.cont();
        load.go_on_for(500);
        let Outcome {
            errors, slowest, ..
        } = load.end();
        assert!(slowest < CONNECT + ANSWER + SLACK, "{slowest:?}");
        let is_expected = |kind| matches!(kind, ErrorKind::TimedOut | ErrorKind::Unavailable);
        assert!(
            errors.iter().all(|error| is_expected(error.kind())),
            "{errors:?}"
        );
    }
}

#[test]
fn late_answers_are_nobodys() {
    let server = Server::start();
    let proxy = Proxy::before(server.port());
    let cache = impatient(proxy.url());
    for load in ways() {
        let load = load(&cache);
        load.go_on_for(300);
        proxy.set(Fault::Delay(ANSWER + Duration::from_millis(100)));
        load.wait_for_errors();
        proxy.set(Fault::None);
        load.go_on_for(300);
        load.end();
    }
}

#[test]
fn answers_that_break_off_are_nobodys() {
    let server = Server::start();
    let proxy = Proxy::before(server.port());
    let cache = impatient(proxy.url());
    for load in ways() {
        let load = load(&cache);
        load.go_on_for(300);
        for bytes in [0, 3, 7, 500, 1800] {
            proxy.set(Fault::CutAfter(bytes));
            load.wait_for_errors();
            proxy.set(Fault::None);
            load.go_on_for(100);
        }
        let Outcome {
            errors, slowest, ..
        } = load.end();
        assert!(slowest < CONNECT + ANSWER + SLACK, "{slowest:?}");
        assert!(
            errors
                .iter()
                .all(|error| error.message().contains("127.0.0.1")),
            "{errors:?}"
        );
    }
}

#[test]
fn what_may_have_been_done_is_neither_denied_nor_done_twice() {
    let server = Server::start();
    let proxy = Proxy::before(server.port());
    let cache = impatient(proxy.url());
    let store = Store::new(Arc::clone(&cache) as Arc<dyn Backend>);
    let late = Fault::Delay(ANSWER + Duration::from_millis(200));
    for (round, fault) in [late, Fault::CutAfter(0)].into_iter().enumerate() {
        let (counter, lock) = (key(2 * round), key(2 * round + 1));
        cache.set(&counter, Value::Int(0), None).unwrap();
        block_on(Box::pin(async { drop(store.aget(key(9)).await.unwrap()) }));
        proxy.set(fault);
        cache.incr(&counter, 1).unwrap_err();
        cache.add(&lock, Value::Int(1), None).unwrap_err();
        block_on(Box::pin(async {
            store.aincr(counter.clone(), 1).await.unwrap_err();
            store.adelete(lock.clone()).await.unwrap_err();
        }));
        proxy.set(Fault::None);
        proxy.cut();
        assert_eq!(server.ask(&["GET", &counter]), "2");
        assert_eq!(server.ask(&["EXISTS", &lock]), "0");
    }
}

#[test]
fn answers_that_are_garbled_are_nobodys() {
    let server = Server::start();
    let proxy = Proxy::before(server.port());
    let cache = impatient(proxy.url());
    for load in ways() {
        let load = load(&cache);
        load.go_on_for(300);
        proxy.set(Fault::Garble);
        load.wait_for_errors();
        proxy.set(Fault::None);
        load.go_on_for(300);
        let Outcome {
            errors, slowest, ..
        } = load.end();
        for error in &errors {
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("=x"), "a value: {shown}");
        }
        assert!(slowest < CONNECT + ANSWER + SLACK, "{slowest:?}");
        assert!(
            errors
                .iter()
                .all(|error| error.message().contains("127.0.0.1")),
            "{errors:?}"
        );
    }
}

#[test]
fn a_network_that_swallows_everything_is_an_error_in_time() {
    let server = Server::start();
    let proxy = Proxy::before(server.port());
    let cache = impatient(proxy.url());
    assert!(gets(&cache).iter().all(|(got, _)| got.is_ok()));
    proxy.set(Fault::BlackHole);
    for _ in 0..2 {
        for (got, took) in gets(&cache) {
            assert_eq!(got, Err(ErrorKind::TimedOut));
            assert!(took < CONNECT + ANSWER + SLACK, "{took:?}");
        }
    }
    proxy.set(Fault::None);
    assert!(gets(&cache).iter().all(|(got, _)| got.is_ok()));
}

#[test]
fn many_servers_that_swallow_everything_cost_no_more_than_one() {
    let server = Server::start();
    let proxy = Proxy::before(server.port());
    let cache = Arc::new(open(&vec![proxy.url() + "/1"; 8], |options| {
        options.socket_timeout = wait(ANSWER);
        options.socket_connect_timeout = wait(CONNECT);
    }));
    proxy.set(Fault::BlackHole);
    for (got, took) in gets(&cache) {
        assert_eq!(got, Err(ErrorKind::TimedOut));
        assert!(took < CONNECT + ANSWER + SLACK / 2, "{took:?}");
    }
}

#[test]
fn a_connection_that_was_cut_while_it_was_idle_is_replaced() {
    let server = Server::start();
    let proxy = Proxy::before(server.port());
    let cache = impatient(proxy.url());
    for _ in 0..3 {
        assert!(gets(&cache).iter().all(|(got, _)| got.is_ok()));
        proxy.cut();
    }
}
