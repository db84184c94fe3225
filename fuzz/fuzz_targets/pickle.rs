#![no_main]

use libfuzzer_sys::fuzz_target;

include!("../bodies/pickle.rs");

fuzz_target!(|bytes: &[u8]| pickle_body(bytes));
