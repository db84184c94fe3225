use std::fs;

use cachemere_base::{Backend, Key, Value};

use crate::place::{Place, text};

/// Damages the file of `user:1` in every way that `damages` makes of its content, and expects a miss of each verb.
#[track_caller]
fn each_is_a_miss(damages: impl Fn(&[u8]) -> Vec<Vec<u8>>) {
    let place = Place::new();
    let key = Key::new("user:1");
    let verbs: [fn(&Place, &Key) -> bool; 7] = [
        |place, key| place.file.get(key).unwrap().is_some(),
        |place, key| place.file.has_key(key).unwrap(),
        |place, key| place.file.get_with_ttl(key).unwrap().is_some(),
        |place, key| place.file.touch(key, None).unwrap(),
        |place, key| place.file.delete(key).unwrap(),
        |place, key| place.file.incr(key, 1).unwrap().is_some(),
        |place, key| !place.file.add(key, Value::Int(1), None).unwrap(),
    ];
    place.file.set(&key, Value::Int(123), None).unwrap();
    let path = place.entry();
    let intact = fs::read(&path).unwrap();
    let mut damaged = 0;
    for content in damages(&intact) {
        for (number, found) in verbs.iter().enumerate() {
            fs::write(&path, &content).unwrap();
            assert!(!found(&place, &key), "verb {number}, {content:?}");
            damaged += 1;
            assert_eq!(place.counters.damaged(), damaged);
            assert!(!path.exists() || number == 6);
            place.file.set(&key, Value::Int(123), None).unwrap();
        }
    }
    assert_eq!(place.get("user:1"), Some(Value::Int(123)));
}

#[test]
fn a_file_with_any_byte_changed_is_a_miss() {
    each_is_a_miss(|intact| {
        let flipped = |at: usize, mask: u8| {
            let mut content = intact.to_vec();
            content[at] ^= mask;
            content
        };
        let places = 0..intact.len();
        places
            .flat_map(|at| [flipped(at, 1), flipped(at, 0xff)])
            .collect()
    });
}

#[test]
fn a_file_cut_at_any_length_is_a_miss() {
    each_is_a_miss(|intact| {
        (0..intact.len())
            .map(|len| intact[..len].to_vec())
            .collect()
    });
}

#[test]
fn a_file_with_bytes_after_its_end_is_a_miss() {
    each_is_a_miss(|intact| vec![[intact, b"\0"].concat(), [intact, intact].concat()]);
}

#[test]
fn a_damaged_file_is_removed_from_the_books() {
    let place = Place::with_limits(2, 1);
    place.set("user:1", "x");
    fs::write(place.entry(), "torn").unwrap();
    assert!(!place.has("user:1"));
    place.set("user:2", "x");
    place.set("user:3", "x");
    assert!(place.has("user:2") && place.has("user:3"));
}

#[test]
fn a_damaged_file_is_culled_in_its_turn() {
    let place = Place::with_limits(2, 3);
    place.set("user:1", "x");
    fs::write(place.entry(), "torn").unwrap();
    place.set("user:2", "x");
    place.set("user:3", "x");
    assert_eq!(place.entries().len(), 2);
    assert!(place.has("user:2") && place.has("user:3"));
    assert_eq!(place.counters.damaged(), 0);
}

#[test]
fn an_intact_file_is_never_removed_by_reading() {
    let place = Place::new();
    place.set("user:1", "x");
    for _ in 0..3 {
        assert!(place.has("user:1"));
        assert!(place.file.incr(&Key::new("user:1"), 1).is_err());
    }
    assert_eq!(place.get("user:1"), Some(text("x")));
}

#[test]
fn an_expired_file_is_removed_by_reading() {
    let place = Place::new();
    let second = std::time::Duration::from_secs(1);
    place
        .file
        .set(&Key::new("user:1"), text("x"), Some(second))
        .unwrap();
    place.advance(999);
    assert!(place.has("user:1"));
    place.advance(1);
    assert!(!place.has("user:1"));
    assert!(place.entries().is_empty());
    assert_eq!(place.counters.damaged(), 0);
}
