//! What the tests of stores rely on in servers of databases.

use std::{
    net::TcpStream,
    process::{Command, Stdio},
    time::Duration,
};

use cachemere_servers::{Certificate, Mariadb, Postgres, until};

#[test]
fn what_postgresql_committed_survives_a_kill() {
    let mut server = Postgres::start();
    let (one, two) = (server.database(), server.database());
    let _ = server.ask(&one, "CREATE TABLE t (n int); INSERT INTO t VALUES (7)");
    server.server().kill();
    assert!(TcpStream::connect(server.address()).is_err());
    server.server().restart();
    assert_eq!(server.ask(&one, "SELECT n, n + 1 FROM t"), "7|8");
    assert_ne!(one, two);
}

#[test]
fn what_mariadb_committed_survives_a_kill() {
    let mut server = Mariadb::start();
    let (one, two) = (server.database(), server.database());
    let _ = server.ask(&one, "CREATE TABLE t (n int); INSERT INTO t VALUES (7)");
    server.server().kill();
    assert!(TcpStream::connect(server.address()).is_err());
    server.server().restart();
    assert_eq!(server.ask(&one, "SELECT n, n + 1 FROM t"), "7\t8");
    assert_ne!(one, two);
}

#[test]
fn a_stopped_postgresql_answers_nothing_on_a_connection_that_there_is() {
    let mut server = Postgres::start();
    let database = server.database();
    let folder = server.server().place().folder.clone();
    let mut session = Command::new("psql")
        .args([
            "--no-psqlrc",
            "--username",
            "cachemere",
            "--dbname",
            &database,
        ])
        .arg("--host")
        .arg(folder)
        .args(["--port", &server.port().to_string()])
        .args(["--command", "SELECT pg_sleep(0.5)"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    until("the session sleeps", || {
        let sleeping = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
        server.ask("postgres", sleeping) == "1"
    });
    server.stop();
    std::thread::sleep(Duration::from_secs(1));
    assert!(session.try_wait().unwrap().is_none());
    server.cont();
    assert!(session.wait().unwrap().success());
}

#[test]
fn both_speak_tls() {
    let certificate = Certificate::new();
    let postgres = Postgres::with_tls(&certificate);
    assert_eq!(postgres.ask("postgres", "SHOW ssl"), "on");
    let mariadb = Mariadb::with_tls(&certificate);
    assert_eq!(mariadb.ask("mysql", "SELECT @@have_ssl"), "YES");
}
