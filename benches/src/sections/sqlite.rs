//! db on SQLite beside rusqlite, and beside Django's.

use std::hint::black_box;

use cachemere::Caches;
use cachemere_benches::{
    bench::Bench,
    python::Python,
    result::{Aim, Row},
    workload::{BYTES, KEYS, final_key},
};
use rusqlite::{Connection, params_from_iter};
use tempfile::TempDir;

use super::{
    Section,
    verbs::{Bare, Blocking, Verb, blocking, expires, now},
};

const NOTE: &str = "\
A file each, with a write-ahead log and `synchronous = NORMAL`, 10⁴ keys, 100 raw bytes each. The peer is rusqlite with \
prepared statements on a table of three columns: it expires entries, but neither counts nor culls them, and does not look at \
what it reads. Many are read by one statement and written in one transaction. Django has the same pragmas.";

pub(super) const SECTION: Section = Section {
    name: "sqlite",
    title: "db on SQLite",
    note: NOTE,
    rows,
};

fn rows(bench: &Bench) -> Vec<Row> {
    let folder = TempDir::new().expect("a temporary folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let file = format!(
        "[DATABASES]\ndefault = 'sqlite:{}'\n[CACHES.default]\nBACKEND = 'db'\nLOCATION = 'cache'\nKEY_PREFIX = 'site'\n\
         OPTIONS = {{ MAX_ENTRIES = 1_000_000 }}\n",
        path("ours.sqlite3")
    );
    let caches = Caches::from_toml(&file).expect("the file is right");
    let django = Python::start("db", &path("django.sqlite3"), KEYS).ready();
    let bare = Bare {
        name: "rusqlite",
        verbs: &Verb::ALL,
        aim: |_| Some(Aim::AtLeast(0.7)),
    };
    let rows = blocking(
        bench,
        &caches,
        bare,
        || Table::open(&path("bare.sqlite3")),
        |verb| {
            let (operation, aim) = match verb {
                Verb::Get => ("get", Some(Aim::AtLeast(5.0))),
                Verb::Set => ("set", Some(Aim::AtLeast(20.0))),
                Verb::GetMany => ("get_many", None),
                Verb::Incr => ("incr", None),
                Verb::SetMany => return Vec::new(),
            };
            vec![(django.contender("Django", operation), aim)]
        },
    );
    rows
}

/// A table as one would write it by hand.
struct Table {
    connection: Connection,
    many: String,
}

const GET: &str = "SELECT value, expires FROM cache WHERE key = ?";
const SET: &str = "INSERT INTO cache (key, value, expires) VALUES (?, ?, ?) \
                   ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires";
const INCR: &str =
    "UPDATE cache SET value = value + 1 WHERE key = ? AND expires > ? RETURNING value";

impl Table {
    fn open(path: &str) -> Self {
        let connection = Connection::open(path).expect("a database");
        let marks = vec!["?"; 100].join(", ");
        let set_up = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \
                      CREATE TABLE IF NOT EXISTS cache (key TEXT PRIMARY KEY, value BLOB, expires INTEGER) WITHOUT ROWID;";
        connection.execute_batch(set_up).expect("it works");
        let mut table = Self {
            connection,
            many: format!("SELECT key, value, expires FROM cache WHERE key IN ({marks})"),
        };
        table.fill();
        table
    }

    fn fill(&mut self) {
        let keys: Vec<_> = (0..KEYS).map(cachemere_benches::workload::key).collect();
        let keys: Vec<_> = keys.iter().map(String::as_str).collect();
        self.call(Verb::SetMany, &keys);
        let mut set = self.connection.prepare_cached(SET).expect("it is right");
        set.execute((final_key("counter"), 0, expires()))
            .expect("it works");
    }
}

impl Blocking for Table {
    fn call(&mut self, verb: Verb, keys: &[&str]) {
        let connection = &mut self.connection;
        match verb {
            Verb::Get => {
                let mut get = connection.prepare_cached(GET).expect("it is right");
                let row = get.query_row([final_key(keys[0])], |row| {
                    Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?))
                });
                let (value, expires) = row.expect("it is there");
                assert!(expires > now());
                black_box(value);
            }
            Verb::Set => {
                let mut set = connection.prepare_cached(SET).expect("it is right");
                set.execute((final_key(keys[0]), BYTES, expires()))
                    .expect("it works");
            }
            Verb::GetMany => {
                let mut get = connection.prepare_cached(&self.many).expect("it is right");
                let keys = keys.iter().map(|key| final_key(key));
                let rows = get.query_map(params_from_iter(keys), |row| {
                    Ok((
                        row.get::<_, String>(0)?,
                        row.get::<_, Vec<u8>>(1)?,
                        row.get::<_, i64>(2)?,
                    ))
                });
                let now = now();
                let live = rows
                    .expect("it works")
                    .map(|row| row.expect("it works"))
                    .filter(|(_, _, expires)| *expires > now);
                black_box(live.collect::<Vec<_>>());
            }
            Verb::SetMany => {
                let transaction = connection.transaction().expect("it works");
                let expires = expires();
                for key in keys {
                    let mut set = transaction.prepare_cached(SET).expect("it is right");
                    set.execute((final_key(key), BYTES, expires))
                        .expect("it works");
                }
                transaction.commit().expect("it works");
            }
            Verb::Incr => {
                let mut incr = connection.prepare_cached(INCR).expect("it is right");
                let sum = incr.query_row((final_key(keys[0]), now()), |row| row.get::<_, i64>(0));
                black_box(sum.expect("it is there"));
            }
        }
    }
}
