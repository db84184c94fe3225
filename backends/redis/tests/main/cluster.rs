//! Clusters, and leaders that sentinels know.

use std::sync::Arc;

use cachemere_base::{Backend, Context, Key, Open, Store, Value};
use cachemere_redis::{Options, Redis};
use cachemere_servers::{
    Load, Redis as Server, belongs, cluster, cluster_with_replicas, key, sentinels, until, value,
};

use crate::{
    place::{block_on, open, settings},
    replicas::calls,
};

fn on_cluster(nodes: &[Server]) -> Redis {
    open(&[nodes[0].url()], |options| {
        options.mode = Some("cluster".into())
    })
}

#[test]
fn keys_are_spread_over_all_leaders() {
    let nodes = cluster();
    let cache = on_cluster(&nodes);
    let keys: Vec<_> = (0..300).map(key).collect();
    let entries = keys
        .iter()
        .map(|key| (key.clone(), value(key, 1)))
        .collect();
    assert!(cache.set_many(entries, None).unwrap().is_empty());
    for (key, found) in keys.iter().zip(cache.get_many(&keys).unwrap()) {
        assert!(belongs(key, &found.unwrap()));
    }
    let sizes: Vec<u32> = nodes
        .iter()
        .map(|node| node.ask(&["DBSIZE"]).parse().unwrap())
        .collect();
    assert!(sizes.iter().all(|size| *size > 50), "{sizes:?}");
    assert_eq!(sizes.iter().sum::<u32>(), 300);
    cache.delete_many(&keys[..299]).unwrap();
    assert!(cache.has_key(&keys[299]).unwrap());
    cache.clear().unwrap();
    assert!(nodes.iter().all(|node| node.ask(&["DBSIZE"]) == "0"));
    assert_eq!(cache.servers().unwrap().len(), 3);
}

#[test]
fn a_slot_that_moves_is_followed() {
    let nodes = cluster();
    let cache = on_cluster(&nodes);
    let key = Key::new("user:1");
    cache.set(&key, Value::Int(1), None).unwrap();
    let slot = nodes[0].ask(&["CLUSTER", "KEYSLOT", &key]);
    let id = |node: &Server| node.ask(&["CLUSTER", "MYID"]);
    let from = nodes
        .iter()
        .position(|node| node.ask(&["EXISTS", &key]) == "1")
        .unwrap();
    let to = (from + 1) % 3;
    let (source, target) = (&nodes[from], &nodes[to]);
    assert_eq!(
        target.ask(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &id(source)]),
        "OK"
    );
    assert_eq!(
        source.ask(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &id(target)]),
        "OK"
    );
    // in between: what is still here is read here, what is not is asked for there
    assert_eq!(cache.incr(&key, 1).unwrap(), Some(2));
    let port = target.port().to_string();
    assert_eq!(
        source.ask(&["MIGRATE", "127.0.0.1", &port, &key, "0", "5000"]),
        "OK"
    );
    assert_eq!(cache.incr(&key, 1).unwrap(), Some(3));
    assert_eq!(
        cache.get_many(std::slice::from_ref(&key)).unwrap(),
        [Some(Value::Int(3))]
    );
    for node in &nodes {
        assert_eq!(
            node.ask(&["CLUSTER", "SETSLOT", &slot, "NODE", &id(target)]),
            "OK"
        );
    }
    assert_eq!(cache.incr(&key, 1).unwrap(), Some(4));
    assert_eq!(target.ask(&["GET", &key]), "4");
}

#[test]
fn many_keys_of_a_slot_that_moves_are_followed() {
    let nodes = cluster();
    let cache = on_cluster(&nodes);
    let keys: Vec<_> = (0..20)
        .map(|number| Key::new(&format!("{{tag}}:{number}")))
        .collect();
    let entries = || -> Vec<_> {
        let entries = keys.iter().map(|key| (key.clone(), value(key, 1)));
        entries.collect()
    };
    cache.set_many(entries(), None).unwrap();
    let slot = nodes[0].ask(&["CLUSTER", "KEYSLOT", &keys[0]]);
    let id = |node: &Server| node.ask(&["CLUSTER", "MYID"]);
    let from = nodes
        .iter()
        .position(|node| node.ask(&["EXISTS", &keys[0]]) == "1")
        .unwrap();
    let (source, target) = (&nodes[from], &nodes[(from + 1) % 3]);
    assert_eq!(
        target.ask(&["CLUSTER", "SETSLOT", &slot, "IMPORTING", &id(source)]),
        "OK"
    );
    assert_eq!(
        source.ask(&["CLUSTER", "SETSLOT", &slot, "MIGRATING", &id(target)]),
        "OK"
    );
    let port = target.port().to_string();
    for key in &keys[..10] {
        let moved = source.ask(&["MIGRATE", "127.0.0.1", &port, key, "0", "5000"]);
        assert_eq!(moved, "OK");
    }
    let found = cache.get_many(&keys).unwrap();
    for (key, found) in keys.iter().zip(found) {
        assert!(belongs(key, &found.unwrap()));
    }
    assert!(cache.set_many(entries(), None).unwrap().is_empty());
    cache.delete_many(&keys).unwrap();
    for key in &keys {
        assert_eq!(cache.get(key).unwrap(), None);
    }
}

