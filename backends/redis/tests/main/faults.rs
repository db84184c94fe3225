//! What servers refuse.

use std::sync::Arc;

use cachemere_base::{Backend, ErrorKind, Key, Store, Value};
use cachemere_servers::{Redis as Server, replicas};
use parking_lot::Mutex;

use crate::place::{block_on, open};

fn key() -> Key {
    Key::new("user:1")
}

#[test]
fn a_server_that_wants_a_password_says_so() {
    let server = Server::with_user("app", "s3cret");
    let error = open(&[server.url()], |_| ()).get(&key()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server);
    let message = error.message();
    assert!(
        message.starts_with("NOAUTH ") && message.ends_with(&format!("({})", server.address())),
        "{message}"
    );
}

#[test]
fn a_wrong_password_is_not_shown() {
    let server = Server::with_user("app", "s3cret");
    for protocol in [2, 3] {
        let cache = open(
            &[format!("redis://app:hunter2@{}", server.address())],
            |options| {
                options.protocol = Some(protocol);
            },
        );
        let error = cache.get(&key()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Server);
        assert!(error.message().starts_with("WRONGPASS "), "{error}");
        let shown = format!("{error} {error:?} {cache:?}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

#[test]
fn what_a_user_may_not_do_is_an_error() {
    let server = Server::start();
    assert_eq!(
        server.ask(&["ACL", "SETUSER", "reader", "on", ">pw", "~*", "+get"]),
        "OK"
    );
    let cache = open(&[format!("redis://reader:pw@{}", server.address())], |_| ());
    assert_eq!(cache.get(&key()).unwrap(), None);
    let error = cache.set(&key(), Value::Int(1), None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server);
    assert!(error.message().starts_with("NOPERM "), "{error}");
}

#[test]
fn a_database_that_is_not_there_is_an_error() {
    let server = Server::start();
    let error = open(&[server.url() + "/20000"], |_| ())
        .get(&key())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server);
    assert!(
        error.message().contains("DB index is out of range"),
        "{error}"
    );
}

#[test]
fn a_replica_refuses_writes() {
    let servers = replicas(1);
    let cache = open(&[servers[1].url()], |_| ());
    let error = cache.set(&key(), Value::Int(1), None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server);
    assert!(error.message().starts_with("READONLY "), "{error}");
    assert!(
        error
            .message()
            .ends_with(&format!("({})", servers[1].address())),
        "{error}"
    );
}

#[test]
fn a_server_without_room_refuses_and_the_old_value_is_gone() {
    let server = Server::start();
    let cache = open(&[server.url()], |_| ());
    cache.set(&key(), Value::raw("old"), None).unwrap();
    assert_eq!(server.ask(&["CONFIG", "SET", "maxmemory", "1"]), "OK");
    let error = cache.set(&key(), Value::raw("new"), None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server);
    assert!(error.message().starts_with("OOM "), "{error}");
    assert_eq!(cache.get(&key()).unwrap(), None);
    let error = cache
        .set_many(vec![(key(), Value::raw("new"))], None)
        .unwrap_err();
    assert!(error.message().starts_with("OOM "), "{error}");
    assert!(cache.add(&key(), Value::Int(1), None).is_err());
    assert_eq!(server.ask(&["CONFIG", "SET", "maxmemory", "0"]), "OK");
    cache.set(&key(), Value::raw("new"), None).unwrap();
    assert_eq!(cache.get(&key()).unwrap(), Some(Value::raw("new")));
}

#[test]
fn a_socket_that_is_not_there_is_an_error() {
    let cache = open(&["unix:///nowhere/redis.sock".into()], |_| ());
    let error = cache.get(&key()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.message(), "no such socket (/nowhere/redis.sock)");
}

#[test]
fn something_else_than_a_value_is_an_error() {
    let server = Server::start();
    let cache = open(&[server.url()], |_| ());
    assert_eq!(server.ask(&["LPUSH", "user:1", "x"]), "1");
    let error = cache.get(&key()).unwrap_err();
    assert!(error.message().starts_with("WRONGTYPE "), "{error}");
    assert_eq!(
        cache.incr(&key(), 1).unwrap_err().kind(),
        ErrorKind::NotAnInteger
    );
    cache.set(&key(), Value::Int(1), None).unwrap();
    assert_eq!(cache.get(&key()).unwrap(), Some(Value::Int(1)));
}

/// Takes what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn neither_logs_nor_errors_show_a_password_or_a_value() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // A subscriber of one thread only would miss what another thread came by first.
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let mut server = Server::with_user("app", "s3cret");
    let url = format!("redis://app:s3cret@{}", server.address());
    let cache = Arc::new(open(&[url], |_| ()));
    let store = Store::new(Arc::clone(&cache) as Arc<dyn Backend>);
    let value = || Value::raw("a value of somebody");
    let mut errors = Vec::new();
    let mut work = || {
        errors.extend(cache.set(&key(), value(), None).err());
        errors.extend(cache.add(&key(), value(), None).err());
        errors.extend(cache.incr(&key(), 1).err());
        block_on(Box::pin(async {
            errors.extend(store.aset(key(), value(), None).await.err());
            errors.extend(store.aincr(key(), 1).await.err());
        }));
    };
    work();
    server.server().kill();
    work();
    server.server().restart();
    work();
    assert_eq!(server.ask(&["SET", &key(), "a value of somebody"]), "OK");
    assert_eq!(cache.get(&key()).unwrap(), None);
    let strange = format!("redis://app:hunter2@{}", server.address());
    errors.push(open(&[strange], |_| ()).get(&key()).unwrap_err());

    let log = String::from_utf8(log.0.lock().clone()).unwrap();
    let place = server.address();
    for told in ["connected", "the server closed an idle connection"] {
        let mut lines = log.lines().filter(|line| line.contains(told));
        assert!(lines.any(|line| line.contains(&place)), "{told}: {log}");
    }
    assert!(log.contains("an entry cannot be read"), "{log}");
    assert!(errors.len() >= 7, "{errors:?}");
    let shown = format!("{log} {errors:?} {cache:?}");
    let shown = errors
        .iter()
        .fold(shown, |shown, error| format!("{shown} {error}"));
    for secret in ["s3cret", "hunter2", "somebody"] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}
