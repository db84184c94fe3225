#![no_main]

use cachemere::{Caches, templates::liquid::CacheBlock};
use libfuzzer_sys::fuzz_target;

include!("../bodies/liquid_tag.rs");

fuzz_target!(|arguments: &str| liquid_tag_body(arguments));
