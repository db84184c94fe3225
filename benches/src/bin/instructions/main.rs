//! `benches/instructions`: how many instructions each path takes by callgrind, and how many it took when that was recorded.
//!
//! Instructions are the same on a busy machine. They change with the compiler and with dependencies: then record them anew.

mod paths;

use std::{
    collections::BTreeMap,
    env, fs,
    path::Path,
    process::{Command, ExitCode},
};

use allocation_counter::measure;
use serde::{Deserialize, Serialize};

use crate::paths::PATHS;

/// Calls of each path: their sum is divided by it.
const CALLS: u64 = 2_000;

/// Calls before that, so that all is allocated that stays.
const WARM_UP: u64 = 200;

/// A change by less says nothing: where entries lie in maps is drawn, and the compiler weighs what to inline anew each time.
const TOLERANCE: f64 = 0.03;
const TOLERANCE_OF_SHORT: u64 = 20;

/// What a path takes, a call.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Cost {
    instructions: u64,
    allocations: f64,
}

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    match &arguments[..] {
        [] => compare(),
        [option] if option == "--record" => record(),
        [option, path] if option == "--path" => {
            println!("{}", allocations(path));
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("benches/instructions: there is one option, --record");
            ExitCode::from(2)
        }
    }
}

/// Calls a path over and over, and says how often it allocates.
fn allocations(path: &str) -> f64 {
    let named = PATHS.iter().find(|(name, _)| *name == path);
    let (_, path) = named.expect("it is a path");
    let mut count = 0;
    path(&mut |operation| {
        repeated(WARM_UP, operation);
        count = measure(|| measured(operation)).count_total;
    });
    count as f64 / CALLS as f64
}

/// What callgrind looks at: it knows it by its name.
#[inline(never)]
fn measured(operation: &mut dyn FnMut()) {
    repeated(CALLS, operation);
}

fn repeated(times: u64, operation: &mut dyn FnMut()) {
    for _ in 0..times {
        operation();
    }
}

/// Runs each path in a process of its own, under callgrind.
fn costs() -> BTreeMap<&'static str, Cost> {
    let program = env::current_exe().expect("this program is somewhere");
    let costs = PATHS.iter().map(|(name, _)| {
        let output = Command::new("valgrind")
            .args([
                "--tool=callgrind",
                "--callgrind-out-file=/dev/null",
                "--collect-atstart=no",
                "--toggle-collect=*measured*",
            ])
            .arg(&program)
            .args(["--path", name])
            .output()
            .expect("valgrind is there: apt-get install valgrind");
        let (said, noted) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        let collected = noted
            .lines()
            .find_map(|line| line.split_once("Collected : "));
        let instructions: u64 = collected
            .and_then(|(_, number)| number.trim().parse().ok())
            .unwrap_or_else(|| panic!("callgrind fails: {noted}"));
        let cost = Cost {
            instructions: instructions / CALLS,
            allocations: said.trim().parse().expect("it says a number"),
        };
        (*name, cost)
    });
    costs.collect()
}

fn file() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.toml"))
}

fn record() -> ExitCode {
    let lines = costs().into_iter().map(
        |(
            name,
            Cost {
                instructions,
                allocations,
            },
        )| {
            format!(
                "\"{name}\" = {{ instructions = {instructions}, allocations = {allocations:?} }}\n"
            )
        },
    );
    let head = "# What a call takes by callgrind: written by `benches/instructions --record`.\n";
    let text: String = [head.to_owned()].into_iter().chain(lines).collect();
    match fs::write(file(), text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("benches/instructions: {}: {error}", file().display());
            ExitCode::FAILURE
        }
    }
}

fn compare() -> ExitCode {
    let text = fs::read_to_string(file()).unwrap_or_default();
    let recorded: BTreeMap<String, Cost> =
        toml::from_str(&text).expect("instructions.toml has what --record wrote");
    let mut is_worse = false;
    println!(
        "{:36} {:>12} {:>9} {:>7} {:>12} {:>9}",
        "path", "instructions", "recorded", "change", "allocations", "recorded"
    );
    for (name, now) in costs() {
        let before = recorded.get(name);
        let change =
            before.map(|before| now.instructions as f64 / before.instructions as f64 - 1.0);
        is_worse |= before.is_none_or(|before| {
            now.instructions > before.instructions + TOLERANCE_OF_SHORT
                && change.is_none_or(|change| change > TOLERANCE)
        }) || before.is_some_and(|before| now.allocations > before.allocations);
        println!(
            "{name:36} {:>12} {:>9} {:>7} {:>12} {:>9}",
            now.instructions,
            before.map_or_else(|| "-".to_owned(), |before| before.instructions.to_string()),
            change.map_or_else(
                || "new".to_owned(),
                |change| format!("{:+.1}%", 100.0 * change)
            ),
            now.allocations,
            before.map_or_else(|| "-".to_owned(), |before| before.allocations.to_string()),
        );
    }
    if is_worse {
        eprintln!(
            "some paths take more than was recorded: find out why, or record it with benches/instructions --record"
        );
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
