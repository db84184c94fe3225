use std::{
    io::Read,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use cachemere_base::{Backend, Key, Value};
use cachemere_file::File;
use cachemere_processes::{Random, check, open};

use crate::{books, worker::worker};

/// So many workers run at once, and each place is given to a new one so often.
const PLACES: u64 = 4;
const KILLS: u64 = 90;

/// Starts a worker, kills it at some instant after its first round, and returns how many rounds it said were done.
pub(crate) fn kill(worker: &mut Command, random: &mut Random) -> u64 {
    let mut worker: Child = worker.stdout(Stdio::piped()).spawn().unwrap();
    let mut output = worker.stdout.take().unwrap();
    let mut done = [0; 1];
    output.read_exact(&mut done).unwrap();
    let reader = thread::spawn(move || {
        let mut rest = Vec::new();
        output.read_to_end(&mut rest).unwrap();
        rest.len() as u64
    });
    thread::sleep(Duration::from_micros(random.below(20_000)));
    worker.kill().unwrap();
    assert_eq!(
        worker.wait().unwrap().code(),
        None,
        "it ended before it was killed"
    );
    1 + reader.join().unwrap()
}

fn number(file: &File, key: &str) -> u64 {
    match file.get(&Key::new(key)).unwrap() {
        Some(Value::Int(number)) => number as u64,
        other => panic!("`{key}` is {other:?}"),
    }
}

/// Kills workers that count, one after the other, and expects what they said was done, or one more.
fn count_and_kill(location: &Path, place: u64) -> u64 {
    let file = open(location, 100_000, 3);
    let own = format!("version:{place}");
    let mut random = Random::new(place);
    let (mut version, mut count) = (0, 0);
    for _ in 0..KILLS {
        let mut worker = worker("count", location);
        let done = kill(worker.arg(place.to_string()), &mut random);

        let counted = number(&file, &format!("count:{place}"));
        assert!(
            (count + done..=count + done + 1).contains(&counted),
            "{counted} counted"
        );
        count = counted;

        let found = check(&own, &file.get(&Key::new(&own)).unwrap().unwrap());
        assert!(
            (version + done..=version + done + 1).contains(&found),
            "version {found}"
        );
        version = found;
    }
    count
}

#[test]
fn three_hundred_and_sixty_killed_processes_leave_every_counter_and_every_value_right() {
    let dir = tempfile::tempdir().unwrap();
    let count = |place| count_and_kill(dir.path(), place);
    let counted: u64 = thread::scope(|scope| {
        let places: Vec<_> = (0..PLACES)
            .map(|place| scope.spawn(move || count(place)))
            .collect();
        places.into_iter().map(|place| place.join().unwrap()).sum()
    });
    let shared = number(&open(dir.path(), 100_000, 3), "count");
    assert!(shared <= counted && counted <= shared + PLACES * KILLS);
    books::settled(dir.path());
}

#[test]
fn killed_processes_that_cull_and_clear_leave_the_books_right() {
    let dir = tempfile::tempdir().unwrap();
    let mut random = Random::new(0);
    for round in 0..KILLS {
        thread::scope(|scope| {
            for place in 0..2 {
                let mut random = Random::new(random.below(u64::MAX));
                let location = dir.path();
                scope.spawn(move || {
                    let mut worker = worker("churn", location);
                    kill(worker.arg((round * 2 + place).to_string()), &mut random)
                });
            }
        });
        let count = books::settled(dir.path());
        assert!(count <= 30, "{count} entries");
    }
}
