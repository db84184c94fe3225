use std::{collections::BTreeMap, fmt, path::Path};

use figment::{
    Metadata, Profile, Provider, Source,
    value::{Dict, Map, Value},
};

use super::{path::KeyPath, place::Place, vocabulary::CACHES};

/// Where a key and its value stand, and how the value came about.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub(super) key: Place,
    pub(super) value: Place,
    pub(super) origin: Origin,
    /// What the value is, if it is nothing that a setting can be: a date.
    pub(super) odd: Option<&'static str>,
}

/// How a value came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Spelled out in a document or in code.
    Literal,
    /// A text of a document with variables in it: the text as it is written, and the values that were put in.
    Interpolated { source: String, used: Vec<String> },
    /// The value of an environment variable.
    Environment,
}

impl Origin {
    /// Whether the value is a text that may mean a number: it had no other way to be one.
    pub(super) fn is_untyped(&self) -> bool {
        *self != Self::Literal
    }
}

pub(super) type Marks = BTreeMap<KeyPath, Mark>;

/// One layer of the configuration: a document, the environment, or code.
#[derive(Clone)]
pub(super) struct Layer {
    pub(super) name: String,
    pub(super) data: Dict,
    pub(super) marks: Marks,
}

impl Layer {
    pub(super) fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            data: Dict::new(),
            marks: Marks::new(),
        }
    }

    pub(super) fn aliases(&self) -> impl Iterator<Item = &str> {
        let aliases = self.data.get(CACHES).and_then(Value::as_dict);
        aliases
            .into_iter()
            .flat_map(|dict| dict.keys().map(String::as_str))
    }

    /// Drops an alias that a later document replaces.
    pub(super) fn forget_alias(&mut self, alias: &str) {
        if let Some(Value::Dict(_, aliases)) = self.data.get_mut(CACHES) {
            aliases.remove(alias);
        }
        let path = KeyPath::new([CACHES, alias]);
        self.marks.retain(|marked, _| !marked.starts_with(&path));
    }

    /// Puts a value where the path says, and the tables on the way there.
    pub(super) fn insert(&mut self, path: &KeyPath, value: Value) {
        insert(&mut self.data, path.segments(), value);
    }
}

/// Puts a value into nested tables; a table that is already there takes the members in.
pub(super) fn insert(dict: &mut Dict, path: &[String], value: Value) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    if !rest.is_empty() {
        let below = dict
            .entry(first.clone())
            .or_insert_with(|| Dict::new().into());
        if !matches!(below, Value::Dict(..)) {
            *below = Dict::new().into();
        }
        if let Value::Dict(_, below) = below {
            insert(below, rest, value);
        }
        return;
    }
    match (dict.get_mut(first), value) {
        (Some(Value::Dict(_, old)), Value::Dict(_, new)) => old.extend(new),
        (_, value) => {
            dict.insert(first.clone(), value);
        }
    }
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::from("cachemere", Source::from(Path::new(&self.name)))
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        Ok(Map::from([(Profile::Default, self.data.clone())]))
    }
}

impl fmt::Debug for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layer")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
