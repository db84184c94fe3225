use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use cachemere_base::{Backend, Value};
use cachemere_db::{DatabaseOptions, Db};
use cachemere_servers::{Mariadb, Postgres, Server as Process, counter, until};
use parking_lot::{Mutex, MutexGuard};

use crate::place::{Place, few, settings};

/// How long a statement may take where little time is given; to connect, as long.
pub(crate) const ANSWER: Duration = Duration::from_secs(2);
/// An operation waits for a connection, connects, and waits for the answer; and what a busy machine adds.
pub(crate) const LONGEST: Duration = Duration::from_secs(3 * 2 + 6);

/// A server of one kind or the other.
pub(crate) enum Server {
    Postgres(Postgres),
    Mariadb(Mariadb),
}

/// Those that tests share which do no harm to them.
static SHARED: LazyLock<[Server; 2]> = LazyLock::new(Server::start);
/// Those that are killed and stopped, by one test at a time.
static VICTIMS: LazyLock<Mutex<[Server; 2]>> = LazyLock::new(|| Mutex::new(Server::start()));

impl Server {
    fn start() -> [Self; 2] {
        [
            Self::Postgres(Postgres::start()),
            Self::Mariadb(Mariadb::start()),
        ]
    }

    pub(crate) fn shared() -> &'static [Self; 2] {
        &SHARED
    }

    pub(crate) fn victims() -> MutexGuard<'static, [Self; 2]> {
        let mut victims = VICTIMS.lock();
        for server in victims.iter_mut() {
            // the test before may have failed
            server.process().restart();
            server.process().cont();
        }
        victims
    }

    /// Servers that take so many connections.
    pub(crate) fn each_for(connections: u32) -> [Self; 2] {
        let own = format!("max_connections={connections}");
        [
            Self::Postgres(Postgres::with(&[&own])),
            Self::Mariadb(Mariadb::with(&[&format!("--{own}")])),
        ]
    }

    pub(crate) fn process(&mut self) -> &mut Process {
        match self {
            Self::Postgres(server) => server.server(),
            Self::Mariadb(server) => server.server(),
        }
    }

    pub(crate) fn port(&self) -> u16 {
        match self {
            Self::Postgres(server) => server.port(),
            Self::Mariadb(server) => server.port(),
        }
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port())
    }

    /// The name of a new and empty database.
    pub(crate) fn database(&self) -> String {
        match self {
            Self::Postgres(server) => server.database(),
            Self::Mariadb(server) => server.database(),
        }
    }

    /// The URL of a database by this port or another, that of a proxy.
    pub(crate) fn url(&self, port: u16, database: &str) -> String {
        match self {
            Self::Postgres(server) => server.url_by(port, database),
            Self::Mariadb(server) => server.url_by(port, database),
        }
    }

    /// The connections to a database, by their ids.
    pub(crate) fn connections(&self, database: &str) -> Vec<String> {
        let shown = match self {
            Self::Postgres(server) => server.ask(
                "postgres",
                &format!("SELECT pid FROM pg_stat_activity WHERE datname = '{database}'"),
            ),
            Self::Mariadb(server) => server.ask(
                "mysql",
                &format!("SELECT id FROM information_schema.processlist WHERE db = '{database}'"),
            ),
        };
        shown.split_whitespace().map(str::to_owned).collect()
    }

    /// Ends the connections to a database, and waits until they are gone.
    pub(crate) fn end_connections(&self, database: &str) {
        let connections = self.connections(database);
        let _ = match self {
            Self::Postgres(server) => {
                let end = |id: &String| format!("SELECT pg_terminate_backend({id});");
                server.ask("postgres", &connections.iter().map(end).collect::<String>())
            }
            Self::Mariadb(server) => {
                let end = |id: &String| format!("KILL {id}; ");
                let end: String = connections.iter().map(end).collect();
                // one may have ended by itself
                let is_gone = "DECLARE CONTINUE HANDLER FOR 1094 BEGIN END;";
                let sql = format!("DELIMITER //\nBEGIN NOT ATOMIC {is_gone} {end} END//\n");
                server.ask("mysql", &sql)
            }
        };
        until("they are gone", || {
            let left = self.connections(database);
            !left.iter().any(|id| connections.contains(id))
        });
    }
}

/// A cache with a counter in it, in a new database that is reached by this port.
pub(crate) fn patient(server: &Server, port: u16) -> (Arc<Db>, String) {
    open(server, port, &few())
}

/// The same, and it does not wait long.
pub(crate) fn impatient(server: &Server, port: u16) -> Arc<Db> {
    open(server, port, &hasty()).0
}

fn open(server: &Server, port: u16, options: &DatabaseOptions) -> (Arc<Db>, String) {
    let database = server.database();
    let url = server.url(port, &database);
    let cache = Place::with(&url, options, settings()).open();
    until("the counter is there", || {
        cache.set(&counter(), Value::Int(0), None).is_ok()
    });
    (Arc::new(cache), database)
}

/// Four connections, and little time.
pub(crate) fn hasty() -> DatabaseOptions {
    toml::from_str("POOL_SIZE = 4\nTIMEOUT = 2\nCONNECT_TIMEOUT = 2").unwrap()
}
