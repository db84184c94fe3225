use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use cachemere_base::{Backend, Context, Error, Key, Open, Settings, Store, Value};
use cachemere_memcached::{Memcached, Options};
use cachemere_servers::{Memcached as Server, until};

use crate::place::{is_fault_of, open, options, value_of};

fn three() -> Vec<Server> {
    (0..3).map(|_| Server::start()).collect()
}

fn over(servers: &[Server], text: &str) -> Memcached {
    open(servers.iter().map(Server::address), options(text))
}

fn keys() -> Vec<Key> {
    (0..60).map(|n| Key::new(&format!("key{n}"))).collect()
}

fn fill(store: &Memcached) {
    let entries = keys().into_iter().map(|key| (key.clone(), value_of(&key)));
    assert_eq!(store.set_many(entries.collect(), None).unwrap(), []);
}

/// Whether an entry is on this server.
fn has(server: &Server, key: &Key) -> bool {
    !server.raw(&format!("mg {key}"), "").starts_with("EN")
}

#[test]
fn keys_are_spread_over_all_and_each_is_on_one() {
    let servers = three();
    for options in ["", "behaviors.ketama = true"] {
        let store = over(&servers, options);
        fill(&store);
        let mut counts = [0; 3];
        for key in keys() {
            let on: Vec<_> = (0..3).filter(|n| has(&servers[*n], &key)).collect();
            assert_eq!(on.len(), 1, "{key}");
            counts[on[0]] += 1;
            assert_eq!(store.get(&key).unwrap(), Some(value_of(&key)));
        }
        assert!(counts.iter().all(|count| *count >= 5), "{counts:?}");
        store.clear().unwrap();
        assert!(
            keys()
                .iter()
                .all(|key| servers.iter().all(|server| !has(server, key)))
        );
    }
}

#[test]
fn by_the_name_of_pylibmc_keys_are_where_libmemcached_puts_them() {
    let servers = three();
    let settings = Settings::new(
        "default",
        "django.core.cache.backends.memcached.PyLibMCCache",
    );
    let settings = settings.with_location(servers.iter().map(Server::address));
    let store = Memcached::open(&settings, Options::default(), &Context::default()).unwrap();
    for (key, server) in [(":1:k0", 0), (":1:k1", 1), (":1:k9", 2), (":1:k3", 0)] {
        store.set(&Key::new(key), Value::Int(1), None).unwrap();
        assert!(has(&servers[server], &Key::new(key)), "{key}");
    }
}

#[test]
fn every_server_is_named_with_its_version() {
    let servers = three();
    let versions = over(&servers, "").servers().unwrap();
    for (version, server) in versions.iter().zip(&servers) {
        assert!(version.starts_with("memcached 1."), "{version}");
        assert!(
            version.ends_with(&format!(" at {}", server.address())),
            "{version}"
        );
    }
}

#[test]
fn the_keys_of_a_dead_server_go_to_the_others_until_it_is_back() {
    let mut servers = three();
    let store = over(
        &servers,
        "retry_attempts = 1\nretry_timeout = 0.05\ndead_timeout = 2\ntimeout = 1",
    );
    fill(&store);
    let address = servers[1].address();
    let lost: Vec<_> = keys()
        .into_iter()
        .filter(|key| has(&servers[1], key))
        .collect();
    servers[1].server().kill();

    is_fault_of(&store.get(&lost[0]).unwrap_err(), &address);
    until("its keys are with the others", || {
        let got = store.get(&lost[0]);
        got.inspect_err(|error| is_fault_of(error, &address))
            .is_ok()
    });
    for key in keys() {
        let expected = (!lost.contains(&key)).then(|| value_of(&key));
        assert_eq!(store.get(&key).unwrap(), expected, "{key}");
    }
    fill(&store);
    assert!(
        lost.iter()
            .all(|key| has(&servers[0], key) || has(&servers[2], key))
    );

    servers[1].server().restart();
    until("its keys are back", || {
        fill(&store);
        lost.iter().all(|key| has(&servers[1], key))
    });
}

