use std::{
    fs,
    time::{Duration, SystemTime},
};

use cachemere_base::{Backend, Key};
use xxhash_rust::xxh3::xxh3_64;

use crate::place::{Place, text};

fn filled(max_entries: u64) -> Place {
    let place = Place::with_limits(max_entries, 3);
    for n in 0..5 {
        place.set(&format!("user:{n}"), "x");
    }
    place
}

/// The books are right if they let in one more and then cull.
#[track_caller]
fn books_are_right(place: &Place) {
    assert!((0..5).all(|n| place.has(&format!("user:{n}"))));
    place.set("user:5", "x");
    assert_eq!(place.entries().len(), 6);
    place.set("user:6", "x");
    assert_eq!(place.entries().len(), 5);
    assert!(place.has("user:6"));
}

#[test]
fn a_rebuilt_index_knows_the_oldest_entries() {
    let place = filled(6);
    let long_ago = SystemTime::now() - Duration::from_secs(60);
    for path in place.entries() {
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_modified(long_ago).unwrap();
    }
    place.set("user:0", "y");
    place.set("user:1", "y");
    fs::remove_file(place.index()).unwrap();
    place.set("user:5", "x");
    place.set("user:6", "x");
    assert!(place.has("user:0") && place.has("user:1"));
    assert_eq!(place.entries().len(), 5);
}

#[test]
fn a_deleted_index_is_rebuilt_while_running() {
    let place = filled(6);
    fs::remove_file(place.index()).unwrap();
    books_are_right(&place);
}

#[test]
fn an_index_with_any_byte_changed_is_rebuilt_while_running() {
    let len = fs::read(filled(6).index()).unwrap().len();
    for at in 0..len {
        let place = filled(6);
        let mut index = fs::read(place.index()).unwrap();
        index[at] ^= 0x55;
        fs::write(place.index(), index).unwrap();
        books_are_right(&place);
    }
}

#[test]
fn an_index_cut_at_any_length_is_rebuilt_while_running() {
    let len = fs::read(filled(6).index()).unwrap().len();
    for at in 0..len {
        let place = filled(6);
        fs::write(place.index(), &fs::read(place.index()).unwrap()[..at]).unwrap();
        books_are_right(&place);
    }
}

#[test]
fn an_index_of_another_file_at_its_path_is_taken() {
    let place = filled(6);
    let copy = place.root().join("copy");
    fs::copy(place.index(), &copy).unwrap();
    fs::rename(&copy, place.index()).unwrap();
    books_are_right(&place);
}

#[test]
fn a_lost_queue_is_rebuilt_when_it_is_needed() {
    let place = filled(6);
    fs::remove_dir_all(place.root().join("queue")).unwrap();
    books_are_right(&place);
}

#[test]
fn entries_that_others_removed_are_forgotten_when_the_queue_runs_out() {
    let place = filled(6);
    fs::remove_dir_all(place.root().join("entries")).unwrap();
    for n in 10..30 {
        place.set(&format!("user:{n}"), "x");
        assert!(place.entries().len() <= 6);
    }
    assert!(place.entries().len() >= 4);
}

#[test]
fn foreign_files_among_the_entries_are_not_counted() {
    let place = filled(6);
    let entries = place.root().join("entries");
    fs::write(entries.join("README"), "").unwrap();
    fs::create_dir(entries.join("lost+found")).unwrap();
    fs::write(entries.join("lost+found/1"), "").unwrap();
    let folder = place.entries()[0].parent().unwrap().to_owned();
    fs::write(folder.join("notes.txt"), "").unwrap();
    fs::remove_file(place.index()).unwrap();
    place.set("user:5", "x");
    assert!((0..6).all(|n| place.has(&format!("user:{n}"))));
    place.set("user:6", "x");
    let left = (0..7).filter(|n| place.has(&format!("user:{n}"))).count();
    assert_eq!(left, 5);
}

#[test]
fn a_rebuilt_index_knows_deleted_entries_that_come_again() {
    let place = filled(6);
    fs::remove_file(place.index()).unwrap();
    for n in 0..5 {
        assert!(place.file.delete(&Key::new(&format!("user:{n}"))).unwrap());
        place.set(&format!("user:{n}"), "x");
    }
    for n in 5..50 {
        place.set(&format!("user:{n}"), "x");
        assert!(place.entries().len() <= 6);
    }
}

/// Writes numbers into fields of the index, and makes it whole again.
fn rewrite(place: &Place, fields: &[(usize, u64)]) {
    let mut index = fs::read(place.index()).unwrap();
    for (field, number) in fields {
        index[field * 8..][..8].copy_from_slice(&number.to_le_bytes());
    }
    let sums = index.len() - 8;
    let sum = xxh3_64(&index[..sums]);
    index[sums..].copy_from_slice(&sum.to_le_bytes());
    fs::write(place.index(), index).unwrap();
}

const COUNT: usize = 1;
const MACHINE: usize = 7;
const BOOT: usize = 8;

#[test]
fn an_index_from_before_a_restart_of_the_machine_is_rebuilt() {
    let place = filled(6);
    rewrite(&place, &[(COUNT, 100), (BOOT, 1)]);
    let restarted = place.another();
    restarted.delete(&Key::new("there is no such key")).unwrap();
    books_are_right(&place);
}

#[test]
fn an_index_that_another_machine_wrote_is_taken() {
    let place = filled(6);
    rewrite(&place, &[(COUNT, 6), (MACHINE, 1), (BOOT, 1)]);
    let other = place.another();
    other.set(&Key::new("user:5"), text("x"), None).unwrap();
    assert_eq!(place.entries().len(), 4);
}
