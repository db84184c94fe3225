//! redis beside the bare client.

use std::hint::black_box;

use cachemere::Caches;
use cachemere_benches::{
    bench::Bench,
    result::{Aim, Row},
    workload::{BYTES, final_key},
};
use cachemere_servers::Redis;
use redis::{AsyncCommands, Client, Commands, Connection, aio::MultiplexedConnection, pipe};

use super::{
    Section,
    verbs::{Answer, Awaited, Bare, Blocking, LIFETIME, Verb, awaited, blocking},
};

const NOTE: &str = "\
A server on the same machine, 10⁴ keys, 100 raw bytes each. The peer is the crate `redis`, which this library does not add \
a round trip to: one connection where calls wait, one multiplexed connection where 64 tasks await; MGET, a pipeline of SET, \
and INCRBY, which makes a key that is missing where `incr` says so.";

pub(super) const SECTION: Section = Section {
    name: "redis",
    title: "redis",
    note: NOTE,
    rows,
};

fn rows(bench: &Bench) -> Vec<Row> {
    let server = Redis::start();
    let file = format!(
        "[CACHES.default]\nBACKEND = 'redis'\nLOCATION = '{}'\nKEY_PREFIX = 'site'\n",
        server.url()
    );
    let caches = Caches::from_toml(&file).expect("the file is right");
    let client = Client::open(server.url()).expect("the URL is right");
    let bare = Bare {
        name: "`redis`",
        verbs: &Verb::ALL,
        aim: |verb| Some(Aim::AtLeast(if verb == Verb::Incr { 0.75 } else { 0.95 })),
    };
    let connection = || client.get_connection().expect("the server is there");
    let mut rows = blocking(bench, &caches, bare, connection, |_| Vec::new());
    rows.extend(awaited(bench, &caches, bare, async {
        let connection = client.get_multiplexed_async_connection();
        connection.await.expect("the server is there")
    }));
    rows
}

impl Blocking for Connection {
    fn call(&mut self, verb: Verb, keys: &[&str]) {
        let keys = final_keys(keys);
        match verb {
            Verb::Get => {
                let found: Option<Vec<u8>> = Commands::get(self, &keys[0]).expect("it works");
                black_box(found.expect("it is there"));
            }
            Verb::Set => {
                let set = Commands::set_ex(self, &keys[0], &BYTES, LIFETIME);
                let () = set.expect("it works");
            }
            Verb::GetMany => {
                let found: Vec<Option<Vec<u8>>> = Commands::mget(self, &keys).expect("it works");
                black_box(found);
            }
            Verb::SetMany => {
                let () = setting(&keys).query(self).expect("it works");
            }
            Verb::Incr => {
                let sum: i64 = Commands::incr(self, &keys[0], 1).expect("it works");
                black_box(sum);
            }
        }
    }
}

impl Awaited for MultiplexedConnection {
    fn start(&self, verb: Verb, keys: &[&str]) -> Answer {
        let (mut connection, keys) = (self.clone(), final_keys(keys));
        match verb {
            Verb::Get => Box::pin(async move {
                let found = AsyncCommands::get(&mut connection, &keys[0]).await;
                let found: Option<Vec<u8>> = found.expect("it works");
                black_box(found.expect("it is there"));
            }),
            Verb::Set => Box::pin(async move {
                let set = AsyncCommands::set_ex(&mut connection, &keys[0], &BYTES, LIFETIME).await;
                let () = set.expect("it works");
            }),
            Verb::GetMany => Box::pin(async move {
                let found = AsyncCommands::mget(&mut connection, &keys).await;
                let found: Vec<Option<Vec<u8>>> = found.expect("it works");
                black_box(found);
            }),
            Verb::SetMany => Box::pin(async move {
                let set = setting(&keys).query_async(&mut connection).await;
                let () = set.expect("it works");
            }),
            Verb::Incr => Box::pin(async move {
                let sum = AsyncCommands::incr(&mut connection, &keys[0], 1).await;
                let sum: i64 = sum.expect("it works");
                black_box(sum);
            }),
        }
    }
}

fn final_keys(keys: &[&str]) -> Vec<String> {
    keys.iter().copied().map(final_key).collect()
}

/// All of the keys set in one round trip.
fn setting(keys: &[String]) -> redis::Pipeline {
    let mut pipeline = pipe();
    for key in keys {
        pipeline.set_ex(key, &BYTES, LIFETIME).ignore();
    }
    pipeline
}
