//! Real servers for the tests of `cachemere`: private, on free ports, gone with their owner.
//!
//! A [`Server`] is a process of its own in a folder of its own. It ends when it is dropped, and when the process of the
//! tests ends in whatever way: statics are never dropped.

mod memcached;
mod proxy;
mod redis;
mod server;
mod tls;

pub use memcached::{Memcached, Talk};
pub use proxy::{Fault, Proxy};
pub use redis::{Redis, cluster, replicas, sentinels};
pub use server::{Launch, Place, Server, free_port, until};
pub use tls::Certificate;
