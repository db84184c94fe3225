use std::{collections::HashSet, sync::Barrier, thread};

use cachemere::{
    Caches, ErrorKind, Version,
    versions::{Operation, StartCacheVersioning, StopCacheVersioning},
};

use super::site::Site;

const COUNTING: &str = "KIND = 'counting'";

#[test]
fn a_version_is_eight_letters_and_digits_in_the_key_as_it_is() {
    let site = Site::new("");
    let versions = site.versions();
    assert!(versions.start("bans").unwrap());
    let version = versions.get("bans").unwrap();
    let text = version.to_string();
    assert_eq!(text.len(), 8);
    assert!(
        text.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        "{text}"
    );
    let key = site["default"].version(version).make_key("user:1");
    assert_eq!(key.as_str(), format!(":{text}:user:1"));
}

#[test]
fn a_counting_version_counts_up_from_0() {
    let site = Site::new(COUNTING);
    let versions = site.versions();
    versions.start("bans").unwrap();
    assert_eq!(versions.get("bans").unwrap(), Version::Number(0));
    versions.invalidate(["bans"]).unwrap();
    versions.invalidate_all().unwrap();
    assert_eq!(versions.get("bans").unwrap(), Version::Number(2));
    let bans = site["default"].version(versions.get("bans").unwrap());
    assert_eq!(bans.make_key("k").as_str(), ":2:k");
}

#[test]
fn invalidating_one_name_leaves_the_entries_of_all_others_untouched() {
    let site = Site::new("");
    let versions = site.versions();
    let cache = |name: &str| site["default"].version(versions.get(name).unwrap());
    for name in ["acl", "bans", "themes"] {
        versions.start(name).unwrap();
        cache(name).set("k", name, None).unwrap();
    }
    versions.invalidate(["bans"]).unwrap();
    assert_eq!(
        cache("acl").get::<String>("k").unwrap().as_deref(),
        Some("acl")
    );
    assert_eq!(cache("bans").get::<String>("k").unwrap(), None);
    assert_eq!(
        cache("themes").get::<String>("k").unwrap().as_deref(),
        Some("themes")
    );
    versions.invalidate_all().unwrap();
    assert_eq!(cache("acl").get::<String>("k").unwrap(), None);
    assert_eq!(cache("themes").get::<String>("k").unwrap(), None);
}

#[test]
fn start_and_stop_may_be_repeated_and_say_whether_something_was_to_be_done() {
    let site = Site::new("");
    let versions = site.versions();
    assert!(versions.start("bans").unwrap());
    let version = versions.get("bans").unwrap();
    assert!(!versions.start("bans").unwrap());
    assert_eq!(versions.get("bans").unwrap(), version);
    assert!(versions.stop("bans").unwrap());
    assert!(!versions.stop("bans").unwrap());
    assert!(versions.all().unwrap().is_empty());
}

#[test]
fn a_name_that_is_started_again_never_has_a_version_of_before() {
    for kind in ["", COUNTING] {
        let site = Site::new(kind);
        let versions = site.versions();
        let mut seen = HashSet::new();
        for _ in 0..5 {
            versions.start("bans").unwrap();
            assert!(seen.insert(versions.get("bans").unwrap()));
            versions.invalidate(["bans"]).unwrap();
            assert!(seen.insert(versions.get("bans").unwrap()));
            versions.stop("bans").unwrap();
        }
    }
}

#[test]
fn another_kind_goes_on_with_versions_that_never_were() {
    let site = Site::new(COUNTING);
    site.versions().start("bans").unwrap();
    let random = site.another("KIND = 'random'");
    random.versions().invalidate(["bans"]).unwrap();
    assert_eq!(site.versions().get("bans").unwrap(), Version::Number(1));
    assert_eq!(random.versions().get("bans").unwrap().to_string().len(), 8);
}

#[test]
fn an_unknown_name_is_an_error_that_names_those_there_are() {
    let site = Site::new("");
    let versions = site.versions();
    let error = versions.get("bans").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownVersion);
    assert_eq!(
        error.to_string(),
        "the name `bans` has no versions (none was started; `start` adds one)"
    );
    versions.start("acl").unwrap();
    versions.start("bans").unwrap();
    let message = "the name `bnas` has no versions, did you mean `bans`? (there are `acl`, `bans`; `start` adds one)";
    let errors = [
        versions.get("bnas").map(drop),
        versions.is_valid("bnas", "x").map(drop),
        versions.stop("bnas").map(drop),
        versions.invalidate(["bnas"]),
        versions.snapshot().unwrap().get("bnas").map(drop),
        site["default"]
            .versioned(&versions.snapshot().unwrap(), "bnas")
            .map(drop),
        pollster::block_on(versions.aget("bnas")).map(drop),
        pollster::block_on(versions.ais_valid("bnas", 1)).map(drop),
        pollster::block_on(versions.astop("bnas")).map(drop),
        pollster::block_on(versions.ainvalidate(["bnas"])),
    ];
    for error in errors {
        assert_eq!(error.unwrap_err().to_string(), message);
    }
}

