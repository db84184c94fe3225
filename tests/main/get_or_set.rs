//! One computation for all who miss at once, and everything that must not go wrong about it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Barrier,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use cachemere::{Cache, Caches, Error, ErrorKind};

use crate::site::{on_every_store, site};

on_every_store! {
    fn the_default_is_stored_and_returned(site) {
        let cache = &site["default"];
        assert_eq!(cache.get_or_set("key", || "value".to_owned(), 60).unwrap(), "value");
        assert_eq!(cache.get::<String>("key").unwrap().as_deref(), Some("value"));
        assert_eq!(cache.get_or_set("key", || "other".to_owned(), 60).unwrap(), "value");
        assert_eq!(cache.get_or_set("none", || None::<i32>, 60).unwrap(), None);
        assert_eq!(cache.get_or_set("none", || Some(1), 60).unwrap(), None);
    }

    fn a_timeout_of_zero_returns_the_default_and_stores_nothing(site) {
        assert_eq!(site["default"].get_or_set("key", || 1, 0).unwrap(), 1);
        assert!(!site["default"].has_key("key").unwrap());
    }

    fn versions_have_values_of_their_own(site) {
        assert_eq!(site["default"].get_or_set("key", || 1, 60).unwrap(), 1);
        assert_eq!(site["default"].version(2).get_or_set("key", || 2, 60).unwrap(), 2);
        assert_eq!(site["v2"].get::<i32>("key").unwrap(), Some(2));
    }

    fn an_entry_of_another_type_is_replaced(site) {
        let cache = &site["default"];
        cache.set("key", "text", 60).unwrap();
        assert_eq!(cache.get_or_set("key", || 5_u8, 60).unwrap(), 5);
        assert_eq!(cache.get::<u8>("key").unwrap(), Some(5));
    }

    fn a_counter_that_outgrew_the_type_is_an_error_and_stays(site) {
        let cache = &site["default"];
        cache.set("count", &3_000_000_000_i64, None).unwrap();
        assert_eq!(cache.get_or_set("count", || 0_i32, None).unwrap_err().kind(), ErrorKind::Overflow);
        assert_eq!(cache.get::<i64>("count").unwrap(), Some(3_000_000_000));
    }

    fn an_error_of_the_closure_is_returned_and_nothing_stored(site) {
        let failed: Result<u8, Error> =
            site["default"].try_get_or_set("key", || Err(Error::new(ErrorKind::Server, "no database")), 60);
        assert_eq!(failed.unwrap_err().message(), "no database");
        assert!(!site["default"].has_key("key").unwrap());
        assert_eq!(site["default"].try_get_or_set("key", || Ok::<_, Error>(1), 60).unwrap(), 1);
    }

    fn threads_that_miss_at_once_compute_once(site) {
        let computed = AtomicUsize::new(0);
        let barrier = Barrier::new(8);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for round in 0..50 {
                        barrier.wait();
                        let value = site["default"].get_or_set(&format!("key {round}"), || {
                            thread::yield_now();
                            computed.fetch_add(1, Ordering::SeqCst);
                            round
                        }, 60);
                        assert_eq!(value.unwrap(), round);
                    }
                });
            }
        });
        assert_eq!(computed.load(Ordering::SeqCst), 50);
    }
}

/// Runs `leader` as the closure of one thread while `followers` others ask for the same key.
fn beside<T: Send>(
    cache: &Cache,
    leader: impl FnOnce() -> Result<u8, Error> + Send,
    follower: impl Fn() -> T + Sync,
) -> (thread::Result<Result<u8, Error>>, Vec<T>) {
    let (started, go) = (Barrier::new(2), Barrier::new(2));
    thread::scope(|scope| {
        let leading = scope.spawn(|| {
            catch_unwind(AssertUnwindSafe(|| {
                cache.try_get_or_set(
                    "key",
                    || {
                        started.wait();
                        go.wait();
                        leader()
                    },
                    60,
                )
            }))
        });
        started.wait();
        let following: Vec<_> = (0..3).map(|_| scope.spawn(&follower)).collect();
        go.wait();
        (
            leading.join().unwrap(),
            following
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect(),
        )
    })
}

#[test]
fn followers_share_the_leaders_value() {
    let site = site("locmem");
    let cache = &site["default"];
    let (leader, followers) = beside(
        cache,
        || Ok(1),
        || cache.get_or_set("key", || 2_u8, 60).unwrap(),
    );
    assert_eq!((leader.unwrap().unwrap(), followers), (1, vec![1, 1, 1]));
}

