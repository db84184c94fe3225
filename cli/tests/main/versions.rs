//! Named versions: the commands, and what other processes see of what they do.

use cachemere::{
    Caches, Version,
    versions::{RequestVersions, Versions},
};
use cachemere_servers::Redis;
use tokio::runtime::Runtime;

use crate::site::{Site, said};

const VERSIONS: &str = r#"
[DATABASES]
default = "sqlite:${SITE}/versions.sqlite3"

[VERSIONS]
KIND = "counting"
CACHE = "default"

[CACHES.default]
BACKEND = "file"
LOCATION = "${SITE}/default"
"#;

/// The caches of this process, and of the command.
fn site() -> (Caches, Site) {
    let site = Site::new(VERSIONS);
    let caches = Caches::from_file(site.path("caches.toml")).unwrap();
    (caches, site)
}

#[test]
fn the_commands_do_what_they_say() {
    let (_, site) = site();
    assert_eq!(site.run(["versions", "list"]), said(""));
    assert_eq!(site.run(["versions", "start", "acl", "bans"]), said(""));
    let again = site.run(["versions", "start", "bans", "themes"]);
    assert_eq!(
        (again.code, again.stderr.as_str()),
        (0, "`bans` is started already\n")
    );
    assert_eq!(site.run(["versions", "invalidate", "bans"]), said(""));
    assert_eq!(site.run(["versions", "get", "bans"]), said("1\n"));
    assert_eq!(site.run(["versions", "stop", "acl"]), said(""));
    let again = site.run(["versions", "stop", "acl"]);
    assert_eq!(
        (again.code, again.stderr.as_str()),
        (0, "`acl` is stopped already\n")
    );
    assert_eq!(site.run(["versions", "list"]), said("bans\t1\nthemes\t0\n"));
    let all = site.run(["invalidateversionedcaches"]);
    assert_eq!(
        (all.code, all.stderr.as_str()),
        (0, "all versioned caches are invalidated\n")
    );
    assert_eq!(
        site.run(["versions", "list", "--json"]),
        said("{\"bans\":2,\"themes\":1}\n")
    );
    assert_eq!(site.run(["--json", "versions", "get", "bans"]), said("2\n"));
    assert_eq!(
        site.run(["--json", "invalidateversionedcaches"]),
        said("{\"ok\":true}\n")
    );
}

