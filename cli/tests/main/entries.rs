use serde_json::json;

use crate::site::{Site, answered, said};

#[test]
fn what_one_process_sets_another_one_gets() {
    let site = Site::files();
    assert_eq!(
        site.run(["set", "user:1", r#"{"name":"Ada","age":36}"#]),
        said("")
    );
    assert_eq!(
        site.run(["get", "user:1"]),
        said("{\"name\":\"Ada\",\"age\":36}\n")
    );
}

#[test]
fn get_of_a_missing_key_prints_nothing_and_exits_with_1() {
    assert_eq!(Site::files().run(["get", "missing"]), answered(1, ""));
}

#[test]
fn get_as_json_says_whether_there_is_a_value() {
    let site = Site::files();
    site.run(["set", "nothing", "null"]);
    assert_eq!(
        site.run(["get", "nothing", "--json"]).json(),
        json!({ "key": "nothing", "found": true, "value": null })
    );
    let missing = site.run(["--json", "get", "missing"]);
    assert_eq!(
        missing.json(),
        json!({ "key": "missing", "found": false, "value": null })
    );
    assert_eq!(missing.code, 1);
}

#[test]
fn set_as_json_says_that_it_is_done() {
    assert_eq!(
        Site::files().run(["set", "key", "1", "--json"]),
        said("{\"ok\":true}\n")
    );
}

#[test]
fn the_alias_and_the_version_are_others() {
    let site = Site::files();
    site.run(["set", "key", "1"]);
    site.run(["--alias", "other", "set", "key", "2"]);
    site.run(["set", "key", "3", "-a", "other", "--key-version", "v2"]);
    assert_eq!(site.run(["get", "key"]), said("1\n"));
    assert_eq!(site.run(["get", "key", "-a", "other"]), said("2\n"));
    assert_eq!(
        site.run(["get", "key", "-a", "other", "--key-version", "3"]),
        said("2\n")
    );
    assert_eq!(
        site.run(["-a", "other", "get", "--key-version=v2", "key"]),
        said("3\n")
    );
    assert_eq!(
        site.run(["get", "key", "--key-version", "2"]),
        answered(1, "")
    );
}

#[test]
fn a_value_is_read_from_stdin() {
    let site = Site::files();
    assert_eq!(site.feed(["set", "key", "-"], "[1,\n 2]\n"), said(""));
    assert_eq!(site.run(["get", "key"]), said("[1,2]\n"));
}

#[test]
fn add_stores_once() {
    let site = Site::files();
    assert_eq!(site.run(["add", "lock", "1"]), said("true\n"));
    assert_eq!(site.run(["add", "lock", "2"]), answered(1, "false\n"));
    assert_eq!(site.run(["get", "lock"]), said("1\n"));
    assert_eq!(
        site.run(["add", "lock", "2", "--json"]).json(),
        json!({ "key": "lock", "added": false })
    );
}

#[test]
fn touch_gives_a_new_timeout() {
    let site = Site::files();
    site.run(["set", "key", "1"]);
    assert_eq!(
        site.run(["touch", "key", "--timeout", "never"]),
        said("true\n")
    );
    assert_eq!(site.run(["ttl", "key"]), said("never\n"));
    assert_eq!(
        site.run(["touch", "missing", "--timeout", "5m"]),
        answered(1, "false\n")
    );
    assert_eq!(
        site.run(["touch", "key", "--json"]).json(),
        json!({ "key": "key", "touched": true })
    );
}

#[test]
fn delete_says_whether_there_was_an_entry() {
    let site = Site::files();
    site.run(["set", "key", "1"]);
    assert_eq!(site.run(["delete", "key"]), said("true\n"));
    assert_eq!(site.run(["delete", "key"]), answered(1, "false\n"));
    assert_eq!(
        site.run(["delete", "key", "--json"]).json(),
        json!({ "key": "key", "deleted": false })
    );
}

#[test]
fn has_key_says_whether_there_is_an_entry() {
    let site = Site::files();
    site.run(["set", "key", "null"]);
    assert_eq!(site.run(["has-key", "key"]), said("true\n"));
    assert_eq!(site.run(["has-key", "missing"]), answered(1, "false\n"));
    assert_eq!(
        site.run(["has-key", "key", "--json"]).json(),
        json!({ "key": "key", "found": true })
    );
}

#[test]
fn ttl_is_what_is_left_of_the_timeout() {
    let site = Site::files();
    site.run(["set", "short", "1", "--timeout", "5m"]);
    site.run(["set", "long", "1", "-a", "other"]);
    let left = |ran: crate::site::Ran| ran.stdout.trim_end().parse::<f64>().unwrap();
    assert!((200.0..=300.0).contains(&left(site.run(["ttl", "short"]))));
    assert!((5300.0..=5400.0).contains(&left(site.run(["ttl", "long", "-a", "other"]))));
    assert_eq!(site.run(["ttl", "missing"]), answered(1, ""));
    assert!(site.run(["ttl", "short", "--json"]).json()["ttl"].is_number());
    let missing = json!({ "key": "missing", "found": false, "ttl": null });
    assert_eq!(site.run(["ttl", "missing", "--json"]).json(), missing);
}

#[test]
fn a_timeout_of_0_is_over_at_once() {
    let site = Site::files();
    assert_eq!(site.run(["set", "key", "1", "--timeout", "0"]), said(""));
    assert_eq!(site.run(["get", "key"]), answered(1, ""));
}

#[test]
fn incr_and_decr_print_the_new_number() {
    let site = Site::files();
    site.run(["set", "hits", "5"]);
    assert_eq!(site.run(["incr", "hits"]), said("6\n"));
    assert_eq!(site.run(["incr", "hits", "-10"]), said("-4\n"));
    assert_eq!(site.run(["decr", "hits", "6"]), said("-10\n"));
    assert_eq!(
        site.run(["decr", "hits", "-10", "--json"]).json(),
        json!({ "key": "hits", "value": 0 })
    );
}

#[test]
fn incr_of_a_missing_key_says_so_and_exits_with_1() {
    let ran = Site::files().run(["incr", "missing"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.contains("missing` not found"), "{}", ran.stderr);
}

#[test]
fn incr_of_a_text_says_so_and_exits_with_3() {
    let site = Site::files();
    site.run(["set", "name", r#""Ada""#]);
    let ran = site.run(["incr", "name"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (3, ""));
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    assert!(!ran.stderr.contains("Ada"), "{}", ran.stderr);
}

#[test]
fn incr_version_and_decr_version_move_the_entry() {
    let site = Site::files();
    site.run(["set", "key", "1"]);
    assert_eq!(site.run(["incr-version", "key"]), said("2\n"));
    assert_eq!(site.run(["get", "key"]), answered(1, ""));
    assert_eq!(site.run(["get", "key", "--key-version", "2"]), said("1\n"));
    let moved = site.run(["decr-version", "key", "4", "--key-version", "2", "--json"]);
    assert_eq!(moved.json(), json!({ "key": "key", "version": -2 }));
    assert_eq!(site.run(["get", "key", "--key-version", "-2"]), said("1\n"));
}

#[test]
fn a_version_that_is_text_cannot_be_counted_on() {
    let ran = Site::files().run(["incr-version", "key", "--key-version", "v2"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
}

#[test]
fn clear_empties_the_store_and_says_so_on_stderr() {
    let site = Site::files();
    site.run(["set", "key", "1"]);
    site.run(["set", "key", "1", "-a", "other"]);
    let ran = site.run(["clear"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    assert!(
        ran.stderr
            .starts_with("the whole store of `default` was emptied"),
        "{}",
        ran.stderr
    );
    assert_eq!(site.run(["get", "key"]), answered(1, ""));
    assert_eq!(site.run(["get", "key", "-a", "other"]), said("1\n"));
}

#[test]
fn a_doubtful_key_is_warned_of_on_stderr() {
    let ran = Site::files().run(["set", "two words", "1"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    assert!(ran.stderr.contains("two words"), "{}", ran.stderr);
    assert!(!ran.stderr.contains('\x1b'), "{}", ran.stderr);
}