#[test]
fn a_leader_that_panics_or_fails_lets_the_next_one_try() {
    for panics in [true, false] {
        let site = site("locmem");
        let cache = &site["default"];
        let computed = AtomicUsize::new(0);
        let fail = || {
            if panics {
                panic!("boom")
            } else {
                Err(Error::new(ErrorKind::Server, "no database"))
            }
        };
        let (leader, followers) = beside(cache, fail, || {
            cache
                .get_or_set(
                    "key",
                    || {
                        computed.fetch_add(1, Ordering::SeqCst);
                        2_u8
                    },
                    60,
                )
                .unwrap()
        });
        assert_eq!(leader.is_err(), panics);
        assert_eq!(
            (followers, computed.load(Ordering::SeqCst)),
            (vec![2, 2, 2], 1)
        );
    }
}

#[test]
fn a_follower_of_another_type_computes_its_own() {
    let site = site("locmem");
    let cache = &site["default"];
    let (leader, followers) = beside(
        cache,
        || Ok(1),
        || cache.get_or_set("key", || "text".to_owned(), 60).unwrap(),
    );
    assert_eq!(
        (leader.unwrap().unwrap(), followers),
        (1, vec!["text".to_owned(); 3])
    );
}

#[test]
fn a_nested_call_for_the_same_key_runs_its_own_closure() {
    let site = site("locmem");
    let cache = &site["default"];
    let outer = cache
        .get_or_set(
            "key",
            || 10 + cache.get_or_set("key", || 1, 60).unwrap(),
            60,
        )
        .unwrap();
    assert_eq!(outer, 1, "the inner call was first to store");
    assert_eq!(cache.get::<i32>("key").unwrap(), Some(1));
}

#[test]
fn waiting_ends_after_get_or_set_wait_and_then_the_caller_computes() {
    let site = site("locmem");
    let cache = &site["impatient"];
    let (started, release) = (Barrier::new(2), Barrier::new(2));
    thread::scope(|scope| {
        let leading = scope.spawn(|| {
            let compute = || {
                started.wait();
                release.wait();
                1
            };
            cache.get_or_set("key", compute, 60).unwrap()
        });
        started.wait();
        assert_eq!(cache.get_or_set("key", || 2, 60).unwrap(), 2);
        release.wait();
        assert_eq!(
            leading.join().unwrap(),
            2,
            "the value that was stored first wins"
        );
    });
}

#[test]
fn a_value_that_is_too_large_to_store_is_returned_all_the_same() {
    let caches =
        Caches::from_toml("[CACHES.default]\nBACKEND = 'locmem'\nOPTIONS.MAX_BYTES = 20").unwrap();
    let long = "long".repeat(10);
    assert_eq!(
        caches["default"]
            .get_or_set("key", || long.clone(), 60)
            .unwrap(),
        long
    );
    let computed =
        pollster::block_on(caches["default"].aget_or_set("key", async || "long".repeat(10), 60));
    assert_eq!(computed.unwrap(), long);
    assert!(!caches["default"].has_key("key").unwrap());
}

#[test]
fn the_dummy_cache_computes_every_time_and_never_waits() {
    let caches = Caches::from_toml("[CACHES.default]\nBACKEND = 'dummy'").unwrap();
    let cache = &caches["default"];
    let outer = cache
        .get_or_set("key", || cache.get_or_set("key", || 1, 60).unwrap() + 1, 60)
        .unwrap();
    assert_eq!(outer, 2);
}

#[test]
fn aliases_over_one_store_share_a_computation() {
    let site = site("locmem");
    let cache = &site["default"];
    let (_, followers) = beside(
        cache,
        || Ok(1),
        || site["quiet"].get_or_set("key", || 2_u8, 60).unwrap(),
    );
    assert_eq!(followers, [1, 1, 1]);
}

#[tokio::test(flavor = "current_thread")]
async fn tasks_that_miss_at_once_compute_once() {
    let site = Arc::new(site("locmem"));
    let computed = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let computed = Arc::clone(&computed);
            let compute = async move || {
                tokio::task::yield_now().await;
                computed.fetch_add(1, Ordering::SeqCst);
                7_u8
            };
            tokio::spawn(site["default"].aget_or_set("key", compute, 60))
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap(), 7);
    }
    assert_eq!(computed.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "current_thread")]
