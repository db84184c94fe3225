//! The cache within runtimes of tokio, and out of them.

use std::{sync::Arc, time::Duration};

use cachemere_base::{Backend, Store, Value};
use cachemere_servers::{belongs, key, value};
use tokio::runtime::{Builder, Runtime};

use crate::place::Place;

fn runtimes() -> [Runtime; 2] {
    [
        Builder::new_current_thread().enable_all().build().unwrap(),
        Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap(),
    ]
}

fn store(place: &Place) -> Store {
    Store::new(Arc::new(place.open()) as Arc<dyn Backend>)
}

#[test]
fn the_blocking_api_works_within_a_runtime() {
    for place in Place::each() {
        for runtime in runtimes() {
            runtime.block_on(async {
                let cache = place.open();
                cache.set(&key(1), Value::Int(1), None).unwrap();
                assert_eq!(cache.incr(&key(1), 1).unwrap(), Some(2));
                // on a thread of the runtime, and on one that may block
                let cache = Arc::new(cache);
                for _ in 0..2 {
                    let (one, two) = (Arc::clone(&cache), Arc::clone(&cache));
                    let get = tokio::spawn(async move { one.get(&key(1)) });
                    let blocking = tokio::task::spawn_blocking(move || two.get(&key(1)));
                    assert_eq!(get.await.unwrap().unwrap(), Some(Value::Int(2)));
                    assert_eq!(blocking.await.unwrap().unwrap(), Some(Value::Int(2)));
                }
                cache.close().unwrap();
                drop(cache);
            });
        }
    }
}

#[test]
fn the_asynchronous_api_works_in_two_runtimes_and_in_none() {
    for place in Place::each() {
        let cache = store(&place);
        let runtimes = runtimes();
        for round in 0..20 {
            let key = key(round);
            let set = cache.aset(key.clone(), value(&key, round), None);
            runtimes[round % 2].block_on(set).unwrap();
            let found = pollster::block_on(cache.aget(key.clone())).unwrap();
            assert!(belongs(&key, &found.unwrap()));
            let found = runtimes[(round + 1) % 2].block_on(cache.aget(key.clone()));
            assert!(belongs(&key, &found.unwrap().unwrap()));
        }
    }
}

#[test]
fn a_future_that_is_dropped_in_mid_flight_leaves_its_connection_fit() {
    for place in Place::each() {
        let cache = store(&place);
        for runtime in runtimes() {
            runtime.block_on(async {
                for round in 0..100_usize {
                    let (own, other) = (key(round % 16), key((round + 1) % 16));
                    let dropped = cache.aset(own.clone(), value(&own, round), None);
                    let micros = Duration::from_micros(round as u64 * 10);
                    let _ = tokio::time::timeout(micros, dropped).await;
                    if let Some(found) = cache.aget(other.clone()).await.unwrap() {
                        assert!(belongs(&other, &found));
                    }
                }
            });
        }
        place.assert_exact();
    }
}

#[test]
fn a_runtime_that_ends_while_the_cache_is_in_use_takes_nothing_with_it() {
    for place in Place::each() {
        let cache = store(&place);
        for round in 0..5 {
            for runtime in runtimes() {
                for number in 0..8 {
                    let cache = cache.clone();
                    runtime.spawn(async move { cache.aget(key(number)).await });
                }
                let set = cache.aset(key(1), Value::Int(round), None);
                runtime.block_on(set).unwrap();
                drop(runtime);
                assert_eq!(cache.get(&key(1)).unwrap(), Some(Value::Int(round)));
            }
        }
    }
}
