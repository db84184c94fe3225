//! The twins, as users join and spawn them, in any runtime and in none.

use std::{future::Future, time::Duration};

use cachemere::{Cache, Caches, DEFAULT_TIMEOUT, Remaining};

use crate::site::{STORES, Site, site};

async fn every_verb(site: &Site) {
    let cache = &site["default"];
    cache.aset("key", "value", DEFAULT_TIMEOUT).await.unwrap();
    assert_eq!(
        cache.aget::<String>("key").await.unwrap().as_deref(),
        Some("value")
    );
    assert!(!cache.aadd("key", "other", 60).await.unwrap());
    assert!(cache.aadd("added", &1, None).await.unwrap());
    assert!(cache.atouch("key", 10).await.unwrap());
    assert_eq!(
        cache.attl("key").await.unwrap(),
        Some(Remaining::For(Duration::from_secs(10)))
    );
    assert_eq!(cache.attl("added").await.unwrap(), Some(Remaining::Never));
    assert!(cache.ahas_key("key").await.unwrap());
    assert!(cache.adelete("key").await.unwrap());
    assert!(!cache.adelete("key").await.unwrap());
    assert!(
        cache
            .aset_many([("a", 1), ("b", 2)], 60)
            .await
            .unwrap()
            .is_empty()
    );
    let found = cache.aget_many::<i32, _, _>(["a", "b", "c"]).await.unwrap();
    assert_eq!(found, [("a", 1), ("b", 2)].into());
    cache.adelete_many(["a"]).await.unwrap();
    assert_eq!(cache.aincr("b", 40).await.unwrap(), 42);
    assert_eq!(cache.adecr("b", 2).await.unwrap(), 40);
    assert!(cache.aincr("missing", 1).await.is_err());
    assert_eq!(cache.aincr_version("b", 1).await.unwrap(), 2);
    assert_eq!(cache.version(2).adecr_version("b", 1).await.unwrap(), 1);
    assert_eq!(
        cache.aget_or_set("computed", async || 5, 60).await.unwrap(),
        5
    );
    cache.aclose().await.unwrap();
    assert!(cache.ahas_key("b").await.unwrap());
    cache.aclear().await.unwrap();
    assert!(!cache.ahas_key("b").await.unwrap());
}

#[test]
fn every_verb_works_in_every_runtime_and_in_none() {
    for backend in STORES {
        pollster::block_on(every_verb(&site(backend)));
        let current = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        current.block_on(every_verb(&site(backend)));
        let multi = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .build()
            .unwrap();
        multi.block_on(every_verb(&site(backend)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn futures_are_joined_and_spawned_as_users_do() {
    for backend in STORES {
        let site = site(backend);
        let c = &site["default"];
        let id = 1;
        c.set("u:1", "Ada", 60).unwrap();
        c.version(2).set("a", &2, 60).unwrap();
        let (a, b) = tokio::join!(
            c.version(2).aget::<i32>("a"),
            c.aget::<String>(&format!("u:{id}"))
        );
        assert_eq!((a.unwrap(), b.unwrap().as_deref()), (Some(2), Some("Ada")));
        tokio::spawn(c.aset("spawned", "value", 30))
            .await
            .unwrap()
            .unwrap();
        let many = tokio::spawn(c.aget_many::<String, _, _>(vec!["spawned".to_owned()]))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(many["spawned"], "value");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handle_is_kept_over_an_await() {
    let caches = Caches::from_toml("").unwrap();
    let task = tokio::spawn({
        let caches = caches.clone();
        async move {
            let cache = &caches["default"];
            for n in 0..100 {
                cache.aset("n", &n, 60).await.unwrap();
                tokio::task::yield_now().await;
                assert_eq!(cache.aget::<i32>("n").await.unwrap(), Some(n));
            }
        }
    });
    task.await.unwrap();
    assert_eq!(caches["default"].get::<i32>("n").unwrap(), Some(99));
}

#[test]
fn a_future_does_nothing_before_it_is_polled() {
    let site = site("locmem");
    drop(site["default"].aset("key", &1, 60));
    assert!(!site["default"].has_key("key").unwrap());
}

#[tokio::test(flavor = "current_thread")]
async fn the_blocking_api_works_in_a_task() {
    let site = site("file");
    site["default"].set("key", &1, 60).unwrap();
    assert_eq!(site["default"].get::<i32>("key").unwrap(), Some(1));
}

#[test]
fn every_future_is_send() {
    fn send<T>(_: impl Future<Output = T> + Send) {}
    fn all(cache: &Cache) {
        send(cache.aget::<String>("k"));
        send(cache.aset("k", "v", 1));
        send(cache.aadd("k", &1, None));
        send(cache.atouch("k", 1.5));
        send(cache.adelete("k"));
        send(cache.ahas_key("k"));
        send(cache.attl("k"));
        send(cache.aget_many::<u8, _, _>(["k"]));
        send(cache.aset_many([("k", 1)], 1));
        send(cache.adelete_many(["k"]));
        send(cache.aincr("k", 1));
        send(cache.adecr("k", 1));
        send(cache.aincr_version("k", 1));
        send(cache.adecr_version("k", 1));
        send(cache.aget_or_set("k", async || 1, 1));
        send(cache.atry_get_or_set("k", async || Ok::<_, cachemere::Error>(1), 1));
        send(cache.aclear());
        send(cache.aclose());
    }
    all(&site("locmem")["default"]);
}
