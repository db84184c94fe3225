//! db on PostgreSQL beside the bare client, outside and inside a runtime.

use std::{hint::black_box, sync::Arc};

use cachemere::Caches;
use cachemere_benches::{
    bench::Bench,
    cores::OneCore,
    result::{Aim, Row},
    workload::{BYTES, KEYS, final_key, key},
};
use cachemere_servers::Postgres;
use postgres::{Client, NoTls};
use tokio_postgres::Statement;

use super::{
    Section,
    verbs::{Answer, Awaited, Bare, Blocking, Verb, awaited, blocking, expires, now},
};

const NOTE: &str = "\
A server on the same machine, 10⁴ keys, 100 raw bytes each. It has a process for each connection: where calls wait, all are \
on one core, so that neither contender has to wake up the other core. The peer is the crate `postgres` with prepared statements on one \
connection, and inside a runtime `tokio-postgres`, which sends what many tasks ask for in one stream; its table expires \
entries, but neither counts nor culls them. Inside a runtime this library works on a bounded pool of threads.";

pub(super) const SECTION: Section = Section {
    name: "postgres",
    title: "db on PostgreSQL",
    note: NOTE,
    rows,
};

fn rows(bench: &Bench) -> Vec<Row> {
    let bare = Bare {
        name: "`postgres`",
        verbs: &Verb::ALL,
        aim: |_| Some(Aim::AtLeast(0.9)),
    };
    let one_core = OneCore::new();
    let server = Postgres::start();
    let url = server.new_url();
    Table::create(&url);
    let caches = caches(&url);
    let mut rows = blocking(bench, &caches, bare, || Table::open(&url), |_| Vec::new());
    drop((caches, server, one_core));

    let bare = Bare {
        name: "`tokio-postgres`",
        aim: |_| None,
        ..bare
    };
    let server = Postgres::start();
    let url = server.new_url();
    Table::create(&url);
    rows.extend(awaited(
        bench,
        &self::caches(&url),
        bare,
        Stream::open(&url),
    ));
    rows
}

fn caches(url: &str) -> Caches {
    let file = format!(
        "[DATABASES]\ndefault = '{url}'\n[CACHES.default]\nBACKEND = 'db'\nLOCATION = 'cache'\nKEY_PREFIX = 'site'\n\
         OPTIONS = {{ MAX_ENTRIES = 1_000_000, AUTO_CREATE = true }}\n"
    );
    Caches::from_toml(&file).expect("the file is right")
}

const CREATE: &str =
    "CREATE TABLE bare (key BYTEA PRIMARY KEY, value BYTEA, number BIGINT, expires BIGINT)";
const GET: &str = "SELECT value, expires FROM bare WHERE key = $1";
const SET: &str = "INSERT INTO bare (key, value, expires) VALUES ($1, $2, $3) \
                   ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires";
const GET_MANY: &str = "SELECT key, value, expires FROM bare WHERE key = ANY($1)";
/// A key twice is an error where rows conflict: each only once.
const SET_MANY: &str = "INSERT INTO bare (key, value, expires) SELECT DISTINCT key, $2::BYTEA, $3::BIGINT FROM unnest($1::BYTEA[]) AS key \
                        ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires";
const INCR: &str =
    "UPDATE bare SET number = number + 1 WHERE key = $1 AND expires > $2 RETURNING number";

fn statement(verb: Verb) -> &'static str {
    match verb {
        Verb::Get => GET,
        Verb::Set => SET,
        Verb::GetMany => GET_MANY,
        Verb::SetMany => SET_MANY,
        Verb::Incr => INCR,
    }
}

/// One connection, and the statements of all verbs.
struct Table {
    client: Client,
    statements: Vec<Statement>,
}

