//! What operations cost on servers: rows that are read, by the servers' own counts.

use std::time::Duration;

use cachemere_base::{Backend, Value};
use cachemere_db::Dialect;
use cachemere_servers::until;

use crate::{
    place::{Place, few, key, settings},
    server::Server,
};

/// How many entries there are.
const ENTRIES: i64 = 100_000;

/// Fills the table with one statement.
fn fill(place: &Place) {
    let (table, sizes, database) = (place.quoted(), place.sizes(), place.database());
    let (numbers, key) = match database.dialect() {
        Dialect::MySql => ("seq_1_to_100000", "CAST(seq AS BINARY)"),
        _ => (
            "generate_series(1, 100000) AS numbers (seq)",
            "convert_to(seq::text, 'UTF8')",
        ),
    };
    let rows = format!(
        "INSERT INTO {table} (digest, cache_key, expires, bucket, format, number, size, value) \
         SELECT seq, {key}, 9000000000000000000, 2000000000000000 + seq, 0, 0, 10, '' FROM {numbers}"
    );
    database.execute(&rows, &[]).unwrap();
    let size = format!("UPDATE {sizes} SET entries = {ENTRIES}, bytes = 1000000 WHERE slot = 0");
    database.execute(&size, &[]).unwrap();
}

/// How many rows of tables were read in a database, or on the server, up to now.
fn rows_read(server: &Server, database: &str) -> i64 {
    let shown = match server {
        Server::Postgres(server) => server.ask(
            database,
            "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_user_tables",
        ),
        Server::Mariadb(server) => server.ask(
            "mysql",
            "SELECT CAST(SUM(variable_value) AS SIGNED) FROM information_schema.global_status \
             WHERE variable_name LIKE 'HANDLER\\_READ\\_%'",
        ),
    };
    shown.trim().parse().unwrap()
}

#[test]
fn no_operation_scans_the_table_though_some_cull() {
    for server in Server::victims().iter_mut() {
        let name = server.database();
        let url = server.url(server.port(), &name);
        let settings = settings()
            .with_max_entries(ENTRIES as u64 + 60)
            .with_cull_frequency(1000);
        let place = Place::with(&url, &few(), settings);
        let cache = place.open();
        assert_eq!(cache.get(&key("creates the table")).unwrap(), None);
        fill(&place);
        // a connection that ends has told what it did
        let settled = || {
            cache.close().unwrap();
            until("all are told", || server.connections(&name).is_empty());
        };
        settled();
        let before = rows_read(server, &name);

        let ttl = Some(Duration::from_secs(60));
        let keys: Vec<_> = (0..10).map(key).collect();
        for n in 0..100 {
            cache.set(&key(n), Value::Int(1), ttl).unwrap();
            cache.set(&key(n), Value::Int(2), ttl).unwrap();
            cache.set(&key(n), Value::raw("x"), ttl).unwrap();
            assert!(cache.get(&key(n)).unwrap().is_some());
            assert!(!cache.add(&key(n), Value::Int(1), ttl).unwrap());
            assert!(cache.touch(&key(n), ttl).unwrap());
            assert_eq!(cache.incr(&key(n + 1000), 1).unwrap(), None);
            cache.get_many(&keys).unwrap();
        }
        for n in 0..50 {
            cache.delete(&key(n)).unwrap();
        }
        settled();
        let read = rows_read(server, &name) - before;
        // the size has 17 rows
        assert!((500..ENTRIES / 2).contains(&read), "{read} rows");
        println!("{read} rows");
        assert!(place.kept()[0] < ENTRIES + 50, "nothing was culled");
    }
}