#[test]
fn a_leader_that_is_gone_is_an_error_for_its_slots_alone() {
    // the last, and the one that LOCATION names
    for gone in [2, 0] {
        only_the_slots_of_the_one_that_is_gone_fail(gone);
    }
}

fn only_the_slots_of_the_one_that_is_gone_fail(gone: usize) {
    let mut nodes = cluster();
    let cache = on_cluster(&nodes);
    for node in &nodes {
        assert_eq!(
            node.ask(&["CONFIG", "SET", "cluster-require-full-coverage", "no"]),
            "OK"
        );
    }
    let keys: Vec<_> = (0..30).map(key).collect();
    for key in &keys {
        cache.set(key, value(key, 1), None).unwrap();
    }
    let of_the_one: usize = nodes[gone].ask(&["DBSIZE"]).parse().unwrap();
    nodes[gone].server().kill();
    let outcomes: Vec<_> = keys.iter().map(|key| (key, cache.get(key))).collect();
    let failed = outcomes
        .iter()
        .filter(|(_, outcome)| outcome.is_err())
        .count();
    assert!((1..30).contains(&failed), "{failed} of 30 failed");
    assert_eq!(failed, of_the_one);
    for (key, outcome) in outcomes {
        match outcome {
            Ok(found) => assert!(belongs(key, &found.unwrap())),
            Err(error) => assert!(
                error
                    .message()
                    .ends_with(&format!("({})", nodes[gone].address())),
                "{error}"
            ),
        }
    }
}

#[test]
fn the_keys_of_a_leader_that_is_gone_are_missed_and_the_others_found_where_a_fault_is_a_miss() {
    the_keys_of_the_third_are_missed(|nodes| nodes[2].server().kill());
}

#[test]
fn the_keys_of_a_leader_that_refuses_are_missed_and_the_others_found_where_a_fault_is_a_miss() {
    the_keys_of_the_third_are_missed(|nodes| {
        let answer = nodes[2].ask(&["ACL", "SETUSER", "default", "-mget"]);
        assert_eq!(answer, "OK");
    });
}

#[test]
fn the_keys_of_a_leader_that_stands_still_are_missed_in_time_where_a_fault_is_a_miss() {
    the_keys_of_the_third_are_missed(|nodes| nodes[2].stop());
}

fn the_keys_of_the_third_are_missed(when: impl FnOnce(&mut [Server])) {
    let mut nodes = cluster();
    for node in &nodes {
        let order = ["CONFIG", "SET", "cluster-require-full-coverage", "no"];
        assert_eq!(node.ask(&order), "OK");
    }
    let mut options = Options::default();
    options.mode = Some("cluster".into());
    let settings = settings(&[nodes[0].url()]).with_forgiveness(true);
    let context = Context::default();
    let cache = Arc::new(Redis::open(&settings, options, &context).unwrap());
    let keys: Vec<_> = (0..30).map(key).collect();
    for key in &keys {
        cache.set(key, value(key, 1), None).unwrap();
    }
    let of_the_one: usize = nodes[2].ask(&["DBSIZE"]).parse().unwrap();
    when(&mut nodes);
    let faults = || context.counters().faults();
    let found = cache.get_many(&keys).unwrap();
    assert_eq!(faults(), 1);
    let store = Store::new(Arc::clone(&cache) as Arc<dyn Backend>);
    block_on(Box::pin(async {
        assert_eq!(store.aget_many(keys.clone()).await.unwrap(), found);
    }));
    assert_eq!(faults(), 2);
    let missed = found.iter().filter(|found| found.is_none()).count();
    assert_eq!(missed, of_the_one);
    assert!((1..30).contains(&missed), "{missed} of 30");
    for (key, found) in keys.iter().zip(found) {
        assert!(found.is_none_or(|found| belongs(key, &found)));
    }
}

