//! What only a process of its own can tell: it has one test, so that the threads it counts are its own.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{fs, sync::Arc};

use cachemere_base::{Backend, Context, Key, Open, Settings, Store, Value};
use cachemere_memcached::{Memcached, Options};
use cachemere_servers::Memcached as Server;

fn threads() -> usize {
    fs::read_dir("/proc/self/task").unwrap().count()
}

#[test]
fn sixty_four_tasks_on_a_current_thread_runtime_start_no_thread() {
    let server = Server::start();
    let settings = Settings::new("default", "memcached").with_location([server.address()]);
    let store = Memcached::open(&settings, Options::default(), &Context::default()).unwrap();
    let store: Arc<dyn Backend> = Arc::new(store);
    let before = threads();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..64)
            .map(|n| {
                let store = Store::new(Arc::clone(&store));
                tokio::spawn(async move {
                    let key = Key::new(&format!("key{n}"));
                    for round in 0..20 {
                        store
                            .aset(key.clone(), Value::Int(round), None)
                            .await
                            .unwrap();
                        assert_eq!(
                            store.aget(key.clone()).await.unwrap(),
                            Some(Value::Int(round))
                        );
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!(threads(), before);
}
