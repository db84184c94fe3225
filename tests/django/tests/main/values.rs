//! Every value that was measured, and many random ones.

use cachemere::django::Value;

use crate::site::{Site, on_every_store};

/// How many vectors the golden file has.
const GOLDEN: usize = 80;
/// Random values, and where their randomness begins.
const RANDOM: usize = 3000;
const SEED: u64 = 20_261_126;
/// How many are stored at once.
const BATCH: usize = 500;

on_every_store! { what_django_set_is_read_and_what_is_set_django_reads }

/// Django finds what was read and set again the same, down to the types.
fn what_django_set_is_read_and_what_is_set_django_reads(site: &Site) {
    let (random, seed) = (RANDOM.to_string(), SEED.to_string());
    let all = GOLDEN + RANDOM;
    assert_eq!(site.ask(&["write", &random, &seed]), all.to_string());
    let values: Vec<(String, Value)> = (0..all)
        .map(|number| {
            let value = site.cache().get(&format!("django{number}")).unwrap();
            (format!("rust{number}"), value.unwrap())
        })
        .collect();
    for batch in values.chunks(BATCH) {
        let entries = batch.iter().map(|(key, value)| (key, value));
        let failed = site.cache().set_many(entries, 600).unwrap();
        assert!(failed.is_empty());
    }
    assert_eq!(site.ask(&["check", &random, &seed]), all.to_string());
}
