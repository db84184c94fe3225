#[cfg(feature = "db")]
mod databases;
mod environment;
mod files;
mod middleware;
mod mistakes;
mod problems;
#[cfg(feature = "full")]
mod reference;
mod secrets;
mod store;
mod values;
#[cfg(feature = "db")]
mod versions;

use std::path::PathBuf;

use cachemere_base::Context;

pub(super) use self::store::Store;
use super::{Alias, Config, Sources, load};
use crate::registry::Registry;

fn files_of(paths: &[PathBuf]) -> Sources {
    let mut sources = Sources::default();
    paths.iter().for_each(|path| sources.add_file(path.clone()));
    sources
}

/// A registry of one backend with options of every kind, called as locmem is.
fn registry() -> Registry {
    let mut registry = Registry::empty();
    registry.add_backend::<Store>();
    registry
}

fn sources(text: &str) -> Sources {
    let mut sources = Sources::default();
    sources.add_text("caches.toml", text);
    sources
}

fn environment(variables: &[(&str, &str)]) -> Option<Vec<(String, String)>> {
    let pairs = variables.iter();
    Some(
        pairs
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
    )
}

fn loaded(sources: &Sources) -> Config {
    load(sources, &registry(), &Context::default()).unwrap()
}

fn refused(sources: &Sources) -> String {
    load(sources, &registry(), &Context::default())
        .unwrap_err()
        .to_string()
}

fn config(text: &str) -> Config {
    loaded(&sources(text))
}

fn problems(text: &str) -> String {
    refused(&sources(text))
}

/// The alias `default` with these lines in its table.
fn default_with(lines: &str) -> Alias {
    let text = format!("[CACHES.default]\nBACKEND = \"locmem\"\n{lines}\n");
    config(&text).aliases.remove(0)
}

/// The problems of the alias `default` with these lines in its table, from line 3 on.
fn problems_with(lines: &str) -> String {
    problems(&format!(
        "[CACHES.default]\nBACKEND = \"locmem\"\n{lines}\n"
    ))
}
