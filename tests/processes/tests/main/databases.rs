//! A table of a database that several processes use at once, some of which are killed.

use std::{
    collections::BTreeMap,
    env,
    path::Path,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use cachemere_base::{Backend, Key, Value};
use cachemere_db::Db;
use cachemere_processes::{Random, SharedTable, check};
use cachemere_servers::{Mariadb, Postgres};
use tempfile::TempDir;

use crate::{full_disk::with_small_files, kill_anywhere::kill, worker::worker};

/// How many entries the caches of the load may have together.
const MAX_ENTRIES: i64 = 3000;
/// 1 % of them.
const TOLERANCE: i64 = 30;
const PROCESSES: u64 = 10;

/// How long a load lasts: 5 seconds, or what the variable says. 60 is the full form.
fn seconds() -> u64 {
    let seconds = env::var("CACHEMERE_LOAD_SECONDS").map(|seconds| seconds.parse());
    seconds.map_or(5, |seconds| seconds.expect("a number of seconds"))
}

fn in_file() -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("shared.db").display());
    (folder, url)
}

#[track_caller]
fn number(cache: &Db, key: &str) -> i64 {
    match cache.get(&Key::new(key)).unwrap() {
        Some(Value::Int(number)) => number,
        other => panic!("`{key}` is {other:?}"),
    }
}

/// Ten processes with two caches in one table.
fn is_exact_under_load(url: &str) {
    let table = SharedTable::at(url);
    let cache = table.open(MAX_ENTRIES as u64);
    assert_eq!(cache.get(&Key::new("creates the table")).unwrap(), None);
    let start = |process: u64| {
        let mut worker = worker("db-load", Path::new(url));
        worker.args([process.to_string(), seconds().to_string()]);
        worker.stderr(Stdio::inherit()).spawn().unwrap()
    };
    let mut workers: Vec<_> = (0..PROCESSES).map(start).collect();

    let mut most = 0;
    while workers
        .iter_mut()
        .any(|worker| worker.try_wait().unwrap().is_none())
    {
        most = most.max(table.kept()[0]);
        thread::sleep(Duration::from_millis(2));
    }
    let mut expected = BTreeMap::<String, i64>::new();
    for worker in workers {
        let output = worker.wait_with_output().unwrap();
        assert!(output.status.success());
        for line in String::from_utf8(output.stdout).unwrap().lines() {
            let (counter, moved) = line.split_once(' ').unwrap();
            *expected.entry(counter.to_owned()).or_default() += moved.parse::<i64>().unwrap();
        }
    }
    assert_eq!(expected.len(), 6);
    for (counter, moved) in expected {
        assert_eq!(number(&cache, &counter), moved, "{counter}");
    }
    assert_eq!(table.kept(), table.counted());
    assert!(most <= MAX_ENTRIES + TOLERANCE, "{most} entries");
    println!("{most} entries at most");
}

#[test]
fn ten_processes_with_two_caches_in_one_table_count_right_on_sqlite() {
    is_exact_under_load(&in_file().1);
}

#[test]
fn ten_processes_with_two_caches_in_one_table_count_right_on_postgres() {
    is_exact_under_load(&Postgres::start().new_url());
}

#[test]
fn ten_processes_with_two_caches_in_one_table_count_right_on_mariadb() {
    is_exact_under_load(&Mariadb::start().new_url());
}

/// Kills workers that count, one after the other, and expects what they said was done, or one more.
fn count_and_kill(url: &str, place: u64, kills: u64) -> i64 {
    let cache = SharedTable::at(url).open(100_000);
    let own = format!("version:{place}");
    let mut random = Random::new(place);
    let (mut version, mut count) = (0, 0);
    for _ in 0..kills {
        let mut worker = worker("db-count", Path::new(url));
        let done = kill(worker.arg(place.to_string()), &mut random);

        // what was on its way when it was killed may arrive yet
        let deadline = Instant::now() + Duration::from_millis(100);
        let mut counted = number(&cache, &format!("count:{place}"));
        while Instant::now() < deadline {
            counted = number(&cache, &format!("count:{place}"));
        }
        let expected = count + done as i64..=count + done as i64 + 1;
        assert!(expected.contains(&counted), "{counted} of {expected:?}");
        count = counted;

        let found = check(&own, &cache.get(&Key::new(&own)).unwrap().unwrap());
        let expected = version + done..=version + done + 1;
        assert!(expected.contains(&found), "{found} of {expected:?}");
        version = found;
    }
    count
}

fn killed_processes_lose_nothing(url: &str, places: u64, kills: u64) {
    let counted: i64 = thread::scope(|scope| {
        let places: Vec<_> = (0..places)
            .map(|place| scope.spawn(move || count_and_kill(url, place, kills)))
            .collect();
        places.into_iter().map(|place| place.join().unwrap()).sum()
    });
    let table = SharedTable::at(url);
    let shared = number(&table.open(100_000), "count");
    assert!(shared <= counted && counted <= shared + (places * kills) as i64);
    assert_eq!(table.kept(), table.counted());
}

#[test]
fn killed_processes_lose_nothing_that_was_stored_on_sqlite() {
    let (_folder, url) = in_file();
    killed_processes_lose_nothing(&url, 4, 25);
    let table = SharedTable::at(&url);
    let rows = table
        .database()
        .query("PRAGMA integrity_check", &[])
        .unwrap();
    assert_eq!(rows[0].text(0).unwrap(), Some("ok"));
}

#[test]
fn killed_processes_lose_nothing_that_was_stored_on_postgres() {
    killed_processes_lose_nothing(&Postgres::start().new_url(), 2, 10);
}

#[test]
fn killed_processes_lose_nothing_that_was_stored_on_mariadb() {
    killed_processes_lose_nothing(&Mariadb::start().new_url(), 2, 10);
}

#[test]
fn a_value_that_finds_the_disk_full_is_an_error_and_the_file_stays_whole() {
    let (_folder, url) = in_file();
    let output = with_small_files(512, "db-full-disk", Path::new(&url));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let table = SharedTable::at(&url);
    let cache = table.open(1000);
    cache.set(&Key::new("c"), Value::Int(1), None).unwrap();
    assert_eq!(table.kept(), table.counted());
    assert_eq!(table.kept()[0], 3);
    let rows = table
        .database()
        .query("PRAGMA integrity_check", &[])
        .unwrap();
    assert_eq!(rows[0].text(0).unwrap(), Some("ok"));
}
