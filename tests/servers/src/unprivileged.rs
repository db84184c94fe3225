use std::{os::unix::fs::chown, path::Path, process::Command};

use rustix::process::getuid;

/// Who a server runs as that root starts and that refuses to be root.
const USER: &str = "postgres";

/// How `setpriv` becomes who a server may be.
pub(crate) fn identity() -> Vec<String> {
    if !getuid().is_root() {
        return Vec::new();
    }
    let (user, group) = unprivileged();
    vec![
        format!("--reuid={user}"),
        format!("--regid={group}"),
        "--clear-groups".to_owned(),
    ]
}

/// Gives a file or a folder to who a server runs as.
pub(crate) fn give(path: &Path) {
    if getuid().is_root() {
        let (user, group) = unprivileged();
        chown(path, Some(user), Some(group)).expect("root may do so");
    }
}

fn unprivileged() -> (u32, u32) {
    let id = |of: &str| {
        let output = Command::new("id").args([of, USER]).output();
        let output = output.expect("id is everywhere").stdout;
        let id = String::from_utf8_lossy(&output).trim().parse();
        id.unwrap_or_else(|_| panic!("no user `{USER}`: apt-get install postgresql"))
    };
    (id("-u"), id("-g"))
}
