#![no_main]
//! Any text is a configuration, or refused with at least one problem.

use cachemere::Caches;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Err(error) = Caches::from_toml(text) {
        assert!(!error.to_string().is_empty());
    }
});
