//! `caches["default"]`.

use std::{collections::HashMap, hint::black_box, sync::Arc};

use cachemere::Caches;
use cachemere_benches::{
    bench::Bench,
    contender::Contender,
    contest::Contest,
    result::{Aim, Row},
};

use super::{Section, allocations};

const NOTE: &str = "\
Four aliases, `default` the first of them, in the map as in the file. The peer hands out a reference to an `Arc` that all \
threads share, found by the standard hasher.";

const FILE: &str = r#"
[CACHES.default]
BACKEND = "locmem"
[CACHES.sessions]
BACKEND = "locmem"
[CACHES.pages]
BACKEND = "locmem"
[CACHES.fragments]
BACKEND = "locmem"
"#;

pub(super) const SECTION: Section = Section {
    name: "handle",
    title: "The handle",
    note: NOTE,
    rows,
};

fn rows(bench: &Bench) -> Vec<Row> {
    let caches = Caches::from_toml(FILE).expect("the file is right");
    let map: HashMap<String, Arc<String>> = caches
        .aliases()
        .map(|alias| (alias.to_owned(), Arc::new(alias.to_owned())))
        .collect();
    let row = |alias: &'static str| {
        let ours = Contender::each("`caches[…]`", |_| {
            black_box(&caches[black_box(alias)]);
        });
        let map = Contender::each("`HashMap<String, Arc<_>>`", |_| {
            black_box(&map[black_box(alias)]);
        });
        bench.run(
            Contest::new(format!("`caches[\"{alias}\"]`"), ours).against(map, Aim::AtLeast(2.0)),
        )
    };
    let allocations = allocations::row(
        "`caches[\"default\"]`, allocations",
        allocations::count("caches[…]"),
        0.0,
    );
    vec![row("default"), row("fragments"), allocations]
}
