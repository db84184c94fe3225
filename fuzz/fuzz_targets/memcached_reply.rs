#![no_main]
#![allow(
    dead_code,
    unused_imports,
    unexpected_cfgs,
    reason = "parts of a crate"
)]

use libfuzzer_sys::fuzz_target;

#[path = "../../backends/memcached/src/fault.rs"]
mod fault;
#[path = "../../backends/memcached/src/format.rs"]
mod format;
#[path = "../../backends/memcached/src/request.rs"]
mod request;
#[path = "../../backends/memcached/src/wire/mod.rs"]
mod wire;

use request::{Action, Request};
use wire::{Dialect, Session};

include!("../bodies/memcached_reply.rs");

fuzz_target!(|bytes: &[u8]| memcached_reply_body(bytes));