async fn a_dropped_future_lets_the_next_one_try() {
    let site = site("locmem");
    let cache = &site["default"];
    let started = Arc::new(tokio::sync::Notify::new());
    let never = {
        let started = Arc::clone(&started);
        async move || {
            started.notify_one();
            std::future::pending::<u8>().await
        }
    };
    let leading = tokio::spawn(cache.aget_or_set("key", never, 60));
    started.notified().await;
    let following = tokio::spawn(cache.aget_or_set("key", async || 2_u8, 60));
    tokio::task::yield_now().await;
    leading.abort();
    assert_eq!(following.await.unwrap().unwrap(), 2);
}

#[tokio::test(flavor = "current_thread")]
async fn an_async_leader_that_panics_lets_the_next_one_try() {
    let site = site("locmem");
    let cache = &site["default"];
    let leading = tokio::spawn(cache.aget_or_set(
        "key",
        async || {
            tokio::task::yield_now().await;
            panic!("boom")
        },
        60,
    ));
    let following = tokio::spawn(cache.aget_or_set("key", async || 2_u8, 60));
    let lead: Result<Result<u8, Error>, _> = leading.await;
    assert!(lead.unwrap_err().is_panic());
    assert_eq!(following.await.unwrap().unwrap(), 2);
}

#[tokio::test(flavor = "current_thread")]
async fn an_async_follower_of_another_type_computes_its_own() {
    let site = site("locmem");
    let cache = &site["default"];
    let slow = async || {
        tokio::task::yield_now().await;
        1_u8
    };
    let leading = tokio::spawn(cache.aget_or_set("key", slow, 60));
    tokio::task::yield_now().await;
    let following = tokio::spawn(cache.aget_or_set("key", async || "text".to_owned(), 60));
    assert_eq!(leading.await.unwrap().unwrap(), 1);
    assert_eq!(following.await.unwrap().unwrap(), "text");
}

#[tokio::test(flavor = "current_thread")]
async fn an_async_wait_ends_after_get_or_set_wait() {
    let site = site("locmem");
    let cache = &site["impatient"];
    let leading =
        tokio::spawn(cache.aget_or_set("key", async || std::future::pending::<u8>().await, 60));
    tokio::task::yield_now().await;
    assert_eq!(
        cache.aget_or_set("key", async || 2_u8, 60).await.unwrap(),
        2
    );
    leading.abort();
}

#[test]
fn two_runtimes_share_a_computation() {
    let site = Arc::new(site("locmem"));
    let computed = Arc::new(AtomicUsize::new(0));
    let barrier = Arc::new(Barrier::new(2));
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let (site, computed, barrier) = (
                Arc::clone(&site),
                Arc::clone(&computed),
                Arc::clone(&barrier),
            );
            thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_time()
                    .build()
                    .unwrap();
                barrier.wait();
                runtime.block_on(site["default"].aget_or_set(
                    "key",
                    async move || {
                        computed.fetch_add(1, Ordering::SeqCst);
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        7_u8
                    },
                    60,
                ))
            })
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap().unwrap(), 7);
    }
    assert_eq!(computed.load(Ordering::SeqCst), 1);
}

#[tokio::test(flavor = "current_thread")]
async fn an_async_nested_call_for_the_same_key_runs_its_own_closure() {
    let site = site("locmem");
    let cache = site["default"].clone();
    let nested = cache.clone();
    let started = Instant::now();
    let outer = cache.aget_or_set(
        "key",
        async move || nested.aget_or_set("key", async || 1, 60).await.unwrap() + 10,
        60,
    );
    assert_eq!(outer.await.unwrap(), 1);
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "it waited for itself"
    );
}

#[tokio::test(flavor = "current_thread")]
async fn an_async_error_is_returned_and_nothing_stored() {
    let site = site("locmem");
    let failed: Result<u8, Error> = site["default"]
        .atry_get_or_set("key", async || Err(Error::new(ErrorKind::Server, "no")), 60)
        .await;
    assert_eq!(failed.unwrap_err().message(), "no");
    assert!(!site["default"].has_key("key").unwrap());
}

#[tokio::test(flavor = "current_thread")]
async fn a_blocking_call_in_a_task_does_not_wait_for_a_task() {
    let site = site("locmem");
    let cache = &site["default"];
    let started = Arc::new(tokio::sync::Notify::new());
    let leader_started = Arc::clone(&started);
    let slow = async move || {
        leader_started.notify_one();
        tokio::task::yield_now().await;
        1_u8
    };
    let leading = tokio::spawn(cache.aget_or_set("key", slow, 60));
    started.notified().await;
    let began = Instant::now();
    assert_eq!(cache.get_or_set("key", || 2_u8, 60).unwrap(), 2);
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "it waited for a task of its own thread"
    );
    assert_eq!(leading.await.unwrap().unwrap(), 2);
}
