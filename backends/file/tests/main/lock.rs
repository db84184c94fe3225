use std::{
    fs, thread,
    time::{Duration, Instant},
};

use cachemere_base::{Backend, Context, ErrorKind, Key, Open, Value};
use cachemere_file::{File, Options};

use crate::place::{Place, text};

fn impatient(place: &Place) -> File {
    let mut options = Options::default();
    options.lock_timeout = 0.05;
    File::open(&place.settings, options, &Context::default()).unwrap()
}

fn hold(place: &Place) -> fs::File {
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