#[test]
fn what_is_written_to_many_reaches_those_that_answer() {
    let mut servers = three();
    let store = over(&servers, "retry_timeout = 60");
    fill(&store);
    let address = servers[1].address();
    let here: Vec<_> = keys()
        .into_iter()
        .filter(|key| !has(&servers[1], key))
        .collect();
    servers[1].server().kill();
    is_fault_of(&store.delete_many(&keys()).unwrap_err(), &address);
    assert!(here.iter().all(|key| store.get(key).unwrap().is_none()));
    let entries = keys().into_iter().map(|key| (key, Value::Int(1))).collect();
    is_fault_of(&store.set_many(entries, None).unwrap_err(), &address);
    assert!(
        here.iter()
            .all(|key| store.get(key).unwrap() == Some(Value::Int(1)))
    );
    is_fault_of(&store.clear().unwrap_err(), &address);
    assert!(here.iter().all(|key| store.get(key).unwrap().is_none()));
}

#[test]
fn the_same_key_is_found_by_both_ways() {
    let servers = three();
    let store = over(&servers, "");
    fill(&store);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let store = Store::new(Arc::new(store));
    let values = runtime.block_on(store.aget_many(keys())).unwrap();
    assert!(
        keys()
            .iter()
            .zip(values)
            .all(|(key, value)| value == Some(value_of(key)))
    );
}

/// Something that blocks, and the same in a runtime.
fn both_ways<T>(
    store: &Arc<Memcached>,
    blocking: impl FnOnce(&Memcached) -> T,
    asynchronous: impl AsyncFnOnce(Store) -> T,
) -> [T; 2] {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let shared = Store::new(Arc::clone(store) as Arc<dyn Backend>);
    [blocking(store), runtime.block_on(asynchronous(shared))]
}

#[test]
fn servers_that_do_not_answer_cost_no_more_together_than_one() {
    for what in ["delete_many", "clear", "servers"] {
        let servers = three();
        let store = Arc::new(over(&servers, "timeout = 1\nretry_timeout = 0.001"));
        fill(&store);
        let on_first: Vec<_> = keys()
            .into_iter()
            .filter(|key| has(&servers[0], key))
            .collect();
        for server in &servers[1..] {
            server.stop();
        }
        let timed = |outcome: Result<(), Error>, begun: Instant| (outcome, begun.elapsed());
        let outcomes = both_ways(
            &store,
            |store| {
                let begun = Instant::now();
                let outcome = match what {
                    "delete_many" => store.delete_many(&keys()),
                    "clear" => store.clear(),
                    _ => store.servers().map(drop),
                };
                timed(outcome, begun)
            },
            async |store| {
                let begun = Instant::now();
                let outcome = match what {
                    "delete_many" => store.adelete_many(keys()).await,
                    _ => store.aclear().await,
                };
                timed(outcome, begun)
            },
        );
        for (outcome, took) in outcomes {
            is_fault_of(&outcome.unwrap_err(), "127.0.0.1:");
            assert!(took < Duration::from_millis(1900), "{what}: {took:?}");
        }
        assert!(on_first.iter().all(|key| store.get(key).unwrap().is_none()));
    }
}

#[test]
fn where_a_fault_is_a_miss_many_have_what_the_servers_that_answer_have() {
    let mut servers = three();
    let settings = Settings::new("default", "memcached")
        .with_location(servers.iter().map(Server::address))
        .with_forgiveness(true);
    let context = Context::default();
    let store = Memcached::open(&settings, options("retry_timeout = 60"), &context).unwrap();
    let store = Arc::new(store);
    fill(&store);
    let lost: Vec<_> = keys().iter().map(|key| has(&servers[1], key)).collect();
    servers[1].server().kill();

    let found = |values: Vec<Option<Value>>| {
        for ((key, value), lost) in keys().iter().zip(values).zip(&lost) {
            assert_eq!(value, (!lost).then(|| value_of(key)), "{key}");
        }
    };
    let read = both_ways(
        &store,
        |store| store.get_many(&keys()),
        async |store| store.aget_many(keys()).await,
    );
    read.into_iter().for_each(|values| found(values.unwrap()));

    let refused: Vec<_> = (0..60).filter(|n| lost[*n]).collect();
    let entries = || keys().into_iter().map(|key| (key.clone(), value_of(&key)));
    let written = both_ways(
        &store,
        |store| store.set_many(entries().collect(), None),
        async |store| store.aset_many(entries().collect(), None).await,
    );
    assert_eq!(written.map(Result::unwrap), [refused.clone(), refused]);
    store.delete_many(&keys()).unwrap();
    assert_eq!(context.counters().faults(), 5);
    assert!(store.clear().is_err(), "not even a part is passed over");
}
