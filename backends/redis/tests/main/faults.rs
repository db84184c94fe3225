//! What servers refuse.

use cachemere_base::{Backend, ErrorKind, Key, Value};
use cachemere_servers::{Redis as Server, replicas};

use crate::place::open;

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
