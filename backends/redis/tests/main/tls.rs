//! `rediss://`.

use cachemere_base::{Backend, ErrorKind, Store, Value};
use cachemere_redis::Options;
use cachemere_servers::{Certificate, Redis as Server, key, until};

use crate::place::open;

struct Encrypted {
    certificate: Certificate,
    server: Server,
    port: u16,
}

fn encrypted() -> Encrypted {
    let certificate = Certificate::new();
    let (server, port) = Server::with_tls(&certificate);
    Encrypted {
        certificate,
        server,
        port,
    }
}

impl Encrypted {
    fn trusted(&self, options: &mut Options) {
        options.ssl_ca_certs = Some(self.certificate.cert().display().to_string());
    }

    fn at(&self, host: &str) -> [String; 1] {
        [format!("rediss://{host}:{}", self.port)]
    }
}

#[test]
fn a_certificate_that_is_not_trusted_is_an_error() {
    let server = encrypted();
    let error = open(&server.at("localhost"), |_| ())
        .get(&key(1))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(
        error
            .message()
            .ends_with(&format!("(localhost:{})", server.port)),
        "{error}"
    );
}

#[test]
fn a_certificate_for_another_name_is_an_error_unless_it_is_not_checked() {
    let server = encrypted();
    let urls = server.at("127.0.0.1");
    let error = open(&urls, |options| server.trusted(options))
        .get(&key(1))
        .unwrap_err();
    assert!(error.message().contains("not valid for name"), "{error}");
    let any_name = open(&urls, |options| {
        server.trusted(options);
        options.ssl_check_hostname = Some(false);
    });
    any_name.set(&key(1), Value::Int(1), None).unwrap();
    let unchecked = open(&urls, |options| options.ssl_cert_reqs = Some("none".into()));
    assert_eq!(unchecked.get(&key(1)).unwrap(), Some(Value::Int(1)));
}

#[test]
fn a_certificate_is_shown_to_a_server_that_wants_one() {
    let server = encrypted();
    assert_eq!(
        server
            .server
            .ask(&["CONFIG", "SET", "tls-auth-clients", "yes"]),
        "OK"
    );
    let urls = server.at("localhost");
    assert!(
        open(&urls, |options| server.trusted(options))
            .get(&key(1))
            .is_err()
    );
    let shown = open(&urls, |options| {
        server.trusted(options);
        options.ssl_certfile = Some(server.certificate.cert().display().to_string());
        options.ssl_keyfile = Some(server.certificate.key().display().to_string());
    });
    assert_eq!(shown.get(&key(1)).unwrap(), None);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let server = encrypted();
    let cache = open(&server.at("localhost"), |options| {
        options.ssl_ca_certs = Some("/nowhere/ca.pem".into())
    });
    let error = cache.get(&key(1)).unwrap_err();
    assert!(error.message().contains("`/nowhere/ca.pem`"), "{error}");
}

#[test]
fn an_idle_connection_that_was_closed_is_replaced() {
    let server = encrypted();
    let cache = open(&server.at("localhost"), |options| {
        server.trusted(options);
        options.client_name = Some("cache".into());
    });
    cache.set(&key(1), Value::Int(1), None).unwrap();
    for sum in 2..5 {
        assert_eq!(cache.incr(&key(1), 1).unwrap(), Some(sum));
        let killed = server.server.ask(&["CLIENT", "KILL", "TYPE", "normal"]);
        assert_ne!(killed, "0");
        until("it is gone", || {
            !server
                .server
                .ask(&["CLIENT", "LIST"])
                .contains("name=cache")
        });
    }
    let store = Store::new(std::sync::Arc::new(cache));
    crate::place::block_on(Box::pin(async {
        assert_eq!(store.aincr(key(1), 1).await.unwrap(), Some(5));
    }));
}
