use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use cachemere_base::{Backend, BoxFuture, Settings};
use cachemere_servers::{Certificate, Redis as Server, Server as Process, replicas, sentinels};

use crate::place::{Remote, remote};

static SINGLE: LazyLock<Server> = LazyLock::new(Server::start);
static REPLICATED: LazyLock<Vec<Server>> = LazyLock::new(|| replicas(2));
static GUARDED: LazyLock<Server> = LazyLock::new(|| Server::with_user("app", "s3cret,;/?:@"));
static WATCHED: LazyLock<(Vec<Server>, Vec<Process>)> = LazyLock::new(|| sentinels("cache"));

static ENCRYPTED: LazyLock<(Certificate, Server, u16)> = LazyLock::new(|| {
    let certificate = Certificate::new();
    let (server, port) = Server::with_tls(&certificate);
    (certificate, server, port)
});

remote! {
    single: Remote::new(vec![SINGLE.url()], |_| ()), || ();
    resp3: Remote::new(vec![SINGLE.url()], |options| options.protocol = Some(3)), || ();
    socket: Remote::new(vec![format!("unix://{}", SINGLE.socket().display())], |_| ()), || ();
    replicated: Remote::new(REPLICATED.iter().map(Server::url).collect(), |_| ()), || settle(&REPLICATED);
    acl_user: Remote::new(vec![GUARDED.url()], |options| {
        options.username = Some("app".into());
        options.password = Some("s3cret,;/?:@".into());
    }), || ();
    sentinel: Remote::new(WATCHED.1.iter().map(sentinel).collect(), |options| {
        options.mode = Some("sentinel".into());
        options.service_name = Some("cache".into());
    }), || ();
    tls: Remote::new(vec![format!("rediss://localhost:{}", ENCRYPTED.2)], |options| {
        options.ssl_ca_certs = Some(ENCRYPTED.0.cert().display().to_string());
    }), || ();
    cluster: Remote::on_cluster(), || ();
}

fn sentinel(process: &Process) -> String {
    format!("redis://127.0.0.1:{}", process.port())
}

/// Waits until the replicas have what the leader has.
fn settle(servers: &[Server]) {
    let replicas = (servers.len() - 1).to_string();
    let replies = servers[0].ask_all(&[&["SET", "settled", "1"], &["WAIT", &replicas, "5000"]]);
    assert_eq!(replies, ["OK", &replicas]);
}
