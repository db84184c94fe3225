use std::sync::Arc;

use cachemere_base::{ErrorKind, Key, Store, Value};
use cachemere_servers::Memcached as Server;
use tokio::runtime::{Builder, Runtime};

use crate::place::{connect, value_of};

fn store(server: &Server, options: &str) -> Store {
    Store::new(Arc::new(connect(&server.address(), options)))
}

#[test]
fn two_runtimes_one_after_the_other_use_one_store() {
    let server = Server::start();
    for options in ["", "max_pool_size = 1"] {
        let store = store(&server, options);
        let key = Key::new("key");
        for n in 0..3 {
            let runtime = Runtime::new().unwrap();
            let set = store.aset(key.clone(), Value::Int(n), None);
            runtime.block_on(set).unwrap();
            let read = runtime.block_on(store.aget(key.clone())).unwrap();
            assert_eq!(read, Some(Value::Int(n)));
        }
        assert_eq!(store.get(&key).unwrap(), Some(Value::Int(2)));
    }
}

#[test]
fn two_runtimes_interleaved_use_one_store() {
    let server = Server::start();
    for options in ["", "max_pool_size = 1"] {
        let store = store(&server, options);
        let current = Builder::new_current_thread().enable_all().build().unwrap();
        let runtimes = [Runtime::new().unwrap(), current];
        for n in 0..20 {
            let key = Key::new(&format!("key{}", n / 2));
            let runtime = &runtimes[n % 2];
            runtime
                .block_on(store.aset(key.clone(), value_of(&key), None))
                .unwrap();
            let other = &runtimes[(n + 1) % 2];
            assert_eq!(
                other.block_on(store.aget(key.clone())).unwrap(),
                Some(value_of(&key))
            );
            assert_eq!(store.get(&key).unwrap(), Some(value_of(&key)));
        }
    }
}

#[test]
fn outside_of_a_runtime_an_asynchronous_method_is_an_error() {
    let server = Server::start();
    let store = store(&server, "");
    let get = std::pin::pin!(store.aget(Key::new("key")));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(outcome) = get.poll(&mut context) else {
        panic!("it waits");
    };
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Unsupported);
}

#[test]
fn in_a_runtime_without_drivers_an_asynchronous_method_is_an_error() {
    let server = Server::start();
    let store = store(&server, "");
    let bare = Builder::new_current_thread().build().unwrap();
    let error = bare.block_on(store.aget(Key::new("key"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

#[test]
fn the_blocking_methods_work_in_a_runtime() {
    let server = Server::start();
    let store = store(&server, "");
    let key = Key::new("key");
    Runtime::new().unwrap().block_on(async {
        store.set(&key, Value::Int(1), None).unwrap();
        assert_eq!(store.aincr(key.clone(), 1).await.unwrap(), Some(2));
        assert_eq!(store.get(&key).unwrap(), Some(Value::Int(2)));
    });
}

#[test]
fn a_future_dropped_in_mid_flight_leaves_no_wrong_answer() {
    let server = Server::start();
    let store = store(&server, "max_pool_size = 2");
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        for n in 0..500_u64 {
            let key = Key::new(&format!("key{}", n % 10));
            let work = async {
                store.aset(key.clone(), value_of(&key), None).await.unwrap();
                store.aget(key.clone()).await.unwrap()
            };
            let limit = std::time::Duration::from_micros(n % 250);
            if let Ok(read) = tokio::time::timeout(limit, work).await {
                assert_eq!(read, Some(value_of(&key)));
            }
        }
        for n in 0..10 {
            let key = Key::new(&format!("key{n}"));
            let read = store.aget(key.clone()).await.unwrap();
            assert!(read.is_none() || read == Some(value_of(&key)), "{read:?}");
        }
    });
}
