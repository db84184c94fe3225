//! Named versions: the commands, and what other processes see of what they do.

use cachemere::{Caches, Version};

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
