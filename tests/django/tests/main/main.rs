//! A Django site and `cachemere` with one cache between them.
#![expect(clippy::unwrap_used, reason = "tests")]

mod counters;
mod django_redis;
mod pages;
mod site;
mod types;
mod values;