#[test]
fn an_unknown_name_exits_with_1_and_names_those_there_are() {
    let (_, site) = site();
    site.run(["versions", "start", "bans"]);
    let message = "the name `bnas` has no versions, did you mean `bans`? (there are `bans`; `start` adds one)\n";
    for command in ["get", "stop", "invalidate"] {
        let ran = site.run(["versions", command, "bnas"]);
        assert_eq!(
            (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
            (1, "", message),
            "{command}"
        );
    }
    let unnamed = site.run(["versions", "start"]);
    assert_eq!(unnamed.code, 2);
    let aliased = site.run(["versions", "list", "--alias", "default"]);
    assert_eq!(aliased.code, 2);
}

#[test]
fn an_invalidation_by_one_process_is_seen_at_once_by_another_that_has_a_copy() {
    let (caches, site) = site();
    let versions = caches.versions();
    versions.start("bans").unwrap();
    for number in 0..5 {
        assert_eq!(versions.get("bans").unwrap(), Version::Number(2 * number));
        assert_eq!(site.run(["versions", "invalidate", "bans"]), said(""));
        assert_eq!(
            versions.get("bans").unwrap(),
            Version::Number(2 * number + 1)
        );
        versions.invalidate(["bans"]).unwrap();
        let seen = format!("{}\n", 2 * number + 2);
        assert_eq!(site.run(["versions", "get", "bans"]), said(&seen));
    }
}

#[test]
fn processes_that_invalidate_at_once_all_take_effect() {
    let (caches, site) = site();
    caches.versions().start("bans").unwrap();
    let invalidate = || {
        site.command()
            .args(["versions", "invalidate", "bans"])
            .spawn()
            .unwrap()
    };
    let processes: Vec<_> = (0..8).map(|_| invalidate()).collect();
    for mut process in processes {
        assert!(process.wait().unwrap().success());
    }
    assert_eq!(caches.versions().get("bans").unwrap(), Version::Number(8));
}

#[test]
fn the_table_is_made_by_createcachetable_with_or_without_its_name() {
    for arguments in [
        vec!["createcachetable"],
        vec!["createcachetable", "cachemere_versions"],
    ] {
        let (_, site) = site();
        let run = |arguments: &[&str]| {
            let output = site.command().args(arguments).output().unwrap();
            String::from_utf8(output.stdout).unwrap()
        };
        let created = "table `cachemere_versions` is created in database `default`\n";
        assert_eq!(run(&arguments), created);
        assert_eq!(run(&arguments), "");
        assert_eq!(site.run(["versions", "start", "bans"]), said(""));
    }
}

/// The caches of this process, and of the command, with the copy in redis.
fn on_redis(redis: &Redis) -> (Caches, Site) {
    let site = Site::new(&format!(
        "[DATABASES]\ndefault = 'sqlite:${{SITE}}/versions.sqlite3'\n\
         [VERSIONS]\nKIND = 'counting'\nCACHE = 'default'\n\
         [CACHES.default]\nBACKEND = 'redis'\nLOCATION = '{}'\n",
        redis.url()
    ));
    let caches = Caches::from_file(site.path("caches.toml")).unwrap();
    caches.versions().start("bans").unwrap();
    (caches, site)
}

async fn now(versions: &Versions) -> Version {
    versions.aget("bans").await.unwrap()
}

#[test]
fn with_the_copy_in_redis_an_invalidation_by_either_process_is_seen_at_once_by_both() {
    let redis = Redis::start();
    let (caches, site) = on_redis(&redis);
    let versions = caches.versions();
    Runtime::new().unwrap().block_on(async {
        for number in 0..4 {
            assert_eq!(now(&versions).await, Version::Number(2 * number));
            assert_eq!(site.run(["versions", "invalidate", "bans"]), said(""));
            assert_eq!(now(&versions).await, Version::Number(2 * number + 1));
            versions.ainvalidate(["bans"]).await.unwrap();
            let seen = format!("{}\n", 2 * number + 2);
            assert_eq!(site.run(["versions", "get", "bans"]), said(&seen));
        }
    });
}

#[test]
fn restarting_redis_empty_brings_no_old_version_back() {
    let mut redis = Redis::start();
    let (caches, site) = on_redis(&redis);
    let versions = caches.versions();
    Runtime::new().unwrap().block_on(async {
        for number in 0..3 {
            assert_eq!(now(&versions).await, Version::Number(2 * number));
            versions.ainvalidate(["bans"]).await.unwrap();
            assert_eq!(now(&versions).await, Version::Number(2 * number + 1));
            redis.server().kill();
            // readers have the database, who changes is told that others may not know
            assert_eq!(now(&versions).await, Version::Number(2 * number + 1));
            let error = versions.ainvalidate_all().await.unwrap_err().to_string();
            assert!(
                error.contains("others may read those of before for 30s"),
                "{error}"
            );
            redis.server().restart();
            assert_eq!(now(&versions).await, Version::Number(2 * number + 2));
            let seen = format!("{}\n", 2 * number + 2);
            assert_eq!(site.run(["versions", "get", "bans"]), said(&seen));
        }
    });
}

#[test]
fn a_copy_that_nobody_outdated_leaves_redis_after_thirty_seconds() {
    let redis = Redis::start();
    let (caches, site) = on_redis(&redis);
    let versions = caches.versions();
    Runtime::new().unwrap().block_on(async {
        assert_eq!(now(&versions).await, Version::Number(0));
        // a process that died between the change and the word to the cache
        let sql = "UPDATE cachemere_versions SET changes = 1";
        let database = caches.database("default").unwrap();
        database.execute(sql, &[]).unwrap();
        let map = ":1:cachemere.versions.cachemere_versions";
        let left: u64 = redis.ask(&["PTTL", map]).parse().unwrap();
        assert!((1..=30_000).contains(&left), "{left} ms");
        assert_eq!(now(&versions).await, Version::Number(0));
        assert_eq!(site.run(["versions", "get", "bans"]), said("0\n"));
        // the time is over
        assert_eq!(redis.ask(&["PEXPIRE", map, "0"]), "1");
        assert_eq!(site.run(["versions", "get", "bans"]), said("1\n"));
        assert_eq!(now(&versions).await, Version::Number(1));
    });
}

#[test]
fn a_snapshot_is_one_command_for_redis_and_none_where_nobody_reads_it() {
    let redis = Redis::start();
    let (caches, _site) = on_redis(&redis);
    let versions = caches.versions();
    let commands = || -> Vec<String> {
        let stats = redis.ask(&["INFO", "commandstats"]);
        assert_eq!(redis.ask(&["CONFIG", "RESETSTAT"]), "OK");
        let calls = stats.lines().filter_map(|line| line.split_once(",usec="));
        let calls = calls.map(|(calls, _)| calls.replace("cmdstat_", ""));
        let others = |calls: &String| !calls.starts_with("info") && !calls.starts_with("config");
        calls.filter(others).collect()
    };
    Runtime::new().unwrap().block_on(async {
        versions.asnapshot().await.unwrap();
        commands();
        let request = RequestVersions::new(versions.clone());
        assert_eq!(commands(), [""; 0]);
        for _ in 0..3 {
            request.aget("bans").await.unwrap();
            request.asnapshot().await.unwrap();
        }
        assert_eq!(commands(), ["mget:calls=1"]);
        versions.snapshot().unwrap();
        assert_eq!(commands(), ["mget:calls=1"]);
    });
}
