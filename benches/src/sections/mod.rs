//! What is measured, a file a section of the page.

mod django;
mod file;
mod handle;
mod locmem;
mod memcached;
pub(crate) mod memory;
mod pages;
mod postgres;
mod redis;
mod sqlite;
mod verbs;

use cachemere_benches::{bench::Bench, result::Section};

/// The sections by their names, in the order of the page.
pub(crate) const SECTIONS: &[(&str, fn(&Bench) -> Section)] = &[
    ("handle", handle::section),
    ("locmem", locmem::section),
    ("redis", redis::section),
    ("memcached", memcached::section),
    ("file", file::section),
    ("sqlite", sqlite::section),
    ("postgres", postgres::section),
    ("pages", pages::section),
    ("memory", memory::section),
    ("django", django::section),
];
