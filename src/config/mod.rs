//! From `caches.toml`, the environment and code to opened aliases.

mod alias;
mod converter;
#[cfg_attr(not(feature = "db"), path = "no_databases.rs")]
mod databases;
mod document;
mod duration;
mod environment;
mod fields;
mod interpolation;
mod keys;
mod layer;
mod layers;
mod middleware;
mod names;
mod opening;
mod options;
mod path;
mod place;
mod problem;
mod reader;
mod recovery;
mod secret;
mod sources;
mod statement;
#[cfg(test)]
mod tests;
mod top_level;
mod tree;
mod versions;
mod vocabulary;

use std::path::PathBuf;
#[cfg(feature = "db")]
use std::sync::Arc;

use cachemere_base::{Context, Result};

#[cfg(feature = "db")]
pub(crate) use self::versions::VersionKind;
pub(crate) use self::{
    alias::{Alias, OnError},
    fields::{Fields, Shape},
    middleware::Middleware,
    sources::Sources,
    versions::VersionSettings,
};
use self::{
    interpolation::interpolate, place::Place, problem::Problems, reader::Reader, tree::Tree,
};
use crate::registry::Registry;

/// A configuration without a problem.
#[derive(Debug)]
pub(crate) struct Config {
    /// In the order of the file.
    pub(crate) aliases: Vec<Alias>,
    /// The folders that a web server may serve: the setting that names each, and the folder.
    pub(crate) served: Vec<(&'static str, PathBuf)>,
    pub(crate) middleware: Middleware,
    #[cfg_attr(
        not(feature = "db"),
        expect(dead_code, reason = "the file is checked without it, too")
    )]
    pub(crate) versions: VersionSettings,
    /// Those of DATABASES, and the tables that the aliases have in them.
    #[cfg(feature = "db")]
    pub(crate) databases: Arc<cachemere_db::Databases>,
}

/// Reads, checks and opens everything.
///
/// # Errors
/// With every problem there is, one line each: where, which key, what is wrong, and what would be right.
pub(crate) fn load(sources: &Sources, registry: &Registry, context: &Context) -> Result<Config> {
    let mut problems = Problems::default();
    for (name, first, second) in registry.duplicates() {
        let message = format!("`{name}` is registered twice, first at {first}");
        problems.add_another(Place::Code(second.to_owned()), None, message);
    }
    let layers = sources.layers(registry, &mut problems);
    let mut tree = Tree::of(&layers);
    interpolate(&mut tree, &sources.variables(), &mut problems);
    let mut reader = Reader {
        tree: &mut tree,
        problems: &mut problems,
        registry,
    };
    reader.check_top_level();
    let served = reader.served();
    let middleware = reader.middleware();
    let versions = reader.versions();
    reader.open_databases(context);
    let aliases = reader.aliases(context);
    if !problems.is_empty() {
        return Err(problems.into_error());
    }
    Ok(Config {
        aliases,
        served,
        middleware,
        versions,
        #[cfg(feature = "db")]
        databases: context.shared("", cachemere_db::Databases::default),
    })
}
