use std::{collections::BTreeSet, net::Ipv6Addr};

use figment::value::{Dict, Value};

use super::{
    converter::parse_value,
    databases,
    layer::{Layer, Mark, Marks, Origin},
    path::KeyPath,
    place::Place,
    problem::Problems,
    tree::Tree,
    vocabulary::{
        ALIAS, BACKEND, CACHE, CACHES, COMMON, DATABASES, OPTIONS, TIMEOUT, URL, VERSION_SETTINGS,
        VERSIONS,
    },
};
use crate::registry::{Opener, Registry};
use crate::suggestion::{folded, listed, suggest};

/// The layer of the variables `CACHES__ALIAS__KEY`, `DATABASES__ALIAS__KEY` and `VERSIONS__KEY`.
pub(super) struct Environment<'a> {
    /// What the other layers say: which aliases there are, and which keys they have.
    pub(super) known: &'a Tree,
    pub(super) registry: &'a Registry,
    /// Whether variables may bring aliases of their own: there is no document.
    pub(super) is_alone: bool,
}

/// The variables of one table: the name, what follows `CACHES__` in it, and the value.
struct Variables<'a> {
    table: &'static str,
    given: Vec<(&'a str, &'a str, &'a str)>,
}

impl<'a> Variables<'a> {
    fn of(table: &'static str, variables: &'a [(String, String)]) -> Self {
        let given = variables.iter().filter_map(|(name, value)| {
            let rest = name.strip_prefix(table)?.strip_prefix("__")?;
            Some((name.as_str(), rest, value.as_str()))
        });
        let mut given: Vec<_> = given.collect();
        given.sort_unstable();
        Self { table, given }
    }
}

impl Environment<'_> {
    pub(super) fn layer(&self, variables: &[(String, String)], problems: &mut Problems) -> Layer {
        let mut layer = Layer::new("environment");
        self.add(&Variables::of(CACHES, variables), &mut layer, problems);
        if databases::shape().is_some() {
            self.add(&Variables::of(DATABASES, variables), &mut layer, problems);
        }
        self.add(&Variables::of(VERSIONS, variables), &mut layer, problems);
        layer
    }

    fn add(&self, variables: &Variables<'_>, layer: &mut Layer, problems: &mut Problems) {
        // a document lost aliases, so that a variable may well fit one
        let is_partial = problems.is_incomplete(&KeyPath::new([variables.table]));
        let mut taken = BTreeSet::new();
        for (name, rest, value) in &variables.given {
            let place = Place::Variable((*name).to_owned());
            let path = match variables.table {
                VERSIONS => of_versions(rest),
                table => self
                    .alias(table, rest)
                    .and_then(|(alias, keys)| self.path(&alias, &keys, variables)),
            };
            let mut path = match path {
                Ok(path) => path,
                Err(_) if is_partial => continue,
                Err(message) => {
                    problems.add_another(place, None, message);
                    continue;
                }
            };
            let value = value_of(value);
            if variables.table == DATABASES && path.segments().len() == 2 && is_text(&value) {
                path = path.join(URL);
            }
            if !taken.insert(path.clone()) {
                problems.add_another(place, Some(&path), "another variable sets the same key");
                continue;
            }
            match value {
                Some(value) => put(layer, &path, value, &place),
                None => {
                    let message = "begins like a TOML value (`[`, `{` or `\"`), and is none";
                    problems.add(place, &path, message);
                }
            }
        }
    }

    /// The alias that a variable is about, and the keys below it.
    fn alias(&self, table: &str, rest: &str) -> Result<(String, Vec<String>), String> {
        let aliases = self.known.keys(&KeyPath::new([table]));
        let fit = |alias: &&String| keys_below(rest, alias).is_some();
        let mut fitting: Vec<_> = aliases.iter().filter(fit).collect();
        let longest = fitting.iter().map(|alias| alias.len()).max();
        fitting.retain(|alias| Some(alias.len()) == longest);
        match fitting.as_slice() {
            [alias] => Ok((
                (*alias).clone(),
                keys_below(rest, alias).unwrap_or_default(),
            )),
            [] => self.new_alias(table, rest, &aliases),
            several => {
                let names = listed(several.iter().map(|alias| alias.as_str()));
                Err(format!(
                    "fits {names} alike; the names differ only in what a variable cannot say"
                ))
            }
        }
    }

    fn new_alias(
        &self,
        table: &str,
        rest: &str,
        aliases: &[String],
    ) -> Result<(String, Vec<String>), String> {
        let mut parts = rest.split("__");
        let alias = parts.next().unwrap_or_default();
        if alias.is_empty() {
            return Err(format!(
                "names no alias; `{table}__DEFAULT__{key}` is the {key} of `default`",
                key = example(table)
            ));
        }
        if self.is_alone {
            let keys = parts.map(str::to_owned).collect();
            return Ok((alias.to_ascii_lowercase(), keys));
        }
        let names = aliases.iter().map(String::as_str);
        Err(match suggest(alias, names.clone()) {
            Some(meant) => format!("fits no alias, did you mean `{meant}`?"),
            None if aliases.is_empty() => "fits no alias; there is none".to_owned(),
            None => format!("fits no alias; there are {}", listed(names)),
        })
    }

    /// The path of a key, spelled as the configuration spells it.
    fn path(
        &self,
        alias: &str,
        keys: &[String],
        variables: &Variables<'_>,
    ) -> Result<KeyPath, String> {
        let table = variables.table;
        let mut path = KeyPath::new([table, alias]);
        let Some((first, nested)) = keys.split_first() else {
            return Ok(path);
        };
        if keys.iter().any(String::is_empty) {
            return Err(format!(
                "names no key; `{table}__…__{}` does",
                example(table)
            ));
        }
        let names = match table {
            DATABASES => databases::names(),
            _ => ALIAS.to_vec(),
        };
        let first = spelled(first, names).unwrap_or_else(|| first.clone());
        path = path.join(&first);
        if (table, first.as_str()) != (CACHES, OPTIONS) && !nested.is_empty() {
            return Err(match table {
                DATABASES => format!("`{first}` has no keys below it"),
                _ => format!("`{first}` has no keys below it; `{OPTIONS}` has"),
            });
        }
        let opener = self.opener(alias, variables);
        for (depth, key) in nested.iter().enumerate() {
            let written = self.known.keys(&path);
            let above: Vec<_> = path.segments()[3..].to_vec();
            let fields = opener.and_then(|opener| opener.fields(&above));
            let common = if depth == 0 { COMMON.as_slice() } else { &[] };
            let names = written.iter().map(String::as_str);
            let names = names.chain(fields.unwrap_or_default().iter().copied());
            let spelled = spelled(key, names.chain(common.iter().copied()));
            let as_is = || match (depth, fields) {
                (0, _) | (_, Some(_)) => key.clone(),
                _ => key.to_ascii_lowercase(),
            };
            path = path.join(&spelled.unwrap_or_else(as_is));
        }
        Ok(path)
    }

    /// The backend of an alias, as far as it can be told before the layers are one.
    fn opener(&self, alias: &str, variables: &Variables<'_>) -> Option<Opener> {
        let by_variable = variables.given.iter().find_map(|(_, rest, value)| {
            let keys = keys_below(rest, alias)?;
            let [key] = keys.as_slice() else { return None };
            key.eq_ignore_ascii_case(BACKEND).then_some(*value)
        });
        let path = KeyPath::new([CACHES, alias, BACKEND]);
        let written = || self.known.get(&path).and_then(Value::as_str);
        self.registry.backend(by_variable.or_else(written)?)
    }
}

