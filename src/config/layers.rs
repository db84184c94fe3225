use std::collections::HashMap;

use super::{
    document,
    environment::Environment,
    interpolation::{Variables, interpolate},
    layer::{Layer, Mark, Origin},
    path::KeyPath,
    place::Place,
    problem::Problems,
    reader::Reader,
    sources::{Document, PREFIX, Sources},
    tree::Tree,
    vocabulary::{BACKEND, CACHES, DEFAULT, TOP_LEVEL},
};
use crate::{registry::Registry, suggestion::suggest};

impl Sources {
    /// The layers, each over the ones before it: defaults, documents, environment, code.
    pub(super) fn layers(&self, registry: &Registry, problems: &mut Problems) -> Vec<Layer> {
        let mut layers = self.read(problems);
        let is_alone = layers.is_empty();
        let code = self.code();
        if !layers.iter().any(has_caches) && (!is_alone || self.has_no_alias()) {
            layers.insert(0, defaults());
        }
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
                is_partial: problems.is_incomplete(&KeyPath::new([CACHES])),
            };
            layers.push(environment.layer(variables, problems));
        }
        layers.push(code);
        layers
    }

    /// The documents; an alias of a later one replaces the alias of an earlier one.
    fn read(&self, problems: &mut Problems) -> Vec<Layer> {
        let mut layers: Vec<Layer> = Vec::new();
        let mut add = |layer: Layer| {
            for earlier in &mut layers {
                layer
                    .aliases()
                    .for_each(|alias| earlier.forget_alias(alias));
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
                    problems.mark_incomplete(&KeyPath::new([CACHES]));
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

/// What a file without CACHES means.
fn defaults() -> Layer {
    let mut layer = Layer::new("defaults");
    layer.insert(&KeyPath::new([CACHES, DEFAULT, BACKEND]), "locmem".into());
    layer
}

fn has_caches(layer: &Layer) -> bool {
    let mut keys = layer.data.iter();
    keys.any(|(key, value)| {
        let is_alias = value.find_ref(BACKEND).is_some();
        suggest(key, TOP_LEVEL) == Some(CACHES) || is_alias
    })
}
