use std::{
    fs, thread,
    time::{Duration, Instant},
};

use cachemere_base::{Backend, Context, ErrorKind, Key, Open, Value};
use cachemere_file::{File, Options};

use crate::place::{Place, text};

pub(crate) fn impatient(place: &Place) -> File {
    let mut options = Options::default();
    options.lock_timeout = "50ms".parse().unwrap();
    File::open(&place.settings, options, &Context::default()).unwrap()
}

pub(crate) fn hold(place: &Place) -> fs::File {
    let index = fs::File::options()
        .read(true)
        .write(true)
        .open(place.index())
        .unwrap();
    index.lock().unwrap();
    index
}

#[test]
fn a_write_that_waits_too_long_is_an_error_in_time() {
    let place = Place::new();
    place.set("user:1", "x");
    let held = hold(&place);
    let file = impatient(&place);
    let start = Instant::now();
    let error = file.incr(&Key::new("user:1"), 1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    let location = place.location().display();
    let place_first = format!("`{location}`: locked by others for 50ms");
    assert!(error.message().starts_with(&place_first), "{error}");
    assert!(error.message().contains("LOCK_TIMEOUT"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(2));
    drop(held);
    assert!(file.delete(&Key::new("user:1")).unwrap());
}

#[test]
fn threads_that_wait_for_a_thread_that_waits_are_errors_in_time() {
    let place = Place::new();
    place.set("user:1", "x");
    let _held = hold(&place);
    let file = impatient(&place);
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let error = file.delete(&Key::new("user:1")).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::TimedOut);
            });
        }
    });
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[test]
fn a_set_that_waited_too_long_leaves_no_old_value() {
    let place = Place::new();
    place.set("user:1", "old");
    let _held = hold(&place);
    let file = impatient(&place);
    let error = file
        .set(&Key::new("user:1"), text("new"), None)
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert_eq!(place.get("user:1"), None);
}

#[test]
fn a_set_that_waited_too_long_leaves_the_books_right() {
    let place = Place::new();
    place.set("user:1", "old");
    place.set("user:2", "x");
    let held = hold(&place);
    let file = impatient(&place);
    let key = Key::new("user:1");
    for _ in 0..2 {
        file.set(&key, text("new"), None).unwrap_err();
        assert_eq!(place.get("user:1"), None);
        place.books_are_exact();
    }
    drop(held);
    place.books_are_exact();
    assert_eq!(place.get("user:1"), None);
    assert_eq!(place.entries().len(), 1);
    place.books_are_exact();
    assert_eq!(place.counters.damaged(), 0);
}

#[test]
fn whoever_reads_while_a_set_gives_up_reads_the_old_value_or_none() {
    let place = Place::new();
    let mut options = Options::default();
    options.lock_timeout = "1ms".parse().unwrap();
    let file = File::open(&place.settings, options, &Context::default()).unwrap();
    for round in 0..50 {
        let old = format!("{round}").repeat(3000);
        place.set("user:1", &old);
        let _held = hold(&place);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while let Some(value) = place.get("user:1") {
                        assert_eq!(value, text(&old));
                    }
                });
            }
            let set = file.set(&Key::new("user:1"), text("new"), None);
            assert_eq!(set.unwrap_err().kind(), ErrorKind::TimedOut);
        });
        assert_eq!(place.get("user:1"), None);
    }
}

#[test]
fn what_waited_too_long_may_be_set_added_and_culled() {
    let give_up = |place: &Place| {
        place.set("user:1", "old");
        let _held = hold(place);
        let error = impatient(place).set(&Key::new("user:1"), text("new"), None);
        assert_eq!(error.unwrap_err().kind(), ErrorKind::TimedOut);
    };
    let place = Place::with_limits(2, 3);
    give_up(&place);
    place.set("user:1", "set");
    assert_eq!(place.get("user:1"), Some(text("set")));
    place.books_are_exact();
    give_up(&place);
    assert!(
        place
            .file
            .add(&Key::new("user:1"), text("added"), None)
            .unwrap()
    );
    assert_eq!(place.get("user:1"), Some(text("added")));
    place.books_are_exact();
    give_up(&place);
    assert!(!place.file.delete(&Key::new("user:1")).unwrap());
    place.books_are_exact();
    give_up(&place);
    place.set("user:2", "x");
    place.set("user:3", "x");
    assert!(place.has("user:2") && place.has("user:3"));
    place.books_are_exact();
    assert_eq!(place.counters.damaged(), 0);
}

#[test]
fn a_damaged_entry_whose_set_waited_too_long_keeps_its_length() {
    let place = Place::new();
    place.set("user:1", "old");
    let size = fs::metadata(place.entry()).unwrap().len();
    let half = fs::File::options().write(true).open(place.entry()).unwrap();
    half.set_len(10).unwrap();
    let _held = hold(&place);
    let file = impatient(&place);
    file.set(&Key::new("user:1"), text("new"), None)
        .unwrap_err();
    assert_eq!(place.books().bytes, size);
    assert_eq!(fs::metadata(place.entry()).unwrap().len(), 10);
}

#[test]
fn reading_waits_for_no_lock() {
    let place = Place::new();
    place.set("user:1", "x");
    let second = Duration::from_secs(1);
    place
        .file
        .set(&Key::new("user:2"), Value::Int(1), Some(second))
        .unwrap();
    place.advance(1000);
    let _held = hold(&place);
    let start = Instant::now();
    assert_eq!(place.get("user:1"), Some(text("x")));
    assert_eq!(place.get("user:2"), None);
    assert!(start.elapsed() < second);
}
