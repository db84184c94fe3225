//! What is one per process: the static `caches`, the environment.

#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::{env, process::Command};

/// Runs one of the checks below in a process of its own, with these variables and this working directory.
fn run(check: &str, variables: &[(&str, &str)], folder: &std::path::Path) -> String {
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", "check", "--nocapture"])
        .env("CACHEMERE_CHECK", check)
        .envs(variables.iter().copied())
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The other process. Without the variable it is an ordinary run of the tests, in which nothing is loaded.
#[test]
fn check() {
    use cachemere::{Caches, caches};
    match env::var("CACHEMERE_CHECK").as_deref() {
        Ok("load") => match caches.load() {
            Ok(loaded) => println!("loaded {:?}", loaded.aliases().collect::<Vec<_>>()),
            Err(error) => println!("error {error}"),
        },
        Ok("use") => {
            cachemere::cache().set("key", &1, 60).unwrap();
            assert!(std::ptr::eq(cachemere::cache(), &caches["default"]));
            assert_eq!(caches["default"].get::<i32>("key").unwrap(), Some(1));
            println!("default is {:?}", caches["default"]);
            assert!(caches.install(Caches::from_toml("").unwrap()).is_err());
        }
        Ok("install") => {
            let toml = "[CACHES.default]\nBACKEND='dummy'\n[CACHES.installed]\nBACKEND='dummy'";
            caches.install(Caches::from_toml(toml).unwrap()).unwrap();
            println!("installed {:?}", caches.get("installed").unwrap().alias());
        }
        _ => assert_eq!(format!("{:?}", caches), "not loaded"),
    }
}

#[test]
fn caches_toml_of_the_working_directory_is_loaded_at_first_use() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("caches.toml"),
        "[CACHES.default]\nBACKEND = 'locmem'\nVERSION = 7",
    )
    .unwrap();
    assert!(run("use", &[], folder.path()).contains("version: Number(7)"));
}

#[test]
fn caches_file_names_several_files_and_the_environment_overrides() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("a.toml"),
        "[CACHES.default]\nBACKEND = 'locmem'\nVERSION = 7",
    )
    .unwrap();
    std::fs::write(
        folder.path().join("b.toml"),
        "[CACHES.more]\nBACKEND = 'dummy'",
    )
    .unwrap();
    let files = ("CACHES_FILE", "a.toml:b.toml");
    assert!(run("load", &[files], folder.path()).contains(r#"loaded ["default", "more"]"#));
    assert!(
        run(
            "use",
            &[files, ("CACHES__DEFAULT__VERSION", "8")],
            folder.path()
        )
        .contains("version: Number(8)")
    );
}

#[test]
fn variables_alone_are_a_configuration() {
    let folder = tempfile::tempdir().unwrap();
    let loaded = run(
        "load",
        &[("CACHES__DEFAULT__BACKEND", "dummy")],
        folder.path(),
    );
    assert!(loaded.contains(r#"loaded ["default"]"#), "{loaded}");
}

#[test]
fn no_file_and_no_variable_is_an_error_that_says_what_was_tried() {
    let folder = tempfile::tempdir().unwrap();
    let error = run("load", &[], folder.path());
    assert!(
        error.contains("error ") && error.contains("caches.toml") && error.contains("CACHES_FILE"),
        "{error}"
    );
    let error = run("load", &[("CACHES_FILE", "gone.toml")], folder.path());
    assert!(
        error.contains("error ") && error.contains("gone.toml"),
        "{error}"
    );
}

#[test]
fn installed_caches_are_those_of_the_process() {
    let folder = tempfile::tempdir().unwrap();
    assert!(run("install", &[], folder.path()).contains(r#"installed "installed""#));
}
