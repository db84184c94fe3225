use serde_json::json;

use crate::site::{Site, answered, said};

#[test]
fn set_many_stores_every_member() {
    let site = Site::files();
    assert_eq!(
        site.run(["set-many", r#"{"b":1,"a":[true]}"#, "--timeout", "never"]),
        said("")
    );
    assert_eq!(
        site.run(["get-many", "b", "a"]),
        said("{\"b\":1,\"a\":[true]}\n")
    );
    assert_eq!(site.run(["ttl", "a"]), said("never\n"));
    assert_eq!(
        site.feed(["set-many", "-", "--json"], r#"{"a":2}"#),
        said("{\"failed\":[]}\n")
    );
}

#[test]
fn get_many_leaves_out_what_is_missing_and_exits_with_1() {
    let site = Site::files();
    site.run(["set", "a", "1"]);
    assert_eq!(
        site.run(["get-many", "missing", "a", "a"]),
        answered(1, "{\"a\":1}\n")
    );
    assert_eq!(site.run(["get-many", "missing"]), answered(1, "{}\n"));
}

#[test]
fn get_many_as_json_has_an_object_for_every_key() {
    let site = Site::files();
    site.run(["set", "a", "1"]);
    let found = json!({ "key": "a", "found": true, "value": 1 });
    let missing = json!({ "key": "missing", "found": false, "value": null });
    assert_eq!(
        site.run(["get-many", "a", "missing", "--json"]).json(),
        json!([found, missing])
    );
}

#[test]
fn set_many_prints_the_keys_that_failed_and_exits_with_1() {
    let site = Site::new("[CACHES.default]\nBACKEND = 'locmem'\nOPTIONS.MAX_BYTES = 4096\n");
    let large = "x".repeat(100_000);
    let entries = json!({ "small": 1, "large": large }).to_string();
    let ran = site.feed(["set-many", "-"], &entries);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, "large\n"));
    assert_eq!(
        site.feed(["set-many", "-", "--json"], &entries).json(),
        json!({ "failed": ["large"] })
    );
}

#[test]
fn delete_many_removes_them() {
    let site = Site::files();
    site.run(["set-many", r#"{"a":1,"b":2,"c":3}"#]);
    assert_eq!(site.run(["delete-many", "a", "b", "missing"]), said(""));
    assert_eq!(
        site.run(["get-many", "a", "b", "c"]),
        answered(1, "{\"c\":3}\n")
    );
    assert_eq!(
        site.run(["delete-many", "c", "--json"]),
        said("{\"ok\":true}\n")
    );
}

#[test]
fn many_work_at_a_version() {
    let site = Site::files();
    site.run(["set-many", r#"{"a":1}"#, "--key-version", "2"]);
    assert_eq!(site.run(["get-many", "a"]), answered(1, "{}\n"));
    assert_eq!(
        site.run(["get-many", "a", "--key-version", "2"]),
        said("{\"a\":1}\n")
    );
    site.run(["delete-many", "a", "--key-version", "2"]);
    assert_eq!(
        site.run(["has-key", "a", "--key-version", "2"]),
        answered(1, "false\n")
    );
}

#[test]
fn set_many_of_anything_but_an_object_is_refused() {
    let ran = Site::files().run(["set-many", "[1]"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("not a JSON object"), "{}", ran.stderr);
}
