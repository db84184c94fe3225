//! Memory for each entry.

use std::{collections::HashMap, env, fs, hint::black_box, process::Command};

use bytes::Bytes;
use cachemere::{Caches, DEFAULT_TIMEOUT, Raw};
use cachemere_benches::{
    bench::Bench,
    result::{Aim, By, Comparison, Peer, Row, Samples, Unit},
    workload::{BYTES, final_key, key},
};

use super::Section;

const NOTE: &str = "\
What the system says a process has in memory for each of 10⁶ entries of 100 raw bytes, keys included, a process for each store. \
The plain map is a `HashMap<String, Vec<u8>>`, which knows of no order, no limit and no expiry.";

const ENTRIES: usize = 1_000_000;

/// The argument by which this program fills one store and says what it took.
pub(crate) const ARGUMENT: &str = "--memory-of";

const STORES: [&str; 3] = ["locmem", "a plain `HashMap`", "moka"];

pub(super) const SECTION: Section = Section {
    name: "memory",
    title: "Memory",
    note: NOTE,
    rows,
};

fn rows(bench: &Bench) -> Vec<Row> {
    bench.say("10⁶ entries, three times");
    let [ours, map, moka] = STORES.map(|name| {
        let program = env::current_exe().expect("this program is somewhere");
        let output = Command::new(program)
            .args([ARGUMENT, name])
            .output()
            .expect("it starts");
        let bytes = String::from_utf8_lossy(&output.stdout).trim().parse();
        Samples {
            name: name.to_owned(),
            unit: Unit::Bytes,
            values: vec![bytes.expect("it says a number")],
        }
    });
    let peers = [(map, Some(Aim::AtMost(1.2))), (moka, None)];
    let peers = peers.into_iter().map(|(samples, aim)| Peer {
        comparison: Comparison::new(By::Size, &ours.values, &samples.values),
        samples,
        aim,
        is_headline: false,
    });
    let row = Row {
        work: "10⁶ entries of 100 bytes".to_owned(),
        peers: peers.collect(),
        ours,
    };
    vec![row]
}

/// Fills the store of this name and prints how many bytes each entry takes.
///
/// # Panics
/// If there is none of this name.
pub(crate) fn fill(name: &str) {
    let before = resident();
    let value = || BYTES.to_vec();
    let names = (0..ENTRIES).map(key);
    let kept: Box<dyn std::any::Any> = match name {
        "locmem" => {
            let file = format!(
                "[CACHES.default]\nBACKEND = 'locmem'\nKEY_PREFIX = 'site'\nOPTIONS = {{ MAX_ENTRIES = {} }}\n",
                2 * ENTRIES
            );
            let caches = Caches::from_toml(&file).expect("the file is right");
            for key in names {
                caches["default"]
                    .set(&key, &Raw::from(value()), DEFAULT_TIMEOUT)
                    .expect("it works");
            }
            Box::new(caches)
        }
        "moka" => {
            let cache = moka::sync::Cache::new(2 * ENTRIES as u64);
            for key in names {
                cache.insert(final_key(&key), Bytes::from(value()));
            }
            cache.run_pending_tasks();
            Box::new(cache)
        }
        "a plain `HashMap`" => {
            let mut map = HashMap::new();
            for key in names {
                map.insert(final_key(&key), value());
            }
            Box::new(map)
        }
        other => panic!("`{other}` is no store"),
    };
    println!("{}", (resident() - before) / ENTRIES as u64);
    drop(black_box(kept));
}

/// How many bytes of this process are in memory.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux says it");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    1024 * kilobytes.expect("it is a number")
}
