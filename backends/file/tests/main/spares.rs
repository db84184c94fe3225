//! Files that were replaced are written anew: nobody who reads may notice.

use std::{
    fs, thread,
    time::{Duration, SystemTime},
};

use cachemere_base::{Backend, Key};

use crate::place::{Place, files, text};

#[test]
fn readers_find_the_value_of_their_key_whatever_is_written_meanwhile() {
    let place = Place::new();
    let keys = ["user:1", "user:2", "user:3"];
    for key in keys {
        place.set(key, key);
    }
    thread::scope(|scope| {
        let writers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    for n in 0..1500 {
                        let key = keys[n % keys.len()];
                        place.set(key, &key.repeat(1 + n % 2));
                    }
                })
            })
            .collect();
        while !writers.iter().all(|writer| writer.is_finished()) {
            for key in keys {
                let value = place.file.get(&Key::new(key)).unwrap().unwrap();
                assert!([text(key), text(&key.repeat(2))].contains(&value), "{key}");
            }
        }
    });
    assert_eq!(place.counters.damaged(), 0);
}

#[test]
fn a_shorter_and_a_longer_value_are_written_over_a_replaced_one() {
    let place = Place::new();
    for length in [100, 10, 200_000, 0, 70_000, 1] {
        place.set("user:1", &"x".repeat(length));
        place.set("user:2", &"y".repeat(length));
        assert_eq!(place.get("user:1"), Some(text(&"x".repeat(length))));
        assert_eq!(place.get("user:2"), Some(text(&"y".repeat(length))));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn few_and_small_files_are_kept_and_close_removes_them() {
    let place = Place::new();
    let tmp = place.root().join("tmp");
    place.set("large", &"x".repeat(100_000));
    place.set("large", "x");
    assert!(files(&tmp).is_empty());
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..10).for_each(|_| place.set("user:1", "x")));
        }
    });
    assert!((1..=4).contains(&files(&tmp).len()), "{:?}", files(&tmp));
    place.file.close().unwrap();
    assert!(files(&tmp).is_empty());
}

#[test]
fn a_spare_file_that_another_process_removed_is_made_anew() {
    let place = Place::new();
    place.set("user:1", "old");
    place.set("user:1", "new");
    for spare in files(&place.root().join("tmp")) {
        fs::remove_file(spare).unwrap();
    }
    place.set("user:1", "newer");
    assert_eq!(place.get("user:1"), Some(text("newer")));
}

#[test]
fn an_entry_in_a_spare_file_was_written_when_it_was_set() {
    let place = Place::new();
    place.set("user:1", "old");
    place.set("user:1", "new");
    let long_ago = SystemTime::now() - Duration::from_secs(600);
    for spare in files(&place.root().join("tmp")) {
        let file = fs::File::options().write(true).open(spare).unwrap();
        file.set_modified(long_ago).unwrap();
    }
    place.set("user:2", "x");
    let written = place
        .entries()
        .into_iter()
        .map(|path| fs::metadata(path).unwrap().modified().unwrap());
    assert!(written.min().unwrap() > long_ago + Duration::from_secs(300));
}
