use std::{
    collections::{BTreeMap, BTreeSet},
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use crate::{books, worker::worker};

const PROCESSES: u64 = 4;
const SECONDS: u64 = 10;
const MAX_ENTRIES: u64 = 1000;

#[test]
fn sixteen_threads_in_each_of_four_processes_get_along_for_ten_seconds() {
    let dir = tempfile::tempdir().unwrap();
    let start = |process: u64| {
        let mut worker = worker("stress", dir.path());
        worker.args([process.to_string(), SECONDS.to_string()]);
        worker.stderr(Stdio::inherit()).spawn().unwrap()
    };
    let workers: Vec<_> = (0..PROCESSES).map(start).collect();

    let mut most = 0;
    let end = Instant::now() + Duration::from_secs(SECONDS);
    while Instant::now() < end {
        thread::sleep(Duration::from_millis(50));
        if dir.path().join("cachemere/queue").exists() {
            most = most.max(books::exact(dir.path()));
        }
    }
    assert!(most <= MAX_ENTRIES, "{most} entries");
    assert!(most > MAX_ENTRIES / 2, "{most} entries");

    let mut sums = Vec::new();
    for worker in workers {
        let output = worker.wait_with_output().unwrap();
        assert!(output.status.success());
        let output = String::from_utf8(output.stdout).unwrap();
        sums.extend(output.lines().map(|sum| sum.parse::<i64>().unwrap()));
    }
    is_gapless(sums);
    books::exact(dir.path());
}

/// Every increment counted once: the sums from each start are 1, 2, 3 … more than it.
fn is_gapless(sums: Vec<i64>) {
    let mut starts = BTreeMap::<_, BTreeSet<_>>::new();
    assert!(sums.len() > 1000, "{} increments", sums.len());
    for sum in sums {
        let counted = starts.entry(sum >> 24).or_default();
        assert!(counted.insert(sum), "an increment to {sum} was lost");
    }
    for (start, counted) in starts {
        let last = (start << 24) + counted.len() as i64;
        assert_eq!(
            counted.last(),
            Some(&last),
            "there are increments that nobody made"
        );
    }
}
