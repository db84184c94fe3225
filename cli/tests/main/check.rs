use serde_json::{Value, json};

use crate::site::Site;

const THREE: &str = r#"
[CACHES.default]
BACKEND = "locmem"

[CACHES.pages]
BACKEND = "file"
LOCATION = "${SITE}/pages"
TIMEOUT = "1h30m"
KEY_PREFIX = "app"
VERSION = "v2"

[CACHES.off]
BACKEND = "dummy"
TIMEOUT = "never"
"#;

/// The words of the line of the table that is about this alias.
fn row<'a>(table: &'a str, alias: &str) -> Vec<&'a str> {
    let line = table
        .lines()
        .find(|line| line.split_whitespace().next() == Some(alias));
    line.unwrap_or_else(|| panic!("no {alias} in {table}"))
        .split_whitespace()
        .collect()
}

#[test]
fn a_bare_command_checks_every_alias() {
    let site = Site::new(THREE);
    let ran = site.run([]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert_eq!(
        row(&ran.stdout, "ALIAS"),
        [
            "ALIAS", "BACKEND", "LOCATION", "TIMEOUT", "PREFIX", "VERSION", "RESULT", "LATENCY"
        ]
    );
    assert_eq!(
        row(&ran.stdout, "default")[..7],
        ["default", "locmem", "-", "5m", "-", "1", "ok"]
    );
    let folder = site.path("pages");
    assert_eq!(
        row(&ran.stdout, "pages")[..7],
        [
            "pages",
            "file",
            folder.to_str().unwrap(),
            "1h30m",
            "app",
            "v2",
            "ok"
        ]
    );
    assert_eq!(
        row(&ran.stdout, "off")[..9],
        [
            "off", "dummy", "-", "never", "-", "1", "ok,", "stores", "nothing"
        ]
    );
    assert!(
        row(&ran.stdout, "pages").ends_with(&["ms"]),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout.ends_with("3 caches in caches.toml, all good\n"),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains('\x1b'), "{}", ran.stdout);
}

#[test]
fn check_leaves_nothing_behind() {
    let site = Site::new(THREE);
    site.run(["check"]);
    site.run(["set", "key", "1", "-a", "pages"]);
    site.run(["check"]);
    assert_eq!(site.run(["get", "key", "-a", "pages"]).stdout, "1\n");
}

#[test]
fn a_cache_that_fails_is_explained_and_exits_with_1() {
    let site = Site::new(THREE);
    site.write("pages", "not a folder");
    let ran = site.run(["check"]);
    assert_eq!(ran.code, 1);
    assert!(
        row(&ran.stdout, "pages").contains(&"failed"),
        "{}",
        ran.stdout
    );
    assert!(
        row(&ran.stdout, "default").contains(&"ok"),
        "{}",
        ran.stdout
    );
    let lines: Vec<_> = ran.stderr.lines().collect();
    assert!(lines[0].starts_with("pages: "), "{}", ran.stderr);
    assert!(lines[1].contains("is it a folder"), "{}", ran.stderr);
    assert_eq!(lines[2], "1 of 3 caches in caches.toml failed");
    assert!(!ran.stderr.contains('\x1b'), "{}", ran.stderr);
}

#[test]
fn check_as_json_has_an_object_for_every_alias() {
    let site = Site::new(THREE);
    site.write("pages", "not a folder");
    let ran = site.run(["check", "--json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (1, ""));
    let Value::Array(mut reports) = ran.json() else {
        panic!("{}", ran.stdout)
    };
    assert!(reports[0]["latency_ms"].take().is_f64());
    assert_eq!(
        reports[0],
        json!({
            "alias": "default",
            "backend": "locmem",
            "location": "",
            "timeout": 300,
            "prefix": "",
            "version": 1,
            "ok": true,
            "result": "ok",
            "latency_ms": null,
            "error": null,
            "hint": null,
            "servers": [],
            "notes": [],
        })
    );
    assert_eq!(
        (&reports[1]["ok"], &reports[1]["result"]),
        (&json!(false), &json!("failed"))
    );
    assert!(reports[1]["error"].is_string() && reports[1]["hint"].is_string());
    assert_eq!(
        (&reports[2]["result"], &reports[2]["timeout"]),
        (&json!("ok, stores nothing"), &json!(null))
    );
}

#[test]
fn a_relative_location_and_one_that_is_served_are_noted() {
    let site = Site::new(
        r#"
MEDIA_ROOT = "${SITE}/media"

[CACHES.default]
BACKEND = "file"
LOCATION = "media/cache"
"#,
    );
    let ran = site.run(["check"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(
        ran.stdout
            .lines()
            .any(|line| line.starts_with("default: ") && line.contains("relative")),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout
            .contains("default: LOCATION is inside MEDIA_ROOT"),
        "{}",
        ran.stdout
    );
}

#[test]
fn options_without_effect_are_noted() {
    let site = Site::new("[CACHES.default]\nBACKEND = 'dummy'\nOPTIONS.MAX_ENTRIES = 5\n");
    let ran = site.run(["check"]);
    assert_eq!(ran.code, 0);
    assert!(
        ran.stdout.contains("default: ") && ran.stdout.contains("MAX_ENTRIES"),
        "{}",
        ran.stdout
    );
}

#[test]
fn secrets_are_masked() {
    let site = Site::new(
        "[CACHES.default]\nBACKEND = 'dummy'\nLOCATION = 'redis://ada:hunter2@cache.internal:6379/0'\n",
    );
    for command in ["check", "aliases"] {
        let ran = site.run([command, "--json"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let location = ran.json()[0]["location"].as_str().unwrap().to_owned();
        assert!(
            location.contains("cache.internal") && !location.contains("hunter2"),
            "{location}"
        );
    }
}

#[test]
fn no_reader_of_the_table_is_no_failure() {
    let site = Site::new(THREE);
    let mut child = site
        .command()
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
