use std::{collections::BTreeMap, fmt, path::Path};

use figment::{
    Metadata, Profile, Provider, Source,
    value::{Dict, Map, Value},
};

use super::{
    path::KeyPath,
    place::Place,
    vocabulary::{DATABASES, OF_ALIASES, URL},
};

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

    /// The tables of aliases, each with the names in it.
    pub(super) fn aliases(&self) -> impl Iterator<Item = (&'static str, &str)> {
        OF_ALIASES.into_iter().flat_map(|table| {
            let aliases = self.data.get(table).and_then(Value::as_dict);
            let names = aliases.into_iter().flat_map(Dict::keys);
            names.map(move |name| (table, name.as_str()))
        })
    }

    /// Drops an alias or a table that a later document replaces.
    pub(super) fn forget(&mut self, path: &KeyPath) {
        match path.segments() {
            [table] => {
                self.data.remove(table);
            }
            [table, alias] => {
                if let Some(Value::Dict(_, aliases)) = self.data.get_mut(table) {
                    aliases.remove(alias);
                }
            }
            _ => {}
        }
        self.marks.retain(|marked, _| !marked.starts_with(path));
    }

    /// A database that is a text is a table with its URL, so that layers set its keys one by one.
    pub(super) fn spell_out_databases(&mut self) {
        let Some(Value::Dict(_, databases)) = self.data.get_mut(DATABASES) else {
            return;
        };
        for (alias, value) in databases {
            if value.as_str().is_some() {
                *value = Dict::from([(URL.to_owned(), value.clone())]).into();
                let path = KeyPath::new([DATABASES, alias]);
                if let Some(mark) = self.marks.get(&path).cloned() {
                    self.marks.insert(path.join(URL), mark);
                }
            }
        }
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
