use std::{collections::HashMap, path::Path};

use super::{
    databases, document,
    environment::Environment,
    interpolation::{Variables, interpolate},
    layer::{Layer, Mark, Origin},
    path::KeyPath,
    place::Place,
    problem::Problems,
    reader::Reader,
    sources::{Document, PREFIX, Sources},
    tree::Tree,
    vocabulary::{BACKEND, CACHES, DATABASES, DEFAULT, TOP_LEVEL, URL, VERSIONS},
};
use crate::{registry::Registry, suggestion::suggest};

/// The embedded database that a configuration without DATABASES has.
const DATABASE_FILE: &str = "caches.sqlite3";

impl Sources {
    /// The layers, each over the ones before it: defaults, documents, environment, code.
    pub(super) fn layers(&self, registry: &Registry, problems: &mut Problems) -> Vec<Layer> {
        let mut layers = self.read(problems);
        let is_alone = layers.is_empty();
        let code = self.code();
        let needs_cache = !layers.iter().any(has_caches) && (!is_alone || self.has_no_alias());
        let needs_database = databases::shape().is_some() && !layers.iter().any(has_databases);
        layers.insert(0, self.defaults(needs_cache, needs_database));
        if let Some(variables) = &self.environment {
            let mut known = Tree::of(layers.iter().chain([&code]));
            interpolate(&mut known, &self.variables(), &mut Problems::default());
            let mut reader = Reader {
                tree: &mut known,
                problems,
                registry,
            };
            reader.check_top_level();
            let environment = Environment {
                known: &known,
                registry,
                is_alone,
            };
            layers.push(environment.layer(variables, problems));
        }
        layers.push(code);
        layers.iter_mut().for_each(Layer::spell_out_databases);
        layers
    }

    /// The documents; an alias of a later one replaces the alias of an earlier one, and so does the table of versions.
    fn read(&self, problems: &mut Problems) -> Vec<Layer> {
        let mut layers: Vec<Layer> = Vec::new();
        let mut add = |layer: Layer| {
            for earlier in &mut layers {
                layer
                    .aliases()
                    .for_each(|(table, alias)| earlier.forget(&KeyPath::new([table, alias])));
                if layer.data.contains_key(VERSIONS) {
                    earlier.forget(&KeyPath::new([VERSIONS]));
                }
            }
            layers.push(layer);
        };
        for (index, source) in self.documents.iter().enumerate() {
            let name = source.name();
            let text = match source {
                Document::File(path) => document::text_of(path, index, problems),
                Document::Text { text, .. } => Some(text.clone()),
            };
            match text {
                Some(text) => add(document::layer(index, &name, &text, problems)),
                None => {
                    problems.mark_all_incomplete();
                    add(Layer::new(name));
                }
            }
        }
        layers
    }

    fn code(&self) -> Layer {
        let mut layer = Layer::new("builder");
        for (alias, key, value) in &self.settings {
            let path = KeyPath::new([CACHES, alias].into_iter().chain(key.split('.')));
            let mark = Mark {
                key: Place::Builder,
                value: Place::Builder,
                origin: Origin::Literal,
                odd: None,
            };
            layer.marks.insert(path.clone(), mark);
            layer.insert(&path, value.clone());
        }
        layer
    }

    /// What is so without a word on it: a cache in this process, and an embedded database beside the first file.
    fn defaults(&self, needs_cache: bool, needs_database: bool) -> Layer {
        let mut layer = Layer::new("defaults");
        if needs_cache {
            layer.insert(&KeyPath::new([CACHES, DEFAULT, BACKEND]), "locmem".into());
        }
        if needs_database {
            let file = self.folder().join(DATABASE_FILE);
            let url = format!(
                "sqlite:{}",
                std::path::absolute(&file).unwrap_or(file).display()
            );
            layer.insert(&KeyPath::new([DATABASES, DEFAULT, URL]), url.into());
        }
        layer
    }

    /// The folder of the first file, or the one that the process works in.
    fn folder(&self) -> &Path {
        let mut folders = self.documents.iter().filter_map(|document| match document {
            Document::File(path) => path.parent(),
            Document::Text { .. } => None,
        });
        folders.next().unwrap_or(Path::new(""))
    }

    fn has_no_alias(&self) -> bool {
        let mut names = self.variables().into_iter().flatten();
        self.settings.is_empty() && !names.any(|(name, _)| name.starts_with(PREFIX))
    }

    /// The variables by name.
    pub(super) fn variables(&self) -> Variables<'_> {
        let variables = self.environment.as_ref()?.iter();
        let pairs = variables.map(|(name, value)| (name.as_str(), value.as_str()));
        Some(pairs.collect::<HashMap<_, _>>())
    }
}

fn has_caches(layer: &Layer) -> bool {
    let mut keys = layer.data.iter();
    keys.any(|(key, value)| {
        let is_alias = value.find_ref(BACKEND).is_some();
        suggest(key, TOP_LEVEL) == Some(CACHES) || is_alias
    })
}

fn has_databases(layer: &Layer) -> bool {
    let mut keys = layer.data.keys();
    keys.any(|key| suggest(key, TOP_LEVEL) == Some(DATABASES))
}
