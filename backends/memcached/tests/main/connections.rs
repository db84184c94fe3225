use std::{fs, sync::Arc, thread};

use cachemere_base::{Backend, ErrorKind, Key, Store, Value};
use cachemere_servers::{Memcached as Server, Talk, until};
use tokio::runtime::Runtime;

use crate::place::{connect, value_of};

/// Asks the server how many connections it has.
fn connections(talk: &mut Talk) -> u64 {
    talk.stat("curr_connections")
}

/// How many connections to the server the system has. Its table is not read at once, and one that was closed meanwhile
/// and the one in its place may both be in it: the least of many readings, taken while there are too many.
fn connections_of_system(server: &Server, bound: usize) -> usize {
    let mut least = usize::MAX;
    for _ in 0..200 {
        least = least.min(established(server));
        if least <= bound {
            break;
        }
    }
    least
}

fn established(server: &Server) -> usize {
    let port = format!(":{:04X}", server.port());
    let table = fs::read_to_string("/proc/net/tcp").unwrap();
    let fields = table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    fields
        .filter(|fields| fields[2].ends_with(&port) && fields[3] == "01")
        .count()
}

#[test]
fn sixty_four_threads_use_no_more_connections_than_there_may_be() {
    let server = Server::start();
    let mut talk = server.talk();
    let before = connections(&mut talk);
    let store = connect(&server.address(), "max_pool_size = 4\ntimeout = 30");
    let most = thread::scope(|scope| {
        let workers: Vec<_> = (0..64)
            .map(|n| {
                let store = &store;
                scope.spawn(move || {
                    let key = Key::new(&format!("key{n}"));
                    for _ in 0..50 {
                        store.set(&key, value_of(&key), None).unwrap();
                        assert_eq!(store.get(&key).unwrap(), Some(value_of(&key)));
                    }
                })
            })
            .collect();
        let mut most = 0;
        while !workers.iter().all(thread::ScopedJoinHandle::is_finished) {
            most = most.max(connections(&mut talk) - before);
        }
        most
    });
    assert!((1..=4).contains(&most), "{most} connections");
}

#[test]
fn threads_and_tasks_share_the_connections() {
    let server = Server::start();
    let store = Arc::new(connect(
        &server.address(),
        "max_pool_size = 3\ntimeout = 30",
    ));
    let runtimes = [Runtime::new().unwrap(), Runtime::new().unwrap()];
    let tasks: Vec<_> = (0..32)
        .map(|n| {
            let store = Store::new(Arc::clone(&store) as Arc<dyn Backend>);
            runtimes[n % 2].spawn(async move {
                let key = Key::new(&format!("task{n}"));
                for _ in 0..25 {
                    store.aset(key.clone(), value_of(&key), None).await.unwrap();
                    let read = store.aget(key.clone()).await.unwrap();
                    assert_eq!(read, Some(value_of(&key)));
                }
            })
        })
        .collect();
    let most = thread::scope(|scope| {
        let threads = (0..16).map(|n| {
            let store = &store;
            scope.spawn(move || {
                let key = Key::new(&format!("thread{n}"));
                for _ in 0..50 {
                    store.set(&key, value_of(&key), None).unwrap();
                    assert_eq!(store.get(&key).unwrap(), Some(value_of(&key)));
                }
            })
        });
        let threads: Vec<_> = threads.collect();
        let mut most = 0;
        while !threads.iter().all(thread::ScopedJoinHandle::is_finished) {
            most = most.max(connections_of_system(&server, 3));
        }
        most
    });
    for task in tasks {
        runtimes[0].block_on(task).unwrap();
    }
    assert!(most <= 3, "{most} connections");
}

#[test]
fn threads_that_end_leave_nothing_and_close_gives_all_back() {
    let server = Server::start();
    let mut talk = server.talk();
    let before = connections(&mut talk);
    let store = connect(&server.address(), "max_pool_size = 4");
    for _ in 0..20 {
        thread::scope(|scope| {
            for n in 0..4 {
                let store = &store;
                scope.spawn(move || store.get(&Key::new(&format!("key{n}"))).unwrap());
            }
        });
    }
    assert!(connections(&mut talk) - before <= 4);
    store.close().unwrap();
    until("the connections are closed", || {
        connections(&mut talk) == before
    });
    store.set(&Key::new("key"), Value::Int(1), None).unwrap();
    assert_eq!(connections(&mut talk) - before, 1);
}

#[test]
fn a_connection_that_is_not_free_in_time_is_an_error() {
    let server = Server::start();
    let store = connect(
        &server.address(),
        "max_pool_size = 1\ntimeout = 0.3\nretry_timeout = 0.001",
    );
    store.set(&Key::new("key"), Value::Int(1), None).unwrap();
    server.stop();
    let kinds: Vec<_> = thread::scope(|scope| {
        let gets = (0..4).map(|_| scope.spawn(|| store.get(&Key::new("key")).unwrap_err().kind()));
        let gets: Vec<_> = gets.collect();
        gets.into_iter().map(|get| get.join().unwrap()).collect()
    });
    assert!(
        kinds.iter().all(|kind| *kind == ErrorKind::TimedOut),
        "{kinds:?}"
    );
    server.cont();
    until("it answers", || store.get(&Key::new("key")).is_ok());
    assert_eq!(store.get(&Key::new("key")).unwrap(), Some(Value::Int(1)));
}

#[test]
fn an_idle_connection_that_the_server_closed_costs_no_error() {
    let mut server = Server::start();
    let store = connect(&server.address(), "");
    let key = Key::new("key");
    store.set(&key, Value::Int(1), None).unwrap();
    server.server().kill();
    server.server().restart();
    assert_eq!(store.get(&key).unwrap(), None);

    let runtime = Runtime::new().unwrap();
    let store = Store::new(Arc::new(store));
    runtime
        .block_on(store.aset(key.clone(), Value::Int(1), None))
        .unwrap();
    server.server().kill();
    server.server().restart();
    assert_eq!(runtime.block_on(store.aget(key)).unwrap(), None);
}
