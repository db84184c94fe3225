//! What costs no allocation.

use allocation_counter::measure;
use cachemere::Raw;

use crate::site::site;

#[test]
fn an_alias_look_up_and_an_ordinary_key_cost_no_allocation() {
    let site = site("locmem");
    let key = "user:".to_owned() + &"1".repeat(50);
    let warm = &site["default"];
    assert_eq!(
        measure(|| {
            std::hint::black_box(&site["default"]);
        })
        .count_total,
        0
    );
    assert_eq!(
        measure(|| drop(std::hint::black_box(warm.make_key(&key)))).count_total,
        0
    );
    assert_eq!(
        measure(|| drop(std::hint::black_box(warm.version(2).make_key(&key)))).count_total,
        0
    );
}

#[test]
fn reading_raw_bytes_or_an_integer_from_memory_costs_no_allocation() {
    let site = site("locmem");
    let cache = &site["default"];
    cache.set("raw", &Raw::from(vec![1; 100]), 60).unwrap();
    cache.set("number", &1, 60).unwrap();
    let _ = (
        cache.get::<Raw>("raw").unwrap(),
        cache.get::<i64>("number").unwrap(),
    );
    assert_eq!(
        measure(|| drop(cache.get::<Raw>("raw").unwrap())).count_total,
        0
    );
    assert_eq!(
        measure(|| {
            cache.get::<i64>("number").unwrap();
        })
        .count_total,
        0
    );
    assert_eq!(
        measure(|| {
            cache.has_key("missing").unwrap();
        })
        .count_total,
        0
    );
    assert_eq!(
        measure(|| {
            cache.incr("number", 1).unwrap();
        })
        .count_total,
        0
    );
}