impl Table {
    /// A table as one would write it by hand, filled.
    fn create(url: &str) {
        let mut client = Client::connect(url, NoTls).expect("the server is there");
        client.batch_execute(CREATE).expect("it works");
        let keys: Vec<_> = (0..KEYS)
            .map(|number| final_key(&key(number)).into_bytes())
            .collect();
        client
            .execute(SET_MANY, &[&keys, &BYTES.as_slice(), &expires()])
            .expect("it works");
        let counter = "INSERT INTO bare (key, number, expires) VALUES ($1, 0, $2)";
        client
            .execute(counter, &[&final_key("counter").into_bytes(), &expires()])
            .expect("it works");
    }

    fn open(url: &str) -> Self {
        let mut client = Client::connect(url, NoTls).expect("the server is there");
        let statements =
            Verb::ALL.map(|verb| client.prepare(statement(verb)).expect("it is right"));
        Self {
            client,
            statements: statements.into(),
        }
    }
}

impl Blocking for Table {
    fn call(&mut self, verb: Verb, keys: &[&str]) {
        let (statement, client) = (&self.statements[verb as usize], &mut self.client);
        let keys = final_keys(keys);
        match verb {
            Verb::Get => {
                let row = client
                    .query_one(statement, &[&keys[0]])
                    .expect("it is there");
                assert!(row.get::<_, i64>(1) > now());
                black_box(row.get::<_, Vec<u8>>(0));
            }
            Verb::Set => {
                client
                    .execute(statement, &[&keys[0], &BYTES.as_slice(), &expires()])
                    .expect("it works");
            }
            Verb::GetMany => {
                black_box(live(&client.query(statement, &[&keys]).expect("it works"))).clear()
            }
            Verb::SetMany => {
                client
                    .execute(statement, &[&keys, &BYTES.as_slice(), &expires()])
                    .expect("it works");
            }
            Verb::Incr => {
                let row = client
                    .query_one(statement, &[&keys[0], &now()])
                    .expect("it is there");
                black_box(row.get::<_, i64>(0));
            }
        }
    }
}

/// The same inside a runtime.
#[derive(Clone)]
struct Stream {
    client: Arc<tokio_postgres::Client>,
    statements: Arc<Vec<Statement>>,
}

impl Stream {
    async fn open(url: &str) -> Self {
        let (client, connection) = tokio_postgres::connect(url, NoTls)
            .await
            .expect("the server is there");
        tokio::spawn(connection);
        let mut statements = Vec::new();
        for verb in Verb::ALL {
            statements.push(client.prepare(statement(verb)).await.expect("it is right"));
        }
        Self {
            client: Arc::new(client),
            statements: Arc::new(statements),
        }
    }
}

impl Awaited for Stream {
    fn start(&self, verb: Verb, keys: &[&str]) -> Answer {
        let (keys, Self { client, statements }) = (final_keys(keys), self.clone());
        Box::pin(async move {
            let statement = &statements[verb as usize];
            match verb {
                Verb::Get => {
                    let row = client
                        .query_one(statement, &[&keys[0]])
                        .await
                        .expect("it is there");
                    assert!(row.get::<_, i64>(1) > now());
                    black_box(row.get::<_, Vec<u8>>(0));
                }
                Verb::Set => {
                    client
                        .execute(statement, &[&keys[0], &BYTES.as_slice(), &expires()])
                        .await
                        .expect("it works");
                }
                Verb::GetMany => black_box(live(
                    &client.query(statement, &[&keys]).await.expect("it works"),
                ))
                .clear(),
                Verb::SetMany => {
                    client
                        .execute(statement, &[&keys, &BYTES.as_slice(), &expires()])
                        .await
                        .expect("it works");
                }
                Verb::Incr => {
                    let row = client
                        .query_one(statement, &[&keys[0], &now()])
                        .await
                        .expect("it is there");
                    black_box(row.get::<_, i64>(0));
                }
            }
        })
    }
}

fn live(rows: &[postgres::Row]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let now = now();
    let live = rows.iter().filter(|row| row.get::<_, i64>(2) > now);
    live.map(|row| (row.get(0), row.get(1))).collect()
}

fn final_keys(keys: &[&str]) -> Vec<Vec<u8>> {
    keys.iter().map(|key| final_key(key).into_bytes()).collect()
}
