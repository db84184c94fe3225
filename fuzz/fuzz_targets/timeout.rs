#![no_main]
//! Any text is a timeout that can be shown and read again, or refused.

use cachemere::Timeout;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(timeout) = text.parse::<Timeout>() {
        let shown = timeout.to_string();
        let again: Timeout = shown.parse().expect("what is shown can be read");
        assert_eq!(again.to_string(), shown);
    }
});