#[test]
fn names_are_invalidated_together_or_not_at_all() {
    let site = Site::new(COUNTING);
    let versions = site.versions();
    for name in ["a", "b", "c"] {
        versions.start(name).unwrap();
    }
    versions.invalidate(["b", "x", "a"]).unwrap_err();
    assert!(
        versions
            .all()
            .unwrap()
            .values()
            .all(|version| *version == Version::Number(0))
    );
    versions.invalidate(["b", "a", "b"]).unwrap();
    let all = versions.all().unwrap();
    assert_eq!(
        [&all["a"], &all["b"], &all["c"]].map(ToString::to_string),
        ["1", "1", "0"]
    );
    versions.invalidate([""; 0]).unwrap();
}

#[test]
fn a_stopped_name_is_unknown() {
    let site = Site::new("");
    let versions = site.versions();
    versions.start("acl").unwrap();
    versions.start("bans").unwrap();
    versions.stop("bans").unwrap();
    versions.get("bans").unwrap_err();
    versions.invalidate(["bans"]).unwrap_err();
    versions.invalidate_all().unwrap();
    assert_eq!(
        versions.all().unwrap().into_keys().collect::<Vec<_>>(),
        ["acl"]
    );
}

#[test]
fn names_may_have_any_letters_but_not_any_length() {
    let site = Site::new("");
    let versions = site.versions();
    let longest = "ö".repeat(128);
    for name in ["Bans", "bans", "a b", "'\"\\;--", "日本", &longest] {
        assert!(versions.start(name).unwrap(), "{name}");
        versions.invalidate([name]).unwrap();
    }
    assert_eq!(versions.all().unwrap().len(), 6);
    for (name, problem) in [
        ("", "the name `` is empty"),
        ("a\nb", "the name `a\\nb` has control characters"),
        (
            &"x".repeat(129),
            "the name `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…` has 129 characters, 128 are allowed",
        ),
    ] {
        let error = versions.start(name).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidVersion);
        assert_eq!(error.to_string(), problem);
    }
}

#[test]
fn is_valid_compares_with_the_version_of_now() {
    let site = Site::new(COUNTING);
    let versions = site.versions();
    versions.start("bans").unwrap();
    assert!(versions.is_valid("bans", 0).unwrap());
    assert!(versions.is_valid("bans", "0").unwrap());
    assert!(!versions.is_valid("bans", 1).unwrap());
    assert!(!versions.is_valid("bans", "x").unwrap());
}

#[test]
fn a_snapshot_stays_as_it_is() {
    let site = Site::new(COUNTING);
    let versions = site.versions();
    versions.start("bans").unwrap();
    let snapshot = versions.snapshot().unwrap();
    let bans = site["default"].versioned(&snapshot, "bans").unwrap();
    versions.invalidate(["bans"]).unwrap();
    assert!(snapshot.is_valid("bans", 0).unwrap());
    assert_eq!(
        snapshot.iter().collect::<Vec<_>>(),
        [("bans", &Version::Number(0))]
    );
    assert_eq!(bans.make_key("k").as_str(), ":0:k");
    assert!(versions.snapshot().unwrap().is_valid("bans", 1).unwrap());
}

#[test]
fn operations_are_reversible_and_repeatable() {
    let site = Site::new(COUNTING);
    let versions = site.versions();
    let (start, stop) = (StartCacheVersioning("bans"), StopCacheVersioning("bans"));
    let is_started = || versions.get("bans").is_ok();
    for _ in 0..2 {
        start.apply(&versions).unwrap();
        assert!(is_started());
    }
    for _ in 0..2 {
        stop.apply(&versions).unwrap();
        assert!(!is_started());
    }
    for _ in 0..2 {
        stop.revert(&versions).unwrap();
        assert!(is_started());
    }
    for _ in 0..2 {
        start.revert(&versions).unwrap();
        assert!(!is_started());
    }
    assert!(start.apply(&versions).unwrap());
    assert_eq!(versions.get("bans").unwrap(), Version::Number(2));
}

