//! What is measured, a file a section of the page.

mod allocations;
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

use cachemere_benches::{bench::Bench, result::Row};

/// A part of the page.
#[derive(Debug)]
pub(crate) struct Section {
    /// How the command line, the reasons and the plot call it.
    pub(crate) name: &'static str,
    /// The heading.
    pub(crate) title: &'static str,
    /// How the peers are used: Markdown.
    pub(crate) note: &'static str,
    /// Measures.
    pub(crate) rows: fn(&Bench) -> Vec<Row>,
}

/// In the order of the page.
pub(crate) const SECTIONS: &[Section] = &[
    handle::SECTION,
    locmem::SECTION,
    redis::SECTION,
    memcached::SECTION,
    file::SECTION,
    sqlite::SECTION,
    postgres::SECTION,
    pages::SECTION,
    memory::SECTION,
    django::SECTION,
];
