//! Encrypted connections to both servers.

use cachemere_base::{Backend, ErrorKind, Value};
use cachemere_db::{Database, DatabaseOptions};
use cachemere_servers::{Certificate, Mariadb, Postgres};

use crate::{
    place::{Place, few, key, settings},
    server::Server,
};

fn servers(certificate: &Certificate) -> [Server; 2] {
    [
        Server::Postgres(Postgres::with_tls(certificate)),
        Server::Mariadb(Mariadb::with_tls(certificate)),
    ]
}

fn trusting(certificate: &Certificate) -> DatabaseOptions {
    let mut options = few();
    options.tls_ca = Some(certificate.cert());
    options
}

/// The URL of a new database, by the name that the certificate has.
fn url(server: &Server) -> String {
    let url = server.url(server.port(), &server.database());
    url.replace("127.0.0.1", "localhost")
}

fn is_encrypted(server: &Server, database: &Database) -> bool {
    let sql = match server {
        Server::Postgres(_) => "SELECT ssl::int FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
        Server::Mariadb(_) => {
            "SELECT CAST(variable_value <> '' AS SIGNED) FROM information_schema.session_status \
             WHERE variable_name = 'SSL_CIPHER'"
        }
    };
    database.query(sql, &[]).unwrap()[0].int(0).unwrap() == Some(1)
}

#[test]
fn a_certificate_that_is_trusted_makes_an_encrypted_connection() {
    let certificate = Certificate::new();
    for server in &servers(&certificate) {
        let url = url(server);
        let place = Place::with(&url, &trusting(&certificate), settings());
        let cache = place.open();
        cache.set(&key(1), Value::Int(1), None).unwrap();
        assert_eq!(cache.get(&key(1)).unwrap(), Some(Value::Int(1)));
        assert!(is_encrypted(server, &place.database()));
        let plain = Database::open("plain", &url, &few()).unwrap();
        assert!(!is_encrypted(server, &plain));
    }
}

#[test]
fn a_certificate_that_nobody_trusts_is_an_error_and_nothing_is_sent() {
    let certificate = Certificate::new();
    for server in &servers(&certificate) {
        let url = url(server);
        let place = Place::with(&format!("{url}?sslmode=verify-full"), &few(), settings());
        let error = place.open().get(&key(1)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        assert!(error.message().contains("@localhost:"), "{error}");
    }
}

#[test]
fn a_server_without_tls_is_an_error_where_it_is_wanted() {
    let certificate = Certificate::new();
    for server in Server::shared() {
        let url = url(server);
        let place = Place::with(&url, &trusting(&certificate), settings());
        let error = place.open().get(&key(1)).unwrap_err();
        assert!(error.message().contains("@localhost:"), "{error}");
    }
}
