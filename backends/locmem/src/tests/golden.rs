//! Traces measured on Django.

use cachemere_base::{Backend, Context, Key, Open, Settings, Value as Stored};
use serde_json::Value;

use crate::{LocMem, Options};

/// Django culls nothing in these: `len // CULL_FREQUENCY` is 0. Ours culls at least one, so that MAX_ENTRIES holds.
const DEVIATIONS: [(&str, &[u64]); 2] = [
    ("5 sets, MAX_ENTRIES 3, CULL_FREQUENCY 10", &[3, 4, 5]),
    ("5 sets, MAX_ENTRIES 0, CULL_FREQUENCY 3", &[5]),
];

fn golden(name: &str) -> Vec<Value> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/golden/django-golden.json"
    );
    let text = std::fs::read(path).unwrap();
    let golden: Value = serde_json::from_slice(&text).unwrap();
    let traces = golden["api"][name].as_array().unwrap();
    assert!(!traces.is_empty());
    traces.clone()
}

fn open(max_entries: u64, cull_frequency: u64) -> LocMem {
    let settings = Settings::new("default", "locmem")
        .with_max_entries(max_entries)
        .with_cull_frequency(cull_frequency);
    LocMem::open(&settings, Options::default(), &Context::default()).unwrap()
}

#[test]
fn a_full_store_culls_what_django_culls() {
    let mut deviating = Vec::new();
    for trace in golden("culling: set cull1..cullN in order, then has_key") {
        let number = |name: &str| trace[name].as_u64().unwrap();
        let (sets, maximum) = (number("sets"), number("MAX_ENTRIES"));
        let frequency = number("CULL_FREQUENCY");
        let title = format!("{sets} sets, MAX_ENTRIES {maximum}, CULL_FREQUENCY {frequency}");

        let cache = open(maximum, frequency);
        let key = |n: u64| Key::new(&format!("cull{n}"));
        for n in 1..=sets {
            cache.set(&key(n), Stored::Int(1), None).unwrap();
        }
        let survivors: Vec<_> = (1..=sets)
            .filter(|n| cache.has_key(&key(*n)).unwrap())
            .collect();

        if let Some((name, ours)) = DEVIATIONS.iter().find(|(name, _)| *name == title) {
            assert_eq!(survivors, *ours, "{title}");
            deviating.push(*name);
        } else {
            let expected = trace["locmem_survivors"].as_array().unwrap();
            let expected: Vec<_> = expected.iter().map(|n| n.as_u64().unwrap()).collect();
            assert_eq!(survivors, expected, "{title}");
        }
    }
    assert_eq!(deviating, DEVIATIONS.map(|(name, _)| name));
}

#[test]
fn the_order_of_use_is_that_of_django() {
    let cache = open(4, 2);
    for step in golden("locmem_lru_trace MAX_ENTRIES=4 CULL_FREQUENCY=2") {
        let operation = step["op"].as_str().unwrap();
        let mut words = operation.split([' ', ',']);
        let verb = words.next().unwrap();
        let key = Key::new(words.next().unwrap());
        match verb {
            "set" => cache.set(&key, Stored::Int(1), None).unwrap(),
            "get" => assert!(cache.get(&key).unwrap().is_some()),
            "has_key" => assert!(cache.has_key(&key).unwrap()),
            "touch" => assert!(cache.touch(&key, None).unwrap()),
            "incr" => assert!(cache.incr(&key, 1).unwrap().is_some()),
            "add" => assert!(!cache.add(&key, Stored::Int(1), None).unwrap()),
            "delete" => assert!(cache.delete(&key).unwrap()),
            "get_many" => {
                let other = Key::new(words.next().unwrap());
                drop(cache.get_many(&[key, other]).unwrap());
            }
            other => panic!("unknown verb {other}"),
        }
        let expected = step["order_most_recent_first"].as_array().unwrap();
        let expected: Vec<_> = expected.iter().map(|key| key.as_str().unwrap()).collect();
        assert_eq!(cache.order(), expected, "after {operation}");
    }
}
