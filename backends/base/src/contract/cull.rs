//! How a store stays within MAX_ENTRIES.
//!
//! A store whose fixture says that it does not [cull](super::Fixture::culls) keeps every entry.
#![expect(missing_docs, reason = "the names are the promises")]

use super::Subject;
use crate::Value;

const MAX_ENTRIES: u64 = 30;

fn names(count: u64) -> Vec<String> {
    (1..=count).map(|n| format!("cull{n}")).collect()
}

fn live(cache: &Subject, names: &[String]) -> usize {
    names.iter().filter(|name| cache.has_key(name)).count()
}

/// Writes more and more entries, which never makes more than `max_entries` of them, the last one among them.
#[track_caller]
fn stays_within(max_entries: u64, cache: &Subject, write: impl Fn(&Subject, &str)) {
    let names = names(max_entries * 2 + 5);
    for (position, name) in names.iter().enumerate() {
        write(cache, name);
        assert!(cache.has_key(name), "`{name}` was written last and is gone");
        let live = live(cache, &names[..=position]);
        let most = if cache.culls() {
            max_entries as usize
        } else {
            position + 1
        };
        assert!(live <= most, "{live} entries after {name}");
        assert!(
            cache.culls() || live == most,
            "something is gone after {name}"
        );
    }
}

pub fn sets_stay_within_the_maximum(cache: &Subject) {
    for frequency in [2, 3] {
        let cache = cache.limited(MAX_ENTRIES, frequency);
        stays_within(MAX_ENTRIES, &cache, |cache, key| {
            cache.set(key, Value::Int(1), None);
        });
    }
}

pub fn adds_stay_within_the_maximum(cache: &Subject) {
    let cache = cache.limited(MAX_ENTRIES, 3);
    stays_within(MAX_ENTRIES, &cache, |cache, key| {
        assert!(cache.add(key, Value::raw("value"), None));
    });
}

pub fn writes_of_many_stay_within_the_maximum(cache: &Subject) {
    let cache = cache.limited(MAX_ENTRIES, 3);
    let names = names(MAX_ENTRIES * 3);
    let entries: Vec<_> = names
        .iter()
        .map(|name| (name.as_str(), Value::Int(1)))
        .collect();
    assert_eq!(cache.set_many(&entries, None), []);
    let live = live(&cache, &names);
    assert!(cache.has_key(names.last().expect("there are names")));
    assert_eq!(
        live <= MAX_ENTRIES as usize,
        cache.culls(),
        "{live} entries"
    );
}

pub fn a_frequency_larger_than_the_maximum_removes_one(cache: &Subject) {
    let cache = cache.limited(3, 10);
    stays_within(3, &cache, |cache, key| cache.set(key, Value::Int(1), None));
}

pub fn a_maximum_of_one_keeps_the_last(cache: &Subject) {
    let cache = cache.limited(1, 3);
    stays_within(1, &cache, |cache, key| cache.set(key, Value::Int(1), None));
}

pub fn a_maximum_of_zero_keeps_the_last_readable(cache: &Subject) {
    let cache = cache.limited(0, 3);
    for name in names(5) {
        cache.set(&name, Value::Int(1), None);
        assert!(cache.has_key(&name));
    }
    let most = if cache.culls() { 1 } else { 5 };
    assert!(live(&cache, &names(5)) <= most);
}

pub fn a_frequency_of_zero_removes_everything(cache: &Subject) {
    for frequency in [0, 1] {
        let cache = cache.limited(10, frequency);
        let names = names(11);
        for name in &names {
            cache.set(name, Value::Int(1), None);
        }
        assert!(cache.has_key("cull11"));
        assert_eq!(live(&cache, &names), if cache.culls() { 1 } else { 11 });
    }
}

pub fn nothing_is_removed_below_the_maximum(cache: &Subject) {
    let cache = cache.limited(MAX_ENTRIES, 3);
    let names = names(MAX_ENTRIES - 1);
    for name in &names {
        cache.set(name, Value::Int(1), None);
        cache.set(name, Value::Int(2), None);
    }
    assert_eq!(live(&cache, &names), names.len());
}

pub fn deleted_entries_make_room(cache: &Subject) {
    let cache = cache.limited(MAX_ENTRIES, 3);
    for name in names(MAX_ENTRIES * 3) {
        cache.set(&name, Value::Int(1), None);
        assert!(cache.delete(&name));
    }
    let names = names(MAX_ENTRIES - 1);
    for name in &names {
        cache.set(name, Value::Int(1), None);
    }
    assert_eq!(live(&cache, &names), names.len());
}

pub fn a_cleared_store_has_room(cache: &Subject) {
    let cache = cache.limited(MAX_ENTRIES, 3);
    let names = names(MAX_ENTRIES - 1);
    for _ in 0..3 {
        cache.clear();
        for name in &names {
            cache.set(name, Value::Int(1), None);
        }
    }
    assert_eq!(live(&cache, &names), names.len());
}
