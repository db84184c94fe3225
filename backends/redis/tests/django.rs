//! What a Django site has on the server: the suite, and what goes over the wire.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use cachemere_base::{
    Backend, BoxFuture, Codec, Compression, Context, Error, Format, Key, Open, Settings, Value,
    Wait, contract::Fixture,
};
use cachemere_redis::{Options, Redis};
use cachemere_servers::Redis as Server;
use tokio::runtime::Runtime;

static SERVER: LazyLock<Server> = LazyLock::new(Server::start);
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

fn try_open(server: &Server, codec: Codec, db: u32) -> Result<Arc<dyn Backend>, Error> {
    let settings = Settings::new("default", "redis")
        .with_location([server.url()])
        .with_codec(codec);
    let mut options = Options::default();
    options.db = Some(db.into());
    options.socket_timeout = Wait::seconds(10);
    options.socket_connect_timeout = Wait::seconds(10);
    Redis::open_django(&settings, options, &Context::default())
}

fn open(server: &Server, codec: Codec) -> Arc<dyn Backend> {
    try_open(server, codec, 0).unwrap()
}

struct Shared {
    db: u32,
    store: Arc<dyn Backend>,
}

impl Fixture for Shared {
    fn open(_: Settings) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let db = NEXT.fetch_add(1, Ordering::Relaxed);
        let store = try_open(&SERVER, Codec::Pickle, db).unwrap();
        Self { db, store }
    }

    fn backend(&self) -> Arc<dyn Backend> {
        Arc::clone(&self.store)
    }

    fn another(&self) -> Arc<dyn Backend> {
        try_open(&SERVER, Codec::Pickle, self.db).unwrap()
    }

    fn advance(&self, by: Duration) {
        thread::sleep(by);
    }

    fn tick(&self) -> Option<Duration> {
        Some(Duration::from_millis(500))
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

#[test]
fn an_integer_is_decimal_and_everything_else_is_a_pickle() {
    let server = Server::start();
    let cache = open(&server, Codec::Pickle);
    let key = Key::new(":1:k");
    cache.set(&key, Value::Int(42), None).unwrap();
    assert_eq!(server.ask(&["GET", ":1:k"]), "42");
    let pickled = Value::Bytes {
        format: Format::new(Codec::Pickle, Compression::None),
        data: b"\x80\x05N.".to_vec().into(),
    };
    cache.set(&key, pickled.clone(), None).unwrap();
    assert_eq!(server.ask(&["STRLEN", ":1:k"]), "4");
    assert_eq!(cache.get(&key).unwrap(), Some(pickled));
}

#[test]
fn what_cannot_be_read_stays_where_it_is() {
    let server = Server::start();
    let cache = open(&server, Codec::Pickle);
    for foreign in ["", "hello", "1.5"] {
        assert_eq!(server.ask(&["SET", "k", foreign]), "OK");
        assert!(cache.get(&Key::new("k")).unwrap().is_some(), "{foreign:?}");
        assert_eq!(server.ask(&["EXISTS", "k"]), "1", "{foreign:?}");
    }
}

#[test]
fn what_django_redis_compressed_says_so() {
    let server = Server::start();
    let cache = open(&server, Codec::Json);
    for (start, compression) in [
        ("x\u{1}abc", Compression::Zlib),
        ("{\"a\": 1}", Compression::None),
    ] {
        assert_eq!(server.ask(&["SET", "k", start]), "OK");
        let Some(Value::Bytes { format, .. }) = cache.get(&Key::new("k")).unwrap() else {
            panic!("not bytes");
        };
        assert_eq!(format, Format::new(Codec::Json, compression));
    }
}

#[test]
fn postcard_is_refused() {
    let error = try_open(&SERVER, Codec::Postcard, 0).unwrap_err();
    assert_eq!(error.setting_path(), Some("OPTIONS.SERIALIZER"));
}
