//! file beside other caches in files.

use std::{hint::black_box, path::Path, thread};

use cachemere::{Caches, DEFAULT_TIMEOUT, Raw};
use cachemere_benches::{
    bench::Bench,
    contender::Contender,
    contest::Contest,
    python::Python,
    result::{Aim, Row},
    workload::{Uses, final_key},
};
use tempfile::TempDir;

use super::Section;

const NOTE: &str = "\
100 raw bytes an entry; of all the entries, each is as likely to be used as any other, and `set` replaces one. diskcache (Python) \
keeps such small values in an SQLite file; cacache (Rust) keeps every content once, beside an index, and neither expires nor \
bounds what it has; it does not take part at 10⁶ entries. Django's file cache lists its folder at each `set`, and does not take \
part at 10⁶ entries either. Nobody here waits for the disk: what a power failure would lose is lost.";

/// How many entries there are, and how they are called.
const SIZES: [(usize, &str); 3] = [(1_000, "10³"), (100_000, "10⁵"), (1_000_000, "10⁶")];

pub(super) const SECTION: Section = Section {
    name: "file",
    title: "file",
    note: NOTE,
    rows,
};

fn rows(bench: &Bench) -> Vec<Row> {
    let folder = TempDir::new().expect("a temporary folder");
    let stores = SIZES.map(|(entries, name)| {
        bench.say(&format!("filling {name} entries"));
        Stores::fill(&folder.path().join(entries.to_string()), entries, name)
    });
    let mut rows: Vec<_> = stores
        .iter()
        .flat_map(|stores| [stores.get(bench), stores.set(bench)])
        .collect();
    let [small, _, large] = &stores;
    rows.extend([
        flat(bench, "get", small.ours_get(), large.ours_get()),
        flat(bench, "set", small.ours_set(), large.ours_set()),
    ]);
    bench.say("removing the entries");
    drop(stores);
    drop(folder);
    rows
}

/// The largest store beside the smallest.
fn flat(bench: &Bench, work: &str, small: Contender<'_>, large: Contender<'_>) -> Row {
    let small = small.named("itself at 10³ entries");
    bench
        .run(Contest::new(format!("{work}, 10⁶ entries"), large).against(small, Aim::AtLeast(0.77)))
}

/// Caches of so many entries.
struct Stores {
    name: &'static str,
    uses: Uses,
    ours: Caches,
    diskcache: Python,
    django: Option<Python>,
    cacache: Option<std::path::PathBuf>,
}

impl Stores {
    fn fill(folder: &Path, entries: usize, name: &'static str) -> Self {
        let path = |name: &str| folder.join(name);
        let is_large = entries > 100_000;
        // what is filled by others is filled beside what is filled here
        let diskcache = Python::start(
            "diskcache",
            &path("diskcache").display().to_string(),
            entries,
        );
        let django = (!is_large)
            .then(|| Python::start("file", &path("django").display().to_string(), entries));
        let file = format!(
            "[CACHES.default]\nBACKEND = 'file'\nLOCATION = '{}'\nTIMEOUT = '1d'\nKEY_PREFIX = 'site'\nOPTIONS = {{ MAX_ENTRIES = {} }}\n",
            path("ours").display(),
            4 * entries
        );
        let ours = Caches::from_toml(&file).expect("the file is right");
        let uses = Uses::uniform(entries);
        let keys: Vec<_> = uses.keys().enumerate().collect();
        thread::scope(|scope| {
            for part in keys.chunks(entries.div_ceil(2)) {
                let ours = &ours;
                scope.spawn(move || {
                    for (number, key) in part {
                        ours["default"]
                            .set(key, &value(*number as u64), DEFAULT_TIMEOUT)
                            .expect("it works");
                    }
                });
            }
        });
        let cacache = (!is_large).then(|| path("cacache"));
        if let Some(path) = &cacache {
            for (number, key) in keys {
                cacache::write_sync(path, final_key(key), value(number as u64).0)
                    .expect("it works");
            }
        }
        Self {
            name,
            ours,
            diskcache: diskcache.ready(),
            django: django.map(Python::ready),
            cacache,
            uses,
        }
    }

    fn get(&self, bench: &Bench) -> Row {
        let contest = Contest::new(format!("get, {} entries", self.name), self.ours_get());
        let contest = contest.against(
            self.diskcache.contender("diskcache", "get"),
            Aim::AtLeast(1.0),
        );
        let contest = self.cacache.iter().fold(contest, |contest, path| {
            contest.beside(Contender::each("cacache", move |call| {
                black_box(
                    cacache::read_sync(path, final_key(self.uses.key(call))).expect("it is there"),
                );
            }))
        });
        let contest = self.django.iter().fold(contest, |contest, django| {
            contest.beside(django.contender("Django", "get"))
        });
        bench.run(contest)
    }

    fn set(&self, bench: &Bench) -> Row {
        let contest = Contest::new(format!("set, {} entries", self.name), self.ours_set());
        let contest = contest.with(
            self.diskcache.contender("diskcache", "set"),
            Some(Aim::AtLeast(1.0)),
            self.cacache.is_none(),
        );
        let contest = self.cacache.iter().fold(contest, |contest, path| {
            contest.beside(Contender::each("cacache", move |call| {
                let set = cacache::write_sync(path, final_key(self.uses.key(call)), value(call).0);
                black_box(set.expect("it works"));
            }))
        });
        let contest = self.django.iter().fold(contest, |contest, django| {
            contest.against(django.contender("Django", "set"), Aim::AtLeast(100.0))
        });
        bench.run(contest)
    }

    fn ours_get(&self) -> Contender<'_> {
        Contender::each("file", |call| {
            let found: Option<Raw> = self.ours["default"]
                .get(self.uses.key(call))
                .expect("it works");
            black_box(found.expect("it is there"));
        })
    }

    fn ours_set(&self) -> Contender<'_> {
        Contender::each("file", |call| {
            self.ours["default"]
                .set(self.uses.key(call), &value(call), DEFAULT_TIMEOUT)
                .expect("it works");
        })
    }
}

/// A hundred bytes that differ: equal ones would be one content.
fn value(number: u64) -> Raw {
    let mut bytes = vec![b'x'; 100];
    bytes[..8].copy_from_slice(&number.to_le_bytes());
    Raw::from(bytes)
}
