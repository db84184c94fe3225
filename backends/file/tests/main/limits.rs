use std::fs;

use cachemere_base::{Backend, Key};

use crate::place::{Place, files, text};

fn fill(place: &Place, keys: std::ops::Range<u32>) {
    for n in keys {
        place.set(&format!("user:{n}"), "x");
    }
}

#[test]
fn of_49_entries_29_survive_with_30_allowed_and_a_third_culled() {
    let place = Place::with_limits(30, 3);
    fill(&place, 0..49);
    assert_eq!(place.entries().len(), 29);
}

#[test]
fn of_49_entries_19_survive_with_30_allowed_and_all_culled() {
    for frequency in [0, 1] {
        let place = Place::with_limits(30, frequency);
        fill(&place, 0..49);
        assert_eq!(place.entries().len(), 19);
    }
}

#[test]
fn the_oldest_go_first() {
    let place = Place::with_limits(30, 3);
    fill(&place, 0..31);
    let gone = (0..31).filter(|n| !place.has(&format!("user:{n}")));
    assert_eq!(gone.collect::<Vec<_>>(), Vec::from_iter(0..10));
}

#[test]
fn an_entry_that_was_deleted_and_set_again_is_young() {
    let place = Place::with_limits(3, 3);
    fill(&place, 0..3);
    place.file.delete(&Key::new("user:0")).unwrap();
    fill(&place, 0..1);
    fill(&place, 3..4);
    assert!(place.has("user:0") && !place.has("user:1"));
}

#[test]
fn an_entry_that_is_replaced_keeps_its_turn_and_culls_nothing() {
    let place = Place::with_limits(3, 3);
    fill(&place, 0..3);
    fill(&place, 0..1);
    assert_eq!(place.entries().len(), 3);
    fill(&place, 3..4);
    assert!(!place.has("user:0") && place.has("user:1"));
}

#[test]
fn a_cull_of_many_takes_a_thousand_at_each_write() {
    let place = Place::with_limits(6000, 3);
    fill(&place, 0..6000);
    let mut counts = Vec::new();
    for n in 6000..6004 {
        fill(&place, n..n + 1);
        counts.push(place.entries().len());
    }
    assert_eq!(counts, [5001, 4002, 4003, 4004]);
}

#[test]
fn a_lowered_maximum_is_reached_by_and_by() {
    let place = Place::new();
    fill(&place, 0..2500);
    let settings = place.settings.clone().with_max_entries(10);
    let narrow = cachemere_base::Open::open(&settings, Default::default(), &Default::default());
    let narrow: cachemere_file::File = narrow.unwrap();
    let mut counts = Vec::new();
    for n in 0..8 {
        narrow
            .set(&Key::new(&format!("new:{n}")), text("x"), None)
            .unwrap();
        counts.push(place.entries().len());
    }
    assert!(
        counts
            .windows(2)
            .all(|pair| pair[0] - pair[1].min(pair[0]) <= 1000),
        "{counts:?}"
    );
    for n in 8..100 {
        narrow
            .set(&Key::new(&format!("new:{n}")), text("x"), None)
            .unwrap();
    }
    assert!(place.entries().len() <= 10);
}

#[test]
fn the_files_stay_within_max_bytes() {
    let place = Place::with_max_bytes(10_000);
    let mut most = 0;
    for n in 0..300 {
        place.set(&format!("user:{n}"), &"x".repeat(n % 97 * 10));
        let sizes = place
            .entries()
            .into_iter()
            .map(|path| fs::metadata(path).unwrap().len());
        let bytes = sizes.sum::<u64>();
        assert!(bytes <= 10_000, "{bytes}");
        most = most.max(bytes);
    }
    assert!(most > 9_000, "{most}");
    assert!(place.has("user:299"));
}

#[test]
fn a_replacement_that_grows_makes_others_go_and_one_that_does_not_grow_none() {
    let place = Place::with_max_bytes(1000);
    for key in ["a", "b", "c"] {
        place.set(key, &"x".repeat(250));
    }
    place.set("b", &"y".repeat(250));
    assert_eq!(place.entries().len(), 3);
    place.set("c", &"z".repeat(350));
    assert!(!place.has("a") && place.has("b") && place.has("c"));
    place.set("b", &"z".repeat(900));
    assert_eq!(place.get("b"), Some(text(&"z".repeat(900))));
    assert_eq!(place.entries().len(), 1);
}

#[test]
fn the_queue_stays_short_while_entries_come_and_go() {
    let place = Place::new();
    fill(&place, 0..100);
    for n in 0..70_000 {
        let key = Key::new(&format!("gone:{}", n % 7));
        place.file.set(&key, text("x"), None).unwrap();
        assert!(place.file.delete(&key).unwrap());
    }
    let queue = files(&place.root().join("queue"));
    assert_eq!(queue.len(), 1, "{queue:?}");
    assert!((0..100).all(|n| place.has(&format!("user:{n}"))));
}

fn delete(place: &Place, keys: impl IntoIterator<Item = u32>) {
    for n in keys {
        let key = Key::new(&format!("user:{n}"));
        assert!(place.file.delete(&key).unwrap());
    }
}

#[test]
fn the_oldest_entries_leave_the_queue_with_their_files() {
    let place = Place::with_limits(2000, 3);
    fill(&place, 0..2000);
    delete(&place, 0..1000);
    assert_eq!(place.books().queued, 1000);
    fill(&place, 2000..3000);
    assert_eq!(place.books().queued, 2000);
    place.books_are_exact();
    fill(&place, 3000..3001);
    assert!(!place.has("user:1000") && place.has("user:2999"));
}

#[test]
fn records_of_gone_entries_leave_the_queue_by_and_by() {
    let place = Place::with_limits(2000, 3);
    fill(&place, 0..2000);
    delete(&place, (0..1000).rev());
    assert!(place.books().queued > 1900);
    fill(&place, 2000..3000);
    assert_eq!(place.books().queued, 2000);
    delete(&place, 1500..2000);
    fill(&place, 1000..1100);
    assert_eq!(place.books().queued, 2000);
    place.books_are_exact();
    assert!((1000..1500).all(|n| place.has(&format!("user:{n}"))));
}

#[test]
fn what_was_moved_to_the_end_of_the_queue_is_still_culled() {
    let place = Place::with_limits(20, 2);
    fill(&place, 0..10);
    for _ in 0..3000 {
        fill(&place, 100..101);
        place.file.delete(&Key::new("user:100")).unwrap();
    }
    fill(&place, 200..240);
    assert!(!(0..10).any(|n| place.has(&format!("user:{n}"))));
    assert!(place.entries().len() <= 20);
}
