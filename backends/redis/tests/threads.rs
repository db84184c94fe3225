//! Which threads are started: counted in a process of its own.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{fs, sync::Arc};

use cachemere_base::{Context, Key, Open, Settings, Store, Value};
use cachemere_redis::{Options, Redis};
use cachemere_servers::Redis as Server;

fn threads() -> usize {
    fs::read_dir("/proc/self/task").unwrap().count()
}

#[test]
fn sixty_four_tasks_on_a_current_thread_runtime_start_no_thread() {
    let server = Server::start();
    let settings = Settings::new("default", "redis").with_location([server.url()]);
    let mut options = Options::default();
    options.client_name = Some("cache".into());
    let cache = Redis::open(&settings, options, &Context::default()).unwrap();
    let cache = Store::new(Arc::new(cache));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let before = threads();
    let work = |number| {
        let cache = cache.clone();
        async move {
            let key = Key::new(&format!("user:{number}"));
            for round in 0..20_i64 {
                cache
                    .aset(key.clone(), Value::Int(number + round), None)
                    .await
                    .unwrap();
                assert_eq!(
                    cache.aget(key.clone()).await.unwrap(),
                    Some(Value::Int(number + round))
                );
            }
        }
    };
    runtime.block_on(async {
        let tasks: Vec<_> = (0..64_i64)
            .map(|number| tokio::spawn(work(number)))
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!(threads(), before);
    let clients = server.ask(&["CLIENT", "LIST"]);
    assert_eq!(
        clients
            .lines()
            .filter(|line| line.contains(" name=cache "))
            .count(),
        1
    );
}
