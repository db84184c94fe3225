use std::{env, path::PathBuf};

use cachemere::{Builder, Caches};

use crate::outcome::{Failure, Outcome};

/// The caches of these files, or of those that are found around the process; the environment over them.
pub(crate) fn load(files: &[PathBuf]) -> Outcome<Caches> {
    let builder = match files {
        [] => Builder::discover()?,
        files => files
            .iter()
            .fold(Builder::default(), Builder::file)
            .environment(),
    };
    Ok(builder.build()?)
}

/// Where [`load`] found them, for people.
pub(crate) fn described(files: &[PathBuf]) -> String {
    let mut files = files.to_vec();
    if files.is_empty()
        && let Some(list) = env::var_os("CACHES_FILE").filter(|list| !list.is_empty())
    {
        files = env::split_paths(&list).collect();
    }
    if files.is_empty() {
        files.push("caches.toml".into());
        files.retain(|file| file.exists());
    }
    let names: Vec<_> = files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    if names.is_empty() {
        "the environment".to_owned()
    } else {
        names.join(", ")
    }
}

/// Refuses `--alias` where a command is about all of them.
pub(crate) fn refuse_alias(alias: Option<&str>, command: &str) -> Outcome<()> {
    match alias {
        Some(_) => Err(Failure::usage(format!(
            "`{command}` is about every alias: leave out `--alias`"
        ))),
        None => Ok(()),
    }
}
