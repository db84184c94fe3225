//! The copy of the map in a cache, which several processes share.

use std::{path::PathBuf, sync::Arc, time::Duration};

use cachemere::{
    Cache, Caches, ErrorKind, Version,
    base::ManualClock,
    versions::{Snapshot, Versions},
};
use tempfile::TempDir;

use super::hooked::{Hooked, Hooks};

/// A database, and a cache with the copy; what several processes share.
pub(super) struct Shared {
    folder: TempDir,
    clock: Arc<ManualClock>,
}

impl Shared {
    pub(super) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            clock: Arc::default(),
        }
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    pub(super) fn hooks(&self) -> Arc<Hooks> {
        Hooks::of(self.store())
    }

    /// The caches of one process; the alias `copy` has these settings.
    fn process(&self, copy: &str) -> Caches {
        let toml = format!(
            "[DATABASES]\ndefault = 'sqlite:{}'\n[VERSIONS]\nKIND = 'counting'\nCACHE = 'copy'\n\
             [CACHES.default]\nBACKEND = 'dummy'\n[CACHES.copy]\nBACKEND = 'tests.Hooked'\nLOCATION = '{}'\n{copy}\n",
            self.folder.path().join("versions.sqlite3").display(),
            self.store().display()
        );
        let clock: Arc<ManualClock> = Arc::clone(&self.clock);
        let builder = Caches::builder().toml(&toml).backend::<Hooked>();
        builder.clock(clock).build().unwrap()
    }

    /// One process that started `bans`.
    pub(super) fn started(&self) -> Caches {
        let caches = self.process("");
        caches.versions().start("bans").unwrap();
        self.hooks().calls();
        caches
    }
}

/// Changes the version in the database without a word to the cache.
fn invalidate_silently(caches: &Caches) {
    let database = caches.database("default").unwrap();
    let sql = "UPDATE cachemere_versions SET changes = changes + 1";
    database.execute(sql, &[]).unwrap();
}

fn now(versions: &Versions) -> Version {
    versions.get("bans").unwrap()
}

fn of(snapshot: &Snapshot) -> &Version {
    snapshot.get("bans").unwrap()
}

#[test]
fn a_snapshot_is_one_look_up_in_the_cache() {
    let shared = Shared::new();
    let caches = shared.started();
    let (versions, hooks) = (caches.versions(), shared.hooks());
    versions.snapshot().unwrap();
    hooks.calls();
    // nobody reads the database: it says something else
    invalidate_silently(&caches);
    for _ in 0..3 {
        let snapshot = versions.snapshot().unwrap();
        assert_eq!(*of(&snapshot), Version::Number(0));
        caches["default"].versioned(&snapshot, "bans").unwrap();
        assert_eq!(hooks.calls(), ["get_many"]);
        pollster::block_on(versions.asnapshot()).unwrap();
        assert_eq!(hooks.calls(), ["get_many"]);
        versions.get("bans").unwrap();
        assert_eq!(hooks.calls(), ["get_many"]);
    }
}

#[test]
fn an_invalidation_is_seen_at_once_by_every_process() {
    let shared = Shared::new();
    let (here, there) = (shared.started().versions(), shared.process("").versions());
    for number in 1..20 {
        assert_eq!(
            [now(&here), now(&there)],
            [number - 1; 2].map(Version::Number)
        );
        match number % 3 {
            0 => here.invalidate(["bans"]).unwrap(),
            1 => there.invalidate_all().unwrap(),
            _ => pollster::block_on(there.ainvalidate(["bans"])).unwrap(),
        }
        assert_eq!([now(&there), now(&here)], [number; 2].map(Version::Number));
    }
    here.stop("bans").unwrap();
    there.get("bans").unwrap_err();
    there.start("bans").unwrap();
    assert_eq!(now(&here), Version::Number(20));
}

#[test]
fn a_reader_that_writes_its_copy_late_does_not_bring_the_old_map_back() {
    let shared = Shared::new();
    let (reader, other) = (shared.started().versions(), shared.process("").versions());
    // between the reader's query and its write, another process invalidates and reads
    shared.hooks().before_set(move || {
        other.invalidate(["bans"]).unwrap();
        assert_eq!(now(&other), Version::Number(1));
    });
    assert_eq!(*of(&reader.snapshot().unwrap()), Version::Number(0));
    assert_eq!(now(&reader), Version::Number(1));
    assert_eq!(now(&shared.process("").versions()), Version::Number(1));
}

#[test]
fn a_reader_that_writes_late_into_a_cache_that_was_emptied_does_not_bring_the_old_map_back() {
    let shared = Shared::new();
    let (reader, other) = (shared.started().versions(), shared.process(""));
    shared.hooks().before_set(move || {
        other.versions().invalidate(["bans"]).unwrap();
        other["copy"].clear().unwrap();
    });
    assert_eq!(*of(&reader.snapshot().unwrap()), Version::Number(0));
    assert_eq!(now(&reader), Version::Number(1));
}

#[test]
fn an_asynchronous_reader_that_writes_late_is_no_different() {
    let shared = Shared::new();
    let (reader, other) = (shared.started().versions(), shared.process("").versions());
    shared
        .hooks()
        .before_set(move || other.invalidate(["bans"]).unwrap());
    pollster::block_on(async {
        assert_eq!(*of(&reader.asnapshot().await.unwrap()), Version::Number(0));
        assert_eq!(reader.aget("bans").await.unwrap(), Version::Number(1));
    });
}

