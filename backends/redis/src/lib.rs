//! The Redis cache of `cachemere`: one server, a leader with replicas, a cluster, or a leader that sentinels know.
//!
//! ```toml
//! [CACHES.default]
//! BACKEND = "redis"
//! LOCATION = "redis://127.0.0.1:6379"
//!
//! [CACHES.default.OPTIONS]
//! db = 10
//! socket_timeout = 0.5
//! max_connections = 20
//! ```
//!
//! # Location
//!
//! - `redis://user:password@host:port/db`, `rediss://` for TLS (feature `tls`) and `unix:///run/redis.sock?db=10`. What
//!   is not a letter or a digit in a user or a password is written with `%`.
//! - One URL, several in one text with `,` or `;` between them, or a list. The first is the leader, which is written to;
//!   the others are its replicas: `get`, `get_many` and `has_key` read from one of them by chance, and from another
//!   server where that one cannot be reached.
//! - With `mode = "cluster"`, LOCATION has one or more of the nodes; all reads and writes go to the leaders.
//! - With `mode = "sentinel"`, LOCATION has the sentinels, at port 26379 if none is given, and `service_name` is what
//!   they call the leader, which is read from and written to. OPTIONS has the user, the password and the database of the leader, `sentinel_username` and
//!   `sentinel_password` those of the sentinels.
//! - The parameters of a URL are those options that can differ from server to server: `db`, `username`, `password`,
//!   `client_name`, `protocol`, `socket_timeout`, `socket_connect_timeout` and `ssl_…`. They win over OPTIONS.
//!
//! # On the server
//!
//! - An integer is bare decimal text. Everything else is one byte, the tag of the value with its high bit set, and the
//!   bytes. What is neither is a miss: it is removed if it still is what was read, counted and logged.
//! - A lifetime is in milliseconds.
//! - An operation is one command or one pipeline; on a cluster, one pipeline for each leader.
//! - On a cluster, an operation on several keys is an error if a leader is at fault; with ON_ERROR `"miss"`, `get_many`
//!   misses the keys of that one and finds the others.
//!
//! # Behavior
//!
//! - An alias has at most `max_connections` connections, over all its servers and for all threads. Threads share them;
//!   the tasks of a runtime share one for each server. When all are in use a call waits, up to `timeout`; with
//!   `pool_class = "ConnectionPool"` it is an error at once.
//! - A connection takes at most `socket_connect_timeout`, an answer at most `socket_timeout`; what was waited for in vain
//!   is not sent again. Then the connection is not used any more: no answer is ever taken for that of another question.
//! - A connection that the server has closed is replaced. What was on its way when it ended is sent again if doing it
//!   twice is doing it once; `add`, `incr` and `delete` are not, and are errors.
//! - A forked process has connections of its own.
//! - The asynchronous methods need a tokio runtime with its timers and sockets, and are an error outside of one.
//! - When the server refuses a value, as without room it does, the old one is removed.

mod answer;
mod backend;
mod cluster;
mod command;
mod connection;
mod deadline;
mod directory;
#[cfg(feature = "django")]
mod django;
mod fault;
mod format;
mod line;
mod link;
mod links;
mod location;
mod options;
mod pool;
mod redis;
mod request;
mod resp;
mod sentinel;
mod server;
mod slot;
mod spread;
mod stream;
mod tls;
mod topology;
mod verb;
mod wire;

pub use self::redis::Redis;
pub use options::Options;
