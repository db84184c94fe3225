//! What a Django site has on the server: the suite, and what goes over the wire.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use cachemere_base::{
    Backend, BoxFuture, Codec, Compression, Context, ErrorKind, Format, Key, Open, Settings, Value,
    contract::Fixture,
};
use cachemere_memcached::{Memcached, Options};
use cachemere_servers::Memcached as Server;
use tokio::runtime::Runtime;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

fn open(server: &Server) -> Arc<dyn Backend> {
    let settings = Settings::new("default", "memcached")
        .with_location([server.address()])
        .with_codec(Codec::Pickle);
    Memcached::open_django(&settings, Options::default(), &Context::default()).unwrap()
}

struct Shared {
    store: Arc<dyn Backend>,
    server: Server,
}

impl Fixture for Shared {
    fn open(_: Settings) -> Self {
        let server = Server::start();
        let store = open(&server);
        Self { store, server }
    }

    fn backend(&self) -> Arc<dyn Backend> {
        Arc::clone(&self.store)
    }

    fn another(&self) -> Arc<dyn Backend> {
        open(&self.server)
    }

    fn advance(&self, by: Duration) {
        self.server.wait(by + Duration::from_millis(150));
    }

    fn tick(&self) -> Option<Duration> {
        Some(Duration::from_secs(2))
    }

    fn culls(&self) -> bool {
        false
    }

    fn formats(&self) -> Vec<Format> {
        vec![Format::RAW]
    }

    fn block_on(&self, future: BoxFuture<'_, ()>) {
        RUNTIME.block_on(future);
    }
}

cachemere_base::contract!(Shared);

fn pickle(data: &'static [u8]) -> Value {
    Value::Bytes {
        format: Format::new(Codec::Pickle, Compression::None),
        data: data.into(),
    }
}

#[test]
fn flags_say_what_a_value_is() {
    let server = Server::start();
    let cache = open(&server);
    for (value, line) in [
        (Value::Int(-42), "VALUE k 2 3\r\n-42"),
        (Value::raw("ab"), "VALUE k 0 2\r\nab"),
        (pickle(b"\x80\x05\x8c\x02ab\x94."), "VALUE k 16 2\r\nab"),
        (pickle(b"\x80\x05]\x94."), "VALUE k 1 5\r\n"),
    ] {
        cache.set(&Key::new("k"), value.clone(), None).unwrap();
        assert!(server.raw("get k", "END").contains(line), "{line}");
    }
}

#[test]
fn counters_of_both_sides_are_one() {
    let server = Server::start();
    let cache = open(&server);
    let key = Key::new("hits");
    let _ = server.raw("set hits 2 0 2\r\n10", "STORED");
    let _ = server.raw("decr hits 1", "9");
    assert_eq!(cache.incr(&key, 2).unwrap(), Some(11));
    assert!(server.raw("incr hits 5", "16").starts_with("16"));
    assert_eq!(cache.incr(&key, -20).unwrap(), Some(-4));
    assert!(
        server
            .raw("get hits", "END")
            .contains("VALUE hits 2 2\r\n-4")
    );
}

#[test]
fn an_integer_past_64_bits_is_read_and_not_counted() {
    let server = Server::start();
    let cache = open(&server);
    let key = Key::new("big");
    let _ = server.raw("set big 2 0 20\r\n18446744073709551615", "STORED");
    let found = cache.get(&key).unwrap();
    assert!(matches!(found, Some(Value::Bytes { .. })), "{found:?}");
    assert_eq!(
        cache.incr(&key, 1).unwrap_err().kind(),
        ErrorKind::NotAnInteger
    );
    cache.set(&key, found.unwrap(), None).unwrap();
    assert!(
        server
            .raw("get big", "END")
            .contains("VALUE big 2 20\r\n18446744073709551615")
    );
}

#[test]
fn what_cannot_be_read_stays_where_it_is() {
    let server = Server::start();
    let cache = open(&server);
    for flags in [1, 2, 4, 64, 3_402_891_264_u32] {
        let _ = server.raw(&format!("set k {flags} 0 3\r\nabc"), "STORED");
        assert!(cache.has_key(&Key::new("k")).unwrap());
        assert!(cache.get(&Key::new("k")).unwrap().is_some());
        assert_eq!(server.stat("curr_items"), 1);
    }
}
