//! A site with django-redis: its serializers and compressors.

use cachemere::django::Value;

use crate::site::Site;

const VALUES: usize = 500;
const SEED: &str = "20261128";

/// What JSON and MessagePack have crosses, in both directions, and both sides count.
fn values_cross(serializer: &str, compressor: &str) {
    let site = Site::on_django_redis(serializer, compressor);
    let (cache, all) = (site.cache(), VALUES.to_string());
    assert_eq!(site.ask(&["write_simple", &all, SEED]), all);
    for number in 0..VALUES {
        let value: Option<Value> = cache.get(&format!("django{number}")).unwrap();
        let key = format!("rust{number}");
        cache.set(&key, &value.unwrap(), 600).unwrap();
    }
    assert_eq!(site.ask(&["check_simple", &all, SEED]), all);

    cache.set("hits", &1, None).unwrap();
    assert_eq!(site.ask(&["count", "hits", "2"]), "3");
    assert_eq!(cache.incr("hits", 1).unwrap(), 4);
}

#[test]
fn json_crosses() {
    values_cross("json", "none");
}

#[test]
fn json_crosses_with_zlib() {
    values_cross("json", "zlib");
}

#[test]
fn messagepack_crosses_with_zstd() {
    values_cross("msgpack", "zstd");
}

#[test]
fn messagepack_crosses_with_lz4() {
    values_cross("msgpack", "lz4");
}

#[test]
fn pickles_cross_with_zstd() {
    values_cross("pickle", "zstd");
}
