#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../backends/redis/src/resp.rs"]
#[allow(dead_code, reason = "a part of a crate")]
mod resp;

use resp::Decoder;

include!("../bodies/redis_reply.rs");

fuzz_target!(|bytes: &[u8]| redis_reply_body(bytes));