/// The path of a key of the versions, spelled as the configuration spells it.
fn of_versions(rest: &str) -> Result<KeyPath, String> {
    let (key, nested) = match rest.split_once("__") {
        Some((key, nested)) => (key, Some(nested)),
        None => (rest, None),
    };
    if key.is_empty() {
        return Err(format!("names no key; `{VERSIONS}__{CACHE}` does"));
    }
    let key = spelled(key, VERSION_SETTINGS).unwrap_or_else(|| key.to_owned());
    match nested {
        Some(_) => Err(format!("`{key}` has no keys below it")),
        None => Ok(KeyPath::new([VERSIONS, &key])),
    }
}

/// A key that every member of a table of aliases may have.
fn example(table: &str) -> &'static str {
    match table {
        DATABASES => URL,
        _ => TIMEOUT,
    }
}

/// The keys of `SESSIONS__OPTIONS__MAX_ENTRIES` below the alias `sessions`.
fn keys_below(rest: &str, alias: &str) -> Option<Vec<String>> {
    let alias: String = folded(alias)
        .chars()
        .map(|c| if c.is_ascii_punctuation() { '_' } else { c })
        .collect();
    let head = rest.get(..alias.len())?;
    if folded(head) != alias {
        return None;
    }
    match &rest[alias.len()..] {
        "" => Some(Vec::new()),
        keys => {
            let keys = keys.strip_prefix("__")?;
            Some(keys.split("__").map(str::to_owned).collect())
        }
    }
}

fn spelled<'a>(key: &str, names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut names = names.into_iter();
    let name = names.find(|name| folded(name) == folded(key))?;
    Some(name.to_owned())
}

/// Text, unless it begins like a TOML value that is none of its own. An IPv6 address in brackets is text.
fn value_of(text: &str) -> Option<Value> {
    let start = text.trim_start();
    if start.starts_with(['[', '{', '"']) && !begins_with_ipv6(start) {
        parse_value(text)
    } else {
        Some(text.into())
    }
}

fn begins_with_ipv6(text: &str) -> bool {
    let inside = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    inside.is_some_and(|(address, _)| address.parse::<Ipv6Addr>().is_ok())
}

fn is_text(value: &Option<Value>) -> bool {
    matches!(value, Some(Value::String(..)))
}

fn put(layer: &mut Layer, path: &KeyPath, value: Value, place: &Place) {
    mark(&mut layer.marks, path, &value, place);
    layer.insert(path, value);
}

fn mark(marks: &mut Marks, path: &KeyPath, value: &Value, place: &Place) {
    let mark_of = Mark {
        key: place.clone(),
        value: place.clone(),
        origin: Origin::Environment,
        odd: None,
    };
    marks.insert(path.clone(), mark_of);
    match value {
        Value::Dict(_, members) => mark_members(marks, path, members, place),
        Value::Array(_, members) => {
            for (index, member) in members.iter().enumerate() {
                mark(marks, &path.index(index), member, place);
            }
        }
        _ => {}
    }
}

fn mark_members(marks: &mut Marks, path: &KeyPath, members: &Dict, place: &Place) {
    for (key, member) in members {
        mark(marks, &path.join(key), member, place);
    }
}
