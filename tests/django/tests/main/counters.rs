//! One counter that both sides move.

use std::thread;

use cachemere::Cache;

use crate::site::{Site, on_every_store, said};

/// How often each of three moves it: two threads here, and Django.
const TIMES: i64 = 300;

on_every_store! { a_counter_goes_on_from_where_the_other_side_left_it }

fn a_counter_goes_on_from_where_the_other_side_left_it(site: &Site) {
    site.cache().set("hits", &1, None).unwrap();
    assert_eq!(site.ask(&["count", "hits", "2"]), "3");
    assert_eq!(site.cache().incr("hits", 1).unwrap(), 4);
    assert_eq!(site.ask(&["get", "hits"]), "int 4");
}

/// What is counted at the end, when all count at once.
fn counted_at_once(site: &Site) -> i64 {
    let cache = site.cache();
    cache.set("hits", &0, None).unwrap();
    let django = site.start(&["count", "hits", &TIMES.to_string()]);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| count(cache));
        }
    });
    said(django);
    let hits = cache.get("hits").unwrap().unwrap();
    assert_eq!(site.ask(&["get", "hits"]), format!("int {hits}"));
    hits
}

fn count(cache: &Cache) {
    for _ in 0..TIMES {
        cache.incr("hits", 1).unwrap();
    }
}

#[test]
fn what_both_count_at_once_is_counted_on_redis() {
    assert_eq!(counted_at_once(&Site::on_redis()), 3 * TIMES);
}

#[test]
fn what_both_count_at_once_is_counted_on_memcached() {
    assert_eq!(counted_at_once(&Site::on_memcached()), 3 * TIMES);
}

/// Django reads and then writes there: what was counted in between is lost, and nothing else is.
fn both_count_at_once_in_peace(site: &Site) {
    let hits = counted_at_once(site);
    assert!((1..=3 * TIMES).contains(&hits), "{hits}");
}

#[test]
fn both_count_at_once_in_peace_on_files() {
    both_count_at_once_in_peace(&Site::on_files());
}

#[test]
fn both_count_at_once_in_peace_on_sqlite() {
    both_count_at_once_in_peace(&Site::on_sqlite());
}

#[test]
fn both_count_at_once_in_peace_on_postgres() {
    both_count_at_once_in_peace(&Site::on_postgres());
}

#[test]
fn both_count_at_once_in_peace_on_mariadb() {
    both_count_at_once_in_peace(&Site::on_mariadb());
}
