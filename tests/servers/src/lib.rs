//! Real servers for the tests of `cachemere`: private, on free ports, gone with their owner.
//!
//! A [`Server`] is a process of its own in a folder of its own. It ends when it is dropped, and when the process of the
//! tests ends in whatever way: statics are never dropped.

mod load;
mod mariadb;
mod memcached;
mod postgres;
mod program;
mod proxy;
mod redis;
mod server;
mod tls;
mod unprivileged;

pub use load::{Load, Outcome, belongs, counter, key, value};
pub use mariadb::Mariadb;
pub use memcached::{Memcached, Talk};
pub use postgres::Postgres;
pub use proxy::{Fault, Proxy};
pub use redis::{Redis, cluster, cluster_with_replicas, fail_over, replicas, sentinels};
pub use server::{Launch, Place, Server, free_port, until};
pub use tls::Certificate;
