use std::process::Stdio;

use crate::site::Site;

#[test]
fn help_lists_the_exit_codes() {
    let ran = Site::new("").run(["--help"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.contains("Exit codes:\n  0  "), "{}", ran.stdout);
    assert!(!ran.stdout.contains('\x1b'));
}

#[test]
fn version_is_that_of_the_package() {
    let ran = Site::new("").run(["--version"]);
    assert_eq!(
        ran.stdout,
        format!("cachemere {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn completions_know_every_command_and_need_no_configuration() {
    for shell in ["bash", "zsh", "fish"] {
        let ran = Site::new("broken").run(["completions", shell]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
        assert!(ran.stdout.contains("decr-version"), "{shell}");
    }
}

#[test]
fn a_wrong_command_line_exits_with_2() {
    let site = Site::files();
    for arguments in [
        ["get", "--sideways"],
        ["fetch", "key"],
        ["get-many", "--json"],
    ] {
        let ran = site.run(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{arguments:?}");
    }
    let ran = site.run(["set", "key", "1", "--timeout", "soon"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr
            .contains("expected seconds (`300`), or a text such as `5m`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_reader_that_went_away_is_no_failure() {
    let site = Site::new("");
    let mut child = site
        .command()
        .args(["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