#[test]
fn the_asynchronous_twins_do_the_same() {
    let site = Site::new(COUNTING);
    let versions = site.versions();
    pollster::block_on(async {
        assert!(versions.astart("bans").await.unwrap());
        assert!(!versions.astart("bans").await.unwrap());
        versions.ainvalidate(["bans"]).await.unwrap();
        versions.ainvalidate_all().await.unwrap();
        assert_eq!(versions.aget("bans").await.unwrap(), Version::Number(2));
        assert!(versions.ais_valid("bans", 2).await.unwrap());
        assert_eq!(versions.aall().await.unwrap(), versions.all().unwrap());
        assert_eq!(
            versions.asnapshot().await.unwrap(),
            versions.snapshot().unwrap()
        );
        assert!(versions.astop("bans").await.unwrap());
        assert!(!versions.astop("bans").await.unwrap());
        assert!(versions.aall().await.unwrap().is_empty());
    });
}

#[test]
fn threads_that_invalidate_at_once_all_take_effect() {
    let site = Site::new(COUNTING);
    let versions = site.versions();
    versions.start("a").unwrap();
    versions.start("b").unwrap();
    let together = Barrier::new(8);
    thread::scope(|scope| {
        for at in 0..8 {
            let (versions, together) = (&versions, &together);
            scope.spawn(move || {
                together.wait();
                for _ in 0..20 {
                    match at % 2 {
                        0 => versions.invalidate(["a", "b"]).unwrap(),
                        _ => versions.invalidate(["b", "a"]).unwrap(),
                    }
                }
            });
        }
    });
    let all = versions.all().unwrap();
    assert_eq!([&all["a"], &all["b"]], [&Version::Number(160); 2]);
}

#[test]
fn threads_that_start_a_name_at_once_start_it_once() {
    let site = Site::new("");
    let versions = site.versions();
    let together = Barrier::new(8);
    let started = thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    together.wait();
                    versions.start("bans").unwrap()
                })
            })
            .collect();
        let started = threads.into_iter().map(|thread| thread.join().unwrap());
        started.filter(|started| *started).count()
    });
    assert_eq!(started, 1);
}

#[test]
fn the_versions_outlive_the_process() {
    let site = Site::new("");
    site.versions().start("bans").unwrap();
    let version = site.versions().get("bans").unwrap();
    assert_eq!(site.another("").versions().get("bans").unwrap(), version);
    assert_eq!(
        site.another("TABLE = 'others'")
            .versions()
            .all()
            .unwrap()
            .len(),
        0
    );
}

#[test]
fn the_table_is_created_by_createcachetable_if_the_file_speaks_of_versions() {
    let site = Site::new("TABLE = 'my_versions'");
    let tables = site.cache_tables();
    assert_eq!(tables.len(), 1);
    assert_eq!(
        (tables[0].name(), tables[0].database()),
        ("my_versions", "default")
    );
    assert_eq!(tables[0].create().unwrap(), cachemere::Creation::Created);
    assert_eq!(tables[0].create().unwrap(), cachemere::Creation::Exists);
    assert!(site.versions().start("bans").unwrap());
    let silent = Caches::from_toml("[DATABASES]\ndefault = 'sqlite::memory:'").unwrap();
    assert!(silent.cache_tables().is_empty());
}

#[test]
fn a_database_that_fails_is_an_error() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let toml = format!(
        "[DATABASES]\ndefault = 'sqlite:{}/below/a/file'",
        file.path().display()
    );
    let versions = Caches::from_toml(&toml).unwrap().versions();
    assert!(versions.snapshot().unwrap_err().is_fault());
    assert!(versions.start("bans").unwrap_err().is_fault());
}

#[test]
#[should_panic(expected = "`bans` was not invalidated: its version is still 0")]
fn the_assertion_fails_if_the_block_does_not_invalidate() {
    let site = Site::new(COUNTING);
    site.versions().start("bans").unwrap();
    site.versions()
        .assert_invalidates("bans", || site.versions().start("acl").unwrap());
}

#[test]
#[should_panic(expected = "the name `bans` has no versions")]
fn the_assertion_fails_for_an_unknown_name() {
    Site::new("").versions().assert_invalidates("bans", || ());
}

#[test]
fn the_assertion_holds_for_blocks_and_futures_that_invalidate() {
    let site = Site::new("");
    let versions = site.versions();
    versions.start("bans").unwrap();
    let output = versions.assert_invalidates("bans", || {
        versions.invalidate(["bans"]).unwrap();
        5
    });
    assert_eq!(output, 5);
    pollster::block_on(versions.aassert_invalidates("bans", async {
        versions.ainvalidate_all().await.unwrap();
    }));
}
