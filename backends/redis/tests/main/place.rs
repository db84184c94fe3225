use std::{
    cell::Cell,
    sync::{
        Arc, Condvar, LazyLock, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

use cachemere_base::{Backend, BoxFuture, Context, Open, Settings, Wait};
use cachemere_redis::{Options, Redis};
use cachemere_servers::{Redis as Server, cluster};
use tokio::runtime::Runtime;

/// One for the whole suite: what belongs to a runtime must not end with a test.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

pub(crate) fn block_on(future: BoxFuture<'_, ()>) {
    RUNTIME.block_on(future);
}

/// A number of a database that no other test of this process uses.
pub(crate) fn database() -> i64 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    assert!(next < 16_384, "all databases are used");
    next.into()
}

pub(crate) fn settings(urls: &[String]) -> Settings {
    Settings::new("default", "redis").with_location(urls)
}

/// A cache on these servers.
pub(crate) fn open(urls: &[String], change: impl FnOnce(&mut Options)) -> Redis {
    let mut options = Options::default();
    change(&mut options);
    Redis::open(&settings(urls), options, &Context::default()).unwrap()
}

/// A store of the suite: a database of its own on servers that its tests share.
pub(crate) struct Remote {
    urls: Vec<String>,
    change: fn(&mut Options),
    db: i64,
    store: Arc<Redis>,
    /// Where databases cannot be told apart, the servers are.
    _lease: Option<Lease>,
}

impl Remote {
    pub(crate) fn new(urls: Vec<String>, change: fn(&mut Options)) -> Self {
        let db = database();
        let store = Arc::new(Self::store(&urls, change, db));
        Self {
            urls,
            change,
            db,
            store,
            _lease: None,
        }
    }

    pub(crate) fn on_cluster() -> Self {
        let lease = Lease::take();
        let urls: Vec<_> = lease.nodes().iter().map(Server::url).collect();
        let change = |options: &mut Options| options.mode = Some("cluster".into());
        let store = Arc::new(Self::store(&urls, change, 0));
        Self {
            urls,
            change,
            db: 0,
            store,
            _lease: Some(lease),
        }
    }

    fn store(urls: &[String], change: fn(&mut Options), db: i64) -> Redis {
        open(urls, |options| {
            options.db = Some(db);
            // the machine of the tests may be a busy one
            options.socket_timeout = Wait::seconds(10);
            options.socket_connect_timeout = Wait::seconds(10);
            options.max_connections = 8;
            change(options);
        })
    }

    pub(crate) fn backend(&self) -> Arc<dyn Backend> {
        Arc::clone(&self.store) as Arc<dyn Backend>
    }

    pub(crate) fn another(&self) -> Arc<dyn Backend> {
        Arc::new(Self::store(&self.urls, self.change, self.db))
    }
}

/// A cluster that one fixture has for itself.
///
/// There are few: tests wait for one, but a test that has one already is given another.
struct Lease {
    nodes: Option<Vec<Server>>,
    is_first: bool,
}

const MOST_TESTS: usize = 2;

static FREE: Mutex<(Vec<Vec<Server>>, usize)> = Mutex::new((Vec::new(), 0));
static RETURNED: Condvar = Condvar::new();

thread_local! {
    static TAKEN: Cell<usize> = const { Cell::new(0) };
}

impl Lease {
    fn take() -> Self {
        let is_first = TAKEN.replace(TAKEN.get() + 1) == 0;
        let mut free = FREE.lock().unwrap();
        if is_first {
            free = RETURNED
                .wait_while(free, |(_, tests)| *tests == MOST_TESTS)
                .unwrap();
            free.1 += 1;
        }
        let kept = free.0.pop();
        drop(free);
        let nodes = kept.unwrap_or_else(cluster);
        for node in &nodes {
            assert_eq!(node.ask(&["FLUSHALL"]), "OK");
        }
        Self {
            nodes: Some(nodes),
            is_first,
        }
    }

    fn nodes(&self) -> &[Server] {
        self.nodes.as_deref().unwrap()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut free = FREE.lock().unwrap();
        free.0.extend(self.nodes.take());
        if self.is_first {
            free.1 -= 1;
        }
        TAKEN.set(TAKEN.get() - 1);
        RETURNED.notify_one();
    }
}

/// Writes the fixture of a store behind a server, and its tests.
macro_rules! remote {
    ($($name:ident: $open:expr, $settle:expr;)*) => {$(
        mod $name {
            use super::*;

            struct Fixture(crate::place::Remote);

            impl cachemere_base::contract::Fixture for Fixture {
                fn open(_: Settings) -> Self {
                    Self($open)
                }

                fn backend(&self) -> Arc<dyn Backend> {
                    self.0.backend()
                }

                fn another(&self) -> Arc<dyn Backend> {
                    self.0.another()
                }

                fn advance(&self, by: Duration) {
                    std::thread::sleep(by);
                }

                fn tick(&self) -> Option<Duration> {
                    Some(Duration::from_millis(250))
                }

                fn culls(&self) -> bool {
                    false
                }

                fn settle(&self) {
                    let settle: fn() = $settle;
                    settle();
                }

                fn block_on(&self, future: BoxFuture<'_, ()>) {
                    crate::place::block_on(future);
                }
            }

            cachemere_base::contract!(Fixture);
        }
    )*};
}

pub(crate) use remote;
