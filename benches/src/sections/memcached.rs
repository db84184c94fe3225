//! memcached beside the bare client.

use std::hint::black_box;

use cachemere::Caches;
use cachemere_benches::{
    bench::Bench,
    result::{Aim, Row},
    workload::{BYTES, final_key},
};
use cachemere_servers::Memcached;
use memcache::exp::{AsyncMetaClient, Get, MetaClient, Set, Ttl};

use super::{
    Section,
    verbs::{Answer, Awaited, Bare, Blocking, LIFETIME, TASKS, Verb, awaited, blocking},
};

const NOTE: &str = "\
A server on the same machine, 10⁴ keys, 100 raw bytes each. The peer is the crate `memcache` by its faster half, \
`exp::MetaClient`, which its documentation says work focuses on, with batches where there are many keys.";

pub(super) const SECTION: Section = Section {
    name: "memcached",
    title: "memcached",
    note: NOTE,
    rows,
};

fn rows(bench: &Bench) -> Vec<Row> {
    let server = Memcached::start();
    let file = format!(
        "[CACHES.default]\nBACKEND = 'memcached'\nLOCATION = '{}'\nKEY_PREFIX = 'site'\n",
        server.address()
    );
    let caches = Caches::from_toml(&file).expect("the file is right");
    let address = server.address();
    let bare = Bare {
        name: "`memcache`",
        verbs: &Verb::ALL,
        aim: |_| Some(Aim::AtLeast(0.95)),
    };
    let client = || MetaClient::connect(address.as_str()).expect("the server is there");
    let mut rows = blocking(bench, &caches, bare, client, |_| Vec::new());
    rows.extend(awaited(bench, &caches, bare, async {
        // a connection for each task: by default most would be closed after each call
        let client = AsyncMetaClient::builder().max_idle(TASKS as usize);
        let client = client.connect_async(address.as_str()).await;
        client.expect("the server is there")
    }));
    rows
}

impl Blocking for MetaClient {
    fn call(&mut self, verb: Verb, keys: &[&str]) {
        match verb {
            Verb::Get => {
                let found = self.run(Get::new(final_key(keys[0]))).expect("it works");
                black_box(found.value.expect("it is there"));
            }
            Verb::Set => drop(self.run(setting(keys[0])).expect("it works")),
            Verb::GetMany => {
                let found = self.run_many(keys.iter().map(|key| Get::new(final_key(key))));
                black_box(found.expect("it works"));
            }
            Verb::SetMany => {
                let set = self.run_many(keys.iter().map(|key| setting(key)));
                black_box(set.expect("it works"));
            }
            Verb::Incr => {
                let sum = self.increment(final_key(keys[0])).send();
                black_box(sum.expect("it works"));
            }
        }
    }
}

impl Awaited for AsyncMetaClient {
    fn start(&self, verb: Verb, keys: &[&str]) -> Answer {
        let client = self.clone();
        match verb {
            Verb::Get => {
                let get = Get::new(final_key(keys[0]));
                Box::pin(async move {
                    let found = client.run(get).await.expect("it works");
                    black_box(found.value.expect("it is there"));
                })
            }
            Verb::Set => {
                let set = setting(keys[0]);
                Box::pin(async move { drop(client.run(set).await.expect("it works")) })
            }
            Verb::GetMany => {
                let gets: Vec<_> = keys.iter().map(|key| Get::new(final_key(key))).collect();
                Box::pin(async move {
                    black_box(client.run_many(gets).await.expect("it works"));
                })
            }
            Verb::SetMany => {
                let sets: Vec<_> = keys.iter().map(|key| setting(key)).collect();
                Box::pin(async move {
                    black_box(client.run_many(sets).await.expect("it works"));
                })
            }
            Verb::Incr => {
                let key = final_key(keys[0]);
                Box::pin(async move {
                    black_box(client.increment(key).send().await.expect("it works"));
                })
            }
        }
    }
}

fn setting(key: &str) -> Set {
    Set::new(final_key(key), BYTES).ttl(Ttl::secs(LIFETIME as u32))
}
