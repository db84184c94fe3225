use std::{collections::BTreeMap, fs, process::Command, thread};

use serde::{Deserialize, Serialize};

/// Where the numbers come from.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) system: String,
    pub(crate) rustc: String,
    pub(crate) commit: String,
    pub(crate) date: String,
    /// Programs and packages, with their versions.
    pub(crate) peers: Vec<String>,
}

/// Crates that are measured, in `Cargo.lock`.
const CRATES: &[&str] = &[
    "axum",
    "axum-response-cache",
    "cacache",
    "cached",
    "memcache",
    "moka",
    "postgres",
    "quick_cache",
    "redis",
    "rusqlite",
    "tokio-postgres",
];

impl Machine {
    pub(crate) fn look() -> Self {
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpuinfo
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
        Self {
            processor: model.map_or_else(|| "unknown".to_owned(), |(_, model)| model.to_owned()),
            cores: thread::available_parallelism().map_or(1, usize::from),
            system: format!(
                "{}, temporary files on {}",
                said("uname", &["-sr"]),
                file_system()
            ),
            rustc: said("rustc", &["--version"]),
            commit: said("git", &["log", "-1", "--format=%h"]),
            date: said("date", &["+%Y-%m-%d"]),
            peers: peers(),
        }
    }
}

/// Of the folder that TMPDIR names, where the stores with files have them.
fn file_system() -> String {
    let folder = std::env::temp_dir();
    said("stat", &["-fc", "%T", &folder.to_string_lossy()])
}

fn peers() -> Vec<String> {
    let mut peers = crates();
    let packages = include_str!("../../requirements.txt").lines();
    peers.extend(packages.map(|package| package.replace("==", " (Python) ")));
    for (name, program, option) in [
        ("Redis", "redis-server", "--version"),
        ("memcached", "memcached", "--version"),
        ("PostgreSQL", "psql", "--version"),
        ("Python", "python3", "--version"),
    ] {
        let text = said(program, &[option]);
        let mut words = text.split([' ', '=']);
        let version = words.find(|word| word.starts_with(|first: char| first.is_ascii_digit()));
        peers.extend(version.map(|version| format!("{name} {version}")));
    }
    peers
}

/// The measured crates with the versions that are linked.
fn crates() -> Vec<String> {
    let lock: toml::Table = include_str!("../../Cargo.lock")
        .parse()
        .expect("Cargo.lock is TOML");
    let text = |package: &toml::Value, key: &str| package.get(key)?.as_str().map(str::to_owned);
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let named = packages
        .into_iter()
        .flatten()
        .filter_map(|package| Some((text(package, "name")?, text(package, "version")?)));
    // a peer may have an older one for itself, which comes first
    let newest: BTreeMap<_, _> = named.collect();
    let measured = newest
        .into_iter()
        .filter(|(name, _)| CRATES.contains(&name.as_str()));
    measured
        .map(|(name, version)| format!("{name} {version}"))
        .collect()
}

/// What a program says, or nothing.
fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    text.unwrap_or_default()
}
