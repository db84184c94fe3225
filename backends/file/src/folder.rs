use std::{fs, io, path::Path};

use crate::{disk, fault::failed};

/// Whether the folder of a store is there. One that others have made, or may write into, is an error: they could have
/// put links into it, or values.
pub(crate) fn is_there(root: &Path) -> io::Result<bool> {
    let metadata = disk::found(fs::symlink_metadata(root));
    let Some(metadata) = metadata.map_err(failed("could not be looked at", root))? else {
        return Ok(false);
    };
    match refusal(&metadata) {
        None => Ok(true),
        Some(reason) => {
            let message = format!("{reason}, or give another LOCATION");
            let error = io::Error::new(io::ErrorKind::PermissionDenied, message);
            Err(failed("refused", root)(error))
        }
    }
}

/// Why a folder is not to be used, and what can be done.
fn refusal(metadata: &fs::Metadata) -> Option<String> {
    if metadata.is_symlink() {
        return Some("a symbolic link, which is not followed; remove it".to_owned());
    }
    if !metadata.is_dir() {
        return Some("not a directory; remove it".to_owned());
    }
    #[cfg(unix)]
    return refusal_to(rustix::process::geteuid().as_raw(), metadata);
    #[cfg(not(unix))]
    None
}

#[cfg(unix)]
fn refusal_to(user: u32, metadata: &fs::Metadata) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let (owner, mode) = (metadata.uid(), metadata.mode() & 0o7777);
    if owner != user {
        return Some(format!(
            "belongs to user {owner}, and this process runs as user {user}; `chown {user}` it"
        ));
    }
    (mode & 0o022 != 0).then(|| {
        format!("others may write into it (its mode is {mode:04o}); `chmod 700` it, if you trust what it has")
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_another_user_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let metadata = fs::symlink_metadata(dir.path()).unwrap();
        let user = rustix::process::geteuid().as_raw();
        assert_eq!(refusal_to(user, &metadata), None);
        let refusal = refusal_to(user + 1, &metadata).unwrap();
        assert!(refusal.contains("`chown"), "{refusal}");
        assert!(
            refusal.contains(&format!("belongs to user {user}")),
            "{refusal}"
        );
    }

    #[test]
    fn a_folder_that_is_missing_is_fine_and_a_file_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("cachemere");
        assert!(!is_there(&root).unwrap());
        fs::write(&root, "").unwrap();
        let error = is_there(&root).unwrap_err();
        assert!(
            error.to_string().contains("refused: not a directory"),
            "{error}"
        );
    }
}
