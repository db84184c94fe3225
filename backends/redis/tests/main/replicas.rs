//! A leader and its replicas.

use cachemere_base::{Backend, Key, Value};
use cachemere_servers::{Redis as Server, replicas, until};

use crate::place::open;

fn key() -> Key {
    Key::new("user:1")
}

pub(crate) fn calls(server: &Server, command: &str) -> u64 {
    let stats = server.ask(&["INFO", "commandstats"]);
    let prefix = format!("cmdstat_{command}:calls=");
    let line = stats.lines().find_map(|line| line.strip_prefix(&prefix));
    line.map_or(0, |line| line.split(',').next().unwrap().parse().unwrap())
}

#[test]
fn reads_go_to_every_replica_and_writes_to_the_leader() {
    let servers = replicas(2);
    let urls: Vec<_> = servers.iter().map(Server::url).collect();
    let cache = open(&[urls.join(";")], |_| ());
    cache.set(&key(), Value::Int(1), None).unwrap();
    until("the replicas have it", || {
        servers
            .iter()
            .all(|server| server.ask(&["EXISTS", "user:1"]) == "1")
    });
    for _ in 0..60 {
        assert_eq!(cache.get(&key()).unwrap(), Some(Value::Int(1)));
    }
    assert_eq!(calls(&servers[0], "get"), 0);
    assert!(calls(&servers[1], "get") > 5 && calls(&servers[2], "get") > 5);
    cache.get_for_update(&key()).unwrap();
    cache.get_with_ttl(&key()).unwrap();
    assert_eq!(calls(&servers[0], "get"), 2);
}

#[test]
fn a_replica_that_is_gone_is_read_past() {
    let mut servers = replicas(2);
    let urls: Vec<_> = servers.iter().map(Server::url).collect();
    let cache = open(&urls, |_| ());
    cache.set(&key(), Value::Int(1), None).unwrap();
    until("the replicas have it", || {
        servers
            .iter()
            .all(|server| server.ask(&["EXISTS", "user:1"]) == "1")
    });
    servers[1].server().kill();
    for _ in 0..20 {
        assert_eq!(cache.get(&key()).unwrap(), Some(Value::Int(1)));
    }
    servers[2].server().kill();
    for _ in 0..20 {
        assert_eq!(cache.get(&key()).unwrap(), Some(Value::Int(1)));
    }
}

#[test]
fn every_server_is_told_of() {
    let servers = replicas(1);
    let urls: Vec<_> = servers.iter().map(Server::url).collect();
    let version = servers[0].info("redis_version");
    let told: Vec<_> = servers
        .iter()
        .map(|server| format!("redis {version} at {}", server.address()))
        .collect();
    assert_eq!(open(&urls, |_| ()).servers().unwrap(), told);
}
