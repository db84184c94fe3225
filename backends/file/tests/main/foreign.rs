//! What others put where a cache has its files, and what must not come of it.
#![cfg(unix)]

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use cachemere_base::{Backend, Error, ErrorKind, Key, Value};

use crate::place::{Place, files, set_mode, text};

fn make_pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// What every verb says of `user:1`.
fn errors(place: &Place) -> [Error; 8] {
    let key = Key::new("user:1");
    let file = &place.file;
    [
        file.get(&key).unwrap_err(),
        file.has_key(&key).unwrap_err(),
        file.set(&key, text("x"), None).unwrap_err(),
        file.add(&key, text("x"), None).unwrap_err(),
        file.touch(&key, None).unwrap_err(),
        file.delete(&key).unwrap_err(),
        file.incr(&key, 1).unwrap_err(),
        file.clear().unwrap_err(),
    ]
}

/// Expects every verb to refuse the folder, for this reason, and to leave alone what is in it.
#[track_caller]
fn is_refused(place: &Place, inside: &Path, reason: &str) {
    let before = files(inside);
    for error in errors(place) {
        assert_eq!(error.kind(), ErrorKind::Io);
        let message = error.message();
        let start = format!("`{}`: refused: ", place.root().display());
        assert!(message.starts_with(&start), "{message}");
        assert!(message.contains(reason), "{message}");
        assert!(message.contains("another LOCATION"), "{message}");
    }
    assert_eq!(files(inside), before);
}

/// A store that has `user:1`, and a folder that has the same one.
fn with_copy() -> (Place, PathBuf) {
    let place = Place::new();
    place.set("user:1", "x");
    let copy = place.location().join("copy");
    fs::rename(place.root(), &copy).unwrap();
    (place, copy)
}

#[test]
fn a_folder_that_is_a_link_is_refused() {
    let (place, copy) = with_copy();
    fs::create_dir_all(copy.join("tmp/precious")).unwrap();
    fs::write(copy.join("tmp/precious/1"), "").unwrap();
    symlink(&copy, place.root()).unwrap();
    let place = place.again();
    is_refused(&place, &copy, "a symbolic link");
}

#[test]
fn a_folder_that_others_may_write_into_is_refused() {
    for mode in [0o777, 0o720, 0o702] {
        let place = Place::new();
        place.set("user:1", "x");
        set_mode(&place.root(), mode);
        let place = place.again();
        is_refused(&place, &place.root(), "`chmod 700`");
        set_mode(&place.root(), 0o755);
        assert_eq!(place.get("user:1"), Some(text("x")));
        place.set("user:1", "y");
    }
}

#[test]
fn a_folder_that_takes_the_place_of_ours_is_refused_when_the_index_is_opened() {
    let (place, copy) = with_copy();
    place.set("user:2", "x");
    fs::remove_dir_all(place.root()).unwrap();
    symlink(&copy, place.root()).unwrap();
    let error = place.file.delete(&Key::new("user:1")).unwrap_err();
    assert!(error.message().contains("a symbolic link"), "{error}");
    is_refused(&place, &copy, "a symbolic link");
}

#[test]
fn a_location_may_be_a_link_and_open_to_all() {
    let place = Place::new();
    let (real, link) = (place.location().join("real"), place.location().join("link"));
    fs::create_dir(&real).unwrap();
    set_mode(&real, 0o777);
    symlink(&real, &link).unwrap();
    let place = place.at(&link);
    place.set("user:1", "x");
    assert_eq!(place.get("user:1"), Some(text("x")));
    assert!(real.join("cachemere/index").exists());
}

#[test]
fn a_pipe_in_place_of_an_entry_is_an_error_to_read_and_replaced_by_set() {
    let place = Place::new();
    place.set("user:1", "x");
    let path = place.entry();
    fs::remove_file(&path).unwrap();
    make_pipe(&path);
    let key = Key::new("user:1");
    for error in [place.file.get(&key), place.file.incr(&key, 1).map(|_| None)] {
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.message().contains("not a regular file"), "{error}");
    }
    place.set("user:1", "y");
    assert_eq!(place.get("user:1"), Some(text("y")));
}

#[test]
fn a_link_in_place_of_an_entry_is_not_followed() {
    let place = Place::new();
    place.set("user:1", "x");
    let (path, target) = (place.entry(), place.location().join("target"));
    fs::rename(&path, &target).unwrap();
    symlink(&target, &path).unwrap();
    let error = place.file.get(&Key::new("user:1")).unwrap_err();
    assert!(error.message().contains("not a regular file"), "{error}");
    let content = fs::read(&target).unwrap();
    place.set("user:1", "y");
    assert_eq!(fs::read(&target).unwrap(), content);
    assert_eq!(place.get("user:1"), Some(text("y")));
}

#[test]
fn a_link_in_place_of_an_entry_whose_set_waits_too_long_is_not_written_through() {
    let place = Place::new();
    place.set("user:1", "x");
    let (path, target) = (place.entry(), place.location().join("target"));
    fs::rename(&path, &target).unwrap();
    symlink(&target, &path).unwrap();
    let content = fs::read(&target).unwrap();
    let _held = crate::lock::hold(&place);
    let set = crate::lock::impatient(&place).set(&Key::new("user:1"), text("y"), None);
    assert_eq!(set.unwrap_err().kind(), ErrorKind::TimedOut);
    assert_eq!(fs::read(&target).unwrap(), content);
}

#[test]
fn an_index_that_is_a_link_or_a_pipe_is_an_error() {
    let place = Place::new();
    place.set("user:1", "x");
    let target = place.location().join("target");
    fs::write(&target, "precious").unwrap();
    let foreign: [&dyn Fn(&Path); 2] = [&|path| symlink(&target, path).unwrap(), &make_pipe];
    for make in foreign {
        fs::remove_file(place.index()).unwrap();
        make(&place.index());
        let error = place.file.delete(&Key::new("user:1")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.message().contains("not a regular file"), "{error}");
        assert_eq!(fs::read(&target).unwrap(), b"precious");
    }
}

#[test]
fn a_file_of_the_queue_that_is_a_link_or_a_pipe_is_an_error() {
    let place = Place::new();
    place.set("user:1", "x");
    let target = place.location().join("target");
    fs::write(&target, "precious").unwrap();
    let segment = files(&place.root().join("queue")).remove(0);
    let foreign: [&dyn Fn(&Path); 2] = [&|path| symlink(&target, path).unwrap(), &make_pipe];
    for make in foreign {
        fs::remove_file(&segment).unwrap();
        make(&segment);
        let set = place.file.set(&Key::new("user:2"), Value::Int(1), None);
        let error = set.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(error.message().contains("not a regular file"), "{error}");
        assert_eq!(fs::read(&target).unwrap(), b"precious");
        assert!(place.file.touch(&Key::new("user:1"), None).unwrap());
    }
    assert!(place.file.delete(&Key::new("user:1")).unwrap());
}