#[test]
fn a_process_that_tells_the_cache_late_does_not_bring_the_old_map_back() {
    let shared = Shared::new();
    let (slow, fast) = (shared.started().versions(), shared.process("").versions());
    // the slow one has committed, and not yet told
    shared.hooks().before_set(move || {
        fast.invalidate(["bans"]).unwrap();
        assert_eq!(now(&fast), Version::Number(2));
    });
    slow.invalidate(["bans"]).unwrap();
    assert_eq!(now(&slow), Version::Number(2));
    assert_eq!(now(&shared.process("").versions()), Version::Number(2));
}

#[test]
fn losing_the_cache_or_a_part_of_it_brings_no_old_version_back() {
    let token = "cachemere.versions.cachemere_versions.token";
    let map = "cachemere.versions.cachemere_versions";
    let lose: [fn(&Cache, &str, &str); 3] = [
        |cache, _, _| cache.clear().unwrap(),
        |cache, token, _| assert!(cache.delete(token).unwrap()),
        |cache, _, map| assert!(cache.delete(map).unwrap()),
    ];
    for lose in lose {
        let shared = Shared::new();
        let caches = shared.started();
        let versions = caches.versions();
        now(&versions);
        versions.invalidate(["bans"]).unwrap();
        assert_eq!(now(&versions), Version::Number(1));
        lose(&caches["copy"], token, map);
        assert_eq!(now(&versions), Version::Number(1));
        versions.invalidate(["bans"]).unwrap();
        assert_eq!(now(&versions), Version::Number(2));
    }
}

#[test]
fn a_copy_that_nobody_outdated_is_read_for_thirty_seconds_at_most() {
    let shared = Shared::new();
    let caches = shared.started();
    let versions = caches.versions();
    assert_eq!(now(&versions), Version::Number(0));
    invalidate_silently(&caches);
    shared.clock.advance(Duration::from_secs(29));
    assert_eq!(now(&versions), Version::Number(0));
    shared.clock.advance(Duration::from_secs(2));
    assert_eq!(now(&versions), Version::Number(1));
}

#[test]
fn a_cache_of_one_process_only_is_behind_for_thirty_seconds_at_most() {
    let shared = Shared::new();
    let process = || {
        let toml = format!(
            "[DATABASES]\ndefault = 'sqlite:{}'\n[VERSIONS]\nKIND = 'counting'\nCACHE = 'default'\n\
             [CACHES.default]\nBACKEND = 'locmem'\n",
            shared.folder.path().join("versions.sqlite3").display()
        );
        let clock: Arc<ManualClock> = Arc::clone(&shared.clock);
        Caches::builder()
            .toml(&toml)
            .clock(clock)
            .build()
            .unwrap()
            .versions()
    };
    let (here, there) = (process(), process());
    here.start("bans").unwrap();
    assert_eq!([now(&here), now(&there)], [0; 2].map(Version::Number));
    here.invalidate(["bans"]).unwrap();
    assert_eq!(now(&here), Version::Number(1));
    shared.clock.advance(Duration::from_secs(30));
    assert_eq!(now(&there), Version::Number(1));
}

#[test]
fn a_cache_that_fails_is_passed_over_by_readers() {
    let shared = Shared::new();
    let caches = shared.started();
    let versions = caches.versions();
    now(&versions);
    invalidate_silently(&caches);
    shared.hooks().fail(true);
    assert_eq!(now(&versions), Version::Number(1));
    assert_eq!(
        pollster::block_on(versions.aget("bans")).unwrap(),
        Version::Number(1)
    );
    assert!(caches["copy"].counters().faults() > 0);
}

#[test]
fn a_cache_that_cannot_be_told_is_an_error_after_the_change_and_a_second_call_tells_it() {
    let shared = Shared::new();
    let versions = shared.started().versions();
    now(&versions);
    shared.hooks().fail(true);
    let error = versions.invalidate(["bans"]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(
        error.to_string(),
        "the versions are changed, but the cache with a copy of them was not told: others may read those of before for \
         30s, unless the call is repeated: cache `copy` (tests.Hooked): nobody is at home"
    );
    pollster::block_on(versions.ainvalidate_all()).unwrap_err();
    assert_eq!(now(&versions), Version::Number(2));
    shared.hooks().fail(false);
    assert!(!versions.start("bans").unwrap());
    assert_eq!(now(&versions), Version::Number(2));
}

#[test]
fn a_cache_that_cannot_be_told_is_logged_only_where_a_fault_is_a_miss() {
    let shared = Shared::new();
    shared.started();
    let caches = shared.process("OPTIONS.ON_ERROR = 'miss'");
    shared.hooks().fail(true);
    caches.versions().invalidate(["bans"]).unwrap();
    assert!(caches["copy"].counters().faults() > 0);
}

#[test]
fn something_else_under_the_keys_of_the_copy_is_passed_over() {
    let shared = Shared::new();
    let caches = shared.started();
    caches["copy"]
        .set("cachemere.versions.cachemere_versions", &5, None)
        .unwrap();
    assert_eq!(now(&caches.versions()), Version::Number(0));
    caches["copy"]
        .set("cachemere.versions.cachemere_versions.token", "x", None)
        .unwrap();
    assert_eq!(now(&caches.versions()), Version::Number(0));
}

#[test]
fn a_copy_in_a_cache_that_stores_nothing_is_no_copy() {
    let toml = "[DATABASES]\ndefault = 'sqlite::memory:'\n[VERSIONS]\nCACHE = 'default'\n[CACHES.default]\nBACKEND = 'dummy'";
    let versions = Caches::from_toml(toml).unwrap().versions();
    versions.start("bans").unwrap();
    let version = now(&versions);
    versions.invalidate(["bans"]).unwrap();
    assert_ne!(now(&versions), version);
}
