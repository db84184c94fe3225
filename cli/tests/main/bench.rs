use cachemere_servers::Redis;
use serde_json::json;

use crate::site::Site;

const VERBS: [&str; 6] = [
    "set",
    "get",
    "get, missing",
    "set_many(20)",
    "get_many(20)",
    "incr",
];

#[test]
fn bench_prints_calls_and_latencies_of_each_verb() {
    let ran = Site::files().run(["bench", "--seconds", "0.02"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let mut lines = ran.stdout.lines();
    let head: Vec<_> = lines.next().unwrap().split_whitespace().collect();
    assert_eq!(head, ["CALLS/S", "P50", "P90", "P99", "P99.9", "MAX"]);
    let verbs: Vec<_> = lines.map(|line| line.split("  ").next().unwrap()).collect();
    assert_eq!(verbs, VERBS);
}

#[test]
fn bench_leaves_nothing_behind() {
    let redis = Redis::start();
    let site = Site::new(&format!(
        "[CACHES.default]\nBACKEND = 'redis'\nLOCATION = '{}'",
        redis.url()
    ));
    site.run(["set", "mine", "1"]);
    let ran = site.run(["bench", "--seconds", "0.02", "--threads", "2"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(redis.ask(&["KEYS", "*"]), ":1:mine");
}

#[test]
fn bench_of_an_alias_as_json_has_percentiles_in_their_order() {
    let ran = Site::files().run(["bench", "other", "--json", "--seconds", "0.02"]);
    let json = ran.json();
    assert_eq!(json["alias"], "other");
    let verbs = json["verbs"].as_array().unwrap();
    let names: Vec<_> = verbs.iter().map(|verb| &verb["verb"]).collect();
    assert_eq!(json!(names), json!(VERBS));
    for verb in verbs {
        let times = &verb["microseconds"];
        let times = ["p50", "p90", "p99", "p99.9", "max"].map(|name| times[name].as_f64().unwrap());
        assert!(times[0] > 0.0 && times.is_sorted(), "{times:?}");
        assert!(verb["calls"].as_u64().unwrap() > 0);
    }
}

#[test]
fn bench_of_a_cache_that_keeps_nothing_works() {
    let site = Site::new("[CACHES.default]\nBACKEND = 'dummy'");
    assert_eq!(site.run(["bench", "--seconds", "0.02"]).code, 0);
}

#[test]
fn bench_of_a_store_that_is_not_there_is_a_fault_of_the_cache() {
    let port = cachemere_servers::free_port();
    let site = Site::new(&format!(
        "[CACHES.default]\nBACKEND = 'redis'\nLOCATION = 'redis://127.0.0.1:{port}'"
    ));
    let ran = site.run(["bench"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""));
    assert!(ran.stderr.contains("refused"), "{}", ran.stderr);
}

#[test]
fn bench_of_two_aliases_is_a_wrong_command_line() {
    let site = Site::files();
    assert_eq!(site.run(["bench", "other", "--alias", "default"]).code, 2);
    assert_eq!(site.run(["bench", "--seconds", "0"]).code, 2);
}