#[test]
fn a_replica_that_takes_over_is_found_by_threads() {
    a_replica_takes_over_under(Load::blocking);
}

#[test]
fn a_replica_that_takes_over_is_found_by_tasks() {
    a_replica_takes_over_under(Load::asynchronous);
}

fn a_replica_takes_over_under(load: fn(&Arc<Redis>) -> Load) {
    let mut nodes = cluster_with_replicas();
    let cache = Arc::new(on_cluster(&nodes));
    let load = load(&cache);
    load.go_on_for(500);
    // the one that LOCATION names
    nodes[0].server().kill();
    load.wait_for_errors();
    until("its replica leads", || nodes[3].info("role") == "master");
    let keys: Vec<_> = (0..60).map(key).collect();
    until("every key can be written", || {
        let write = |key: &Key| cache.set(key, value(key, 1), None);
        keys.iter().all(|key| write(key).is_ok())
    });
    load.go_on_for(500);
    load.end();
    for (key, found) in keys.iter().zip(cache.get_many(&keys).unwrap()) {
        assert!(belongs(key, &found.unwrap()));
    }
    assert_eq!(cache.servers().unwrap().len(), 3);
}

#[test]
fn who_only_reads_does_not_stay_with_a_leader_that_was_demoted() {
    let (servers, processes) = sentinels("cache");
    let urls: Vec<_> = processes
        .iter()
        .map(|process| format!("redis://127.0.0.1:{}", process.port()))
        .collect();
    let cache = Arc::new(open(&urls, |options| {
        options.mode = Some("sentinel".into());
        options.service_name = Some("cache".into());
    }));
    let store = Store::new(Arc::clone(&cache) as Arc<dyn Backend>);
    let read = || {
        let blocking = cache.get(&key(1));
        let mut asynchronous = None;
        block_on(Box::pin(async {
            asynchronous = Some(store.aget(key(1)).await);
        }));
        [blocking, asynchronous.unwrap()]
    };
    assert!(read().iter().all(Result::is_ok));
    cachemere_servers::fail_over(&processes[0], "cache");
    until("the other one leads", || {
        servers[1].info("role") == "master"
    });
    // what the sentinels say to the old one, up to ten seconds later
    let port = servers[1].port().to_string();
    let demoted = servers[0].ask_all(&[
        &["REPLICAOF", "127.0.0.1", &port],
        &["CLIENT", "KILL", "TYPE", "normal"],
    ]);
    assert!(demoted[0].starts_with("OK"), "{demoted:?}");
    until("the sentinels know it", || read().iter().all(Result::is_ok));
    for server in &servers {
        assert_eq!(server.ask(&["CONFIG", "RESETSTAT"]), "OK");
    }
    assert!(read().iter().all(Result::is_ok));
    assert_eq!([0, 1].map(|n| calls(&servers[n], "get")), [0, 2]);
}

#[test]
fn a_new_leader_is_found_when_the_old_one_is_gone() {
    let (mut servers, processes) = sentinels("cache");
    let urls: Vec<_> = processes
        .iter()
        .map(|process| format!("redis://127.0.0.1:{}", process.port()))
        .collect();
    let cache = open(&urls, |options| {
        options.mode = Some("sentinel".into());
        options.service_name = Some("cache".into());
    });
    cache.set(&key(1), Value::Int(1), None).unwrap();
    until("the replica has it", || {
        servers[1].ask(&["EXISTS", "user:1"]) == "1"
    });
    servers[0].server().kill();
    until("another leads", || cache.incr(&key(1), 1).is_ok());
    assert_eq!(servers[1].info("role"), "master");
    assert!(cache.get(&key(1)).unwrap().is_some());
}

#[test]
fn a_leader_that_the_sentinels_do_not_know_is_an_error() {
    let (_servers, processes) = sentinels("cache");
    let cache = open(
        &[format!("redis://127.0.0.1:{}", processes[0].port())],
        |options| {
            options.mode = Some("sentinel".into());
            options.service_name = Some("other".into());
        },
    );
    let error = cache.get(&key(1)).unwrap_err();
    let port = processes[0].port();
    assert_eq!(
        error.message(),
        format!("no leader is called `other` (127.0.0.1:{port})")
    );
}
