use std::{collections::BTreeSet, net::Ipv6Addr};

use figment::value::{Dict, Value};

use super::{
    converter::parse_value,
    layer::{Layer, Mark, Marks, Origin},
    path::KeyPath,
    place::Place,
    problem::Problems,
    sources::PREFIX,
    tree::Tree,
    vocabulary::{ALIAS, BACKEND, CACHES, COMMON, OPTIONS},
};
use crate::registry::{Opener, Registry};
use crate::suggestion::{folded, listed, suggest};

/// The layer of the variables `CACHES__ALIAS__KEY`.
pub(super) struct Environment<'a> {
    /// What the other layers say: which aliases there are, and which keys they have.
    pub(super) known: &'a Tree,
    pub(super) registry: &'a Registry,
    /// Whether variables may bring aliases of their own: there is no document.
    pub(super) is_alone: bool,
    /// Whether a document lost aliases, so that a variable may well fit one.
    pub(super) is_partial: bool,
}

impl Environment<'_> {
    pub(super) fn layer(&self, variables: &[(String, String)], problems: &mut Problems) -> Layer {
        let mut layer = Layer::new("environment");
        let mut variables: Vec<_> = variables
            .iter()
            .filter_map(|(name, value)| Some((name, name.strip_prefix(PREFIX)?, value)))
            .collect();
        variables.sort_unstable();
        let mut taken = BTreeSet::new();
        for (name, rest, value) in &variables {
            let place = Place::Variable((*name).clone());
            let path = self
                .alias(rest)
                .and_then(|(alias, keys)| self.path(&alias, &keys, &variables));
            let path = match path {
                Ok(path) => path,
                Err(_) if self.is_partial => continue,
                Err(message) => {
                    problems.add_another(place, None, message);
                    continue;
                }
            };
            if !taken.insert(path.clone()) {
                problems.add_another(place, Some(&path), "another variable sets the same key");
                continue;
            }
            match value_of(value) {
                Some(value) => put(&mut layer, &path, value, &place),
                None => {
                    let message = "begins like a TOML value (`[`, `{` or `\"`), and is none";
                    problems.add(place, &path, message);
                }
            }
        }
        layer
    }

    /// The alias that a variable is about, and the keys below it.
    fn alias(&self, rest: &str) -> Result<(String, Vec<String>), String> {
        let aliases = self.known.aliases();
        let fit = |alias: &&String| keys_below(rest, alias).is_some();
        let mut fitting: Vec<_> = aliases.iter().filter(fit).collect();
        let longest = fitting.iter().map(|alias| alias.len()).max();
        fitting.retain(|alias| Some(alias.len()) == longest);
        match fitting.as_slice() {
            [alias] => Ok((
                (*alias).clone(),
                keys_below(rest, alias).unwrap_or_default(),
            )),
            [] => self.new_alias(rest, &aliases),
            several => {
                let names = listed(several.iter().map(|alias| alias.as_str()));
                Err(format!(
                    "fits {names} alike; the names differ only in what a variable cannot say"
                ))
            }
        }
    }

    fn new_alias(&self, rest: &str, aliases: &[String]) -> Result<(String, Vec<String>), String> {
        let mut parts = rest.split("__");
        let alias = parts.next().unwrap_or_default();
        if alias.is_empty() {
            return Err(format!(
                "names no alias; `{PREFIX}DEFAULT__TIMEOUT` is the TIMEOUT of `default`"
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
        variables: &[(&String, &str, &String)],
    ) -> Result<KeyPath, String> {
        let mut path = KeyPath::new([CACHES, alias]);
        let Some((first, nested)) = keys.split_first() else {
            return Ok(path);
        };
        if keys.iter().any(String::is_empty) {
            return Err(format!("names no key; `{PREFIX}…__TIMEOUT` does"));
        }
        let first = spelled(first, ALIAS).unwrap_or_else(|| first.clone());
        path = path.join(&first);
        if first != OPTIONS && !nested.is_empty() {
            return Err(format!("`{first}` has no keys below it; `{OPTIONS}` has"));
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
    fn opener(&self, alias: &str, variables: &[(&String, &str, &String)]) -> Option<Opener> {
        let by_variable = variables.iter().find_map(|(_, rest, value)| {
            let keys = keys_below(rest, alias)?;
            let [key] = keys.as_slice() else { return None };
            key.eq_ignore_ascii_case(BACKEND).then_some(value.as_str())
        });
        let path = KeyPath::new([CACHES, alias, BACKEND]);
        let written = || self.known.get(&path).and_then(Value::as_str);
        self.registry.backend(by_variable.or_else(written)?)
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
