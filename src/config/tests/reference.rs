//! `docs/reference.toml` is true: complete, at values that matter, and every key of it is watched.

use std::fmt::Debug;

use cachemere_base::Open;
use cachemere_db::DatabaseOptions;
use figment::value::Value;
use serde::Deserialize;

use super::super::{
    fields::fields_of,
    interpolate, load,
    path::KeyPath,
    problem::Problems,
    tree::Tree,
    vocabulary::{ALIAS, CACHES, COMMON, DATABASES, OPTIONS, TOP_LEVEL, URL, VERSION_SETTINGS},
};
use super::{Config, Context, Registry, Sources};

const REFERENCE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference.toml"));

fn loaded(text: &str) -> Result<Config, String> {
    let mut registry = Registry::new();
    registry.add_key_function("myapp.keys.make_key", |key, _, _| key.to_owned());
    let mut sources = Sources::default();
    sources.add_text("reference.toml", text);
    load(&sources, &registry, &Context::default()).map_err(|error| error.to_string())
}

/// Everything that a configuration comes to, in text.
fn outcome(text: &str) -> Result<String, String> {
    let config = loaded(text)?;
    let aliases = config.aliases.iter().map(|alias| {
        let settings = &alias.settings;
        let limits = (
            settings.max_entries(),
            settings.cull_size(60),
            settings.locations(),
        );
        let keys = (
            &alias.key_prefix,
            &alias.version,
            alias.key_function.is_some(),
            alias.key_warnings,
        );
        let values = (
            alias.serializer,
            alias.compressor,
            alias.compressor_min_size,
        );
        let times = (alias.timeout, alias.get_or_set_wait, alias.on_error);
        let django = alias.django;
        let backend = options_of(text, &alias.name, settings.backend());
        format!(
            "{} {backend} {limits:?} {keys:?} {values:?} {times:?} {django}",
            settings.backend()
        )
    });
    Ok(format!(
        "{:?} {:?} {:?} {:?} {:?}",
        config.served,
        config.middleware,
        config.versions,
        databases_of(text),
        aliases.collect::<Vec<_>>()
    ))
}

/// What the backend itself reads of OPTIONS.
fn options_of(text: &str, alias: &str, backend: &str) -> String {
    let path = KeyPath::new([CACHES, alias, OPTIONS]);
    let mut options = tree_of(text).table(&path).cloned().unwrap_or_default();
    options.retain(|key, _| !COMMON.contains(&key.as_str()));
    let options = Value::from(options);
    match backend {
        "db" => shown::<cachemere_db::Db>(&options),
        "file" => shown::<cachemere_file::File>(&options),
        "locmem" => shown::<cachemere_locmem::LocMem>(&options),
        "memcached" => shown::<cachemere_memcached::Memcached>(&options),
        "redis" => shown::<cachemere_redis::Redis>(&options),
        _ => String::new(),
    }
}

/// The databases: URL, and what is read beside it.
fn databases_of(text: &str) -> Vec<String> {
    let tree = tree_of(text);
    let aliases = tree.table(&KeyPath::new([DATABASES])).unwrap();
    let databases = aliases.values().map(|database| {
        let mut options = database.as_dict().unwrap().clone();
        let url = options.remove(URL);
        let options = DatabaseOptions::deserialize(&Value::from(options)).unwrap();
        format!("{url:?} {options:?}")
    });
    databases.collect()
}

fn tree_of(text: &str) -> Tree {
    let mut sources = Sources::default();
    sources.add_text("reference.toml", text);
    let mut problems = Problems::default();
    let mut tree = Tree::of(&sources.layers(&Registry::new(), &mut problems));
    interpolate(&mut tree, &sources.variables(), &mut problems);
    tree
}

fn shown<B: Open<Options: Debug>>(options: &Value) -> String {
    format!("{:?}", B::Options::deserialize(options).unwrap())
}

/// The lines that say something: line number, and the key.
fn statements() -> Vec<(usize, &'static str)> {
    let lines = REFERENCE
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.starts_with(['#', '[']) && !line.is_empty());
    lines
        .map(|(at, line)| (at, line.split(' ').next().unwrap()))
        .collect()
}

fn with_line(at: usize, change: impl Fn(&str) -> String) -> String {
    let lines = REFERENCE.lines().enumerate();
    lines.map(|(number, line)| if number == at { change(line) } else { line.to_owned() } + "\n").collect()
}

#[test]
fn every_statement_differs_from_the_default() {
    let whole = outcome(REFERENCE).unwrap();
    for (at, key) in statements() {
        let without = outcome(&with_line(at, |_| String::new()));
        assert_ne!(without.as_ref(), Ok(&whole), "{key} in line {}", at + 1);
    }
}

#[test]
fn every_key_misspelt_once_is_refused_at_its_place() {
    for (at, key) in statements() {
        let misspelt = with_line(at, |line| line.replacen(key, &format!("{key}_"), 1));
        let problems = loaded(&misspelt).unwrap_err();
        assert_eq!(problems.lines().count(), 1, "{problems}");
        assert!(
            problems.starts_with(&format!("reference.toml:{}:1: ", at + 1)),
            "{problems}"
        );
        assert!(
            problems.contains(&format!("did you mean `{key}`?")),
            "{problems}"
        );
    }
}

#[test]
fn every_option_of_every_backend_is_there() {
    let stated: Vec<_> = statements().into_iter().map(|(_, key)| key).collect();
    let own = [
        fields_of::<DatabaseOptions>(&[]),
        fields_of::<<cachemere_db::Db as Open>::Options>(&[]),
        fields_of::<<cachemere_dummy::Dummy as Open>::Options>(&[]),
        fields_of::<<cachemere_file::File as Open>::Options>(&[]),
        fields_of::<<cachemere_locmem::LocMem as Open>::Options>(&[]),
        fields_of::<<cachemere_memcached::Memcached as Open>::Options>(&[]),
        fields_of::<<cachemere_redis::Redis as Open>::Options>(&[]),
    ];
    let own = own.into_iter().flatten().flatten();
    for key in TOP_LEVEL
        .iter()
        .chain(&ALIAS)
        .chain(&COMMON)
        .chain(&VERSION_SETTINGS)
        .chain(own)
    {
        let is_table = ["CACHES", "DATABASES", "VERSIONS", "OPTIONS"].contains(key);
        assert!(
            is_table || stated.contains(key),
            "{key} is not in docs/reference.toml"
        );
    }
}
