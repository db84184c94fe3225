use std::{collections::BTreeSet, ops::Range};

use figment::value::{Dict, Empty, Value};
use toml::de::{DeTable, Error};

use super::{
    converter::Converter,
    layer::{Marks, Origin, insert},
    path::{KeyPath, is_bare_character},
    place::{Lines, Place},
    problem::Problems,
    statement::{Kind, statements},
};

/// Reads a document that is no TOML statement by statement: one problem for each that is wrong, the others are kept.
pub(super) fn recover(
    text: &str,
    lines: &Lines<'_>,
    errors: &[Error],
    problems: &mut Problems,
) -> (Dict, Marks) {
    let before = problems.count();
    let mut recovery = Recovery {
        text,
        converter: Converter::new(Origin::Literal, |offset| lines.place(offset)),
        problems,
        root: Dict::new(),
        section: Some(KeyPath::default()),
        sections: BTreeSet::new(),
        is_repeated: false,
    };
    for (kind, range) in statements(text) {
        match kind {
            Kind::Header => recovery.header(range),
            Kind::Pair => recovery.pair(range),
        }
    }
    let (root, marks) = (recovery.root, recovery.converter.marks);
    if problems.count() == before {
        let first = first_of(errors);
        let place = lines.place(first.and_then(Error::span).map_or(0, |span| span.start));
        let message = first.map_or("not TOML", Error::message);
        problems.add_another(place, None, format!("invalid TOML: {message}"));
    }
    (root, marks)
}

struct Recovery<'a, P> {
    text: &'a str,
    converter: Converter<P>,
    problems: &'a mut Problems,
    root: Dict,
    /// The table that pairs go to; `None` if nobody can tell.
    section: Option<KeyPath>,
    sections: BTreeSet<KeyPath>,
    /// The table was there before: that is the problem, not the keys that are there twice.
    is_repeated: bool,
}

impl<P: Fn(usize) -> Place> Recovery<'_, P> {
    fn header(&mut self, range: Range<usize>) {
        let statement = &self.text[range.clone()];
        let (parsed, errors) = DeTable::parse_recoverable(statement);
        let is_array = statement.trim_start().starts_with("[[");
        let path = match first_of(&errors) {
            Some(error) => {
                let path = guessed_header(statement);
                self.syntax(error, &range, path.as_ref());
                path
            }
            None => Some(path_of(parsed.get_ref())),
        };
        self.is_repeated = false;
        self.section = path.clone();
        let Some(path) = path else {
            self.problems.mark_all_incomplete();
            return;
        };
        let key = range.start + statement.find('[').map_or(0, |bracket| bracket + 1);
        let holds_value = !matches!(
            find(&self.root, path.segments()),
            None | Some(Value::Dict(..))
        );
        if holds_value || !self.sections.insert(path.clone()) && !is_array {
            let place = (self.converter.place)(key);
            self.is_repeated = true;
            let message = "is there twice; a table is written once";
            self.problems.add_another(place, Some(&path), message);
        }
        if holds_value {
            self.section = None;
            return;
        }
        if is_array {
            insert(&mut self.root, path.segments(), Vec::<Value>::new().into());
            self.section = None;
        } else {
            insert(&mut self.root, path.segments(), Dict::new().into());
        }
        for length in 1..=path.segments().len() {
            let part = KeyPath::new(path.segments()[..length].to_vec());
            if !self.converter.marks.contains_key(&part) {
                self.converter.mark(&part, &(key..key), &range);
            }
        }
    }

    fn pair(&mut self, range: Range<usize>) {
        let statement = &self.text[range.clone()];
        let (parsed, errors) = DeTable::parse_recoverable(statement);
        if let Some(error) = first_of(&errors) {
            let path = guessed_key(statement)
                .zip(self.section.as_ref())
                .map(|(key, section)| key.moved(&KeyPath::default(), section));
            self.syntax(error, &range, path.as_ref());
            self.keep_key(path.as_ref());
            return;
        }
        if let Some(section) = self.section.clone() {
            let marks = std::mem::take(&mut self.converter.marks);
            let members = self
                .converter
                .table(parsed.get_ref(), &section, range.start);
            let new = std::mem::replace(&mut self.converter.marks, marks);
            self.merge(&section, members, &new);
        }
    }

    fn merge(&mut self, table: &KeyPath, members: Dict, marks: &Marks) {
        for (key, value) in members {
            let path = table.join(&key);
            match (find(&self.root, path.segments()), value) {
                (Some(Value::Dict(..)), Value::Dict(_, members)) => {
                    self.merge(&path, members, marks);
                }
                (Some(_), _) => {
                    if let (Some(mark), false) = (marks.get(&path), self.is_repeated) {
                        let message = "is there twice";
                        self.problems
                            .add_another(mark.key.clone(), Some(&path), message);
                    }
                }
                (None, value) => {
                    insert(&mut self.root, path.segments(), value);
                    let below = marks.iter().filter(|(marked, _)| marked.starts_with(&path));
                    let below = below.map(|(path, mark)| (path.clone(), mark.clone()));
                    self.converter.marks.extend(below);
                }
            }
        }
    }

    fn syntax(&mut self, error: &Error, range: &Range<usize>, path: Option<&KeyPath>) {
        let span = error.span().unwrap_or_default();
        let statement = &self.text[range.clone()];
        let place = (self.converter.place)(range.start + span.start);
        let word = statement.get(span).unwrap_or_default();
        let message = format!("invalid TOML: {}", message_of(error, word));
        self.problems.add_another(place, path, message);
    }

    /// The key of a pair without a value is there, and has its problem.
    fn keep_key(&mut self, path: Option<&KeyPath>) {
        match (path, &self.section) {
            (Some(path), _) => {
                self.problems.silence(path);
                if find(&self.root, path.segments()).is_none() {
                    insert(&mut self.root, path.segments(), Empty::None.into());
                }
            }
            (None, Some(section)) => self.problems.mark_incomplete(section),
            (None, None) => {}
        }
    }
}

fn first_of(errors: &[Error]) -> Option<&Error> {
    errors
        .iter()
        .min_by_key(|error| error.span().map_or(0, |span| span.start))
}

/// In our words where the parser's are about its grammar.
fn message_of(error: &Error, word: &str) -> String {
    match (error.message(), word) {
        (message, "") if message.starts_with("string values must be quoted") => {
            "a value is missing after `=`".to_owned()
        }
        (_, "None") => "there is no `None`; `\"never\"` is a timeout that never ends".to_owned(),
        (_, "True") => "write `true`".to_owned(),
        (_, "False") => "write `false`".to_owned(),
        (message, _) if message.starts_with("string values must be quoted") => {
            "text is written in quotes".to_owned()
        }
        (message, _) => message.to_owned(),
    }
}

/// The one path through nested tables.
fn path_of(table: &DeTable<'_>) -> KeyPath {
    let mut path = KeyPath::default();
    let mut table = Some(table);
    while let Some((key, value)) = table.and_then(|table| table.iter().next()) {
        path = path.join(key.get_ref());
        let last = value
            .get_ref()
            .as_array()
            .and_then(|array| array.iter().next());
        table = last
            .map_or(value.get_ref(), |last| last.get_ref())
            .as_table();
    }
    path
}

fn find<'a>(root: &'a Dict, path: &[String]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    let value = root.get(first)?;
    if rest.is_empty() {
        return Some(value);
    }
    find(value.as_dict()?, rest)
}

/// The path that a broken header means, if it is plain: `[CACHES.sessions`.
fn guessed_header(statement: &str) -> Option<KeyPath> {
    let statement = statement.split('#').next().unwrap_or_default().trim();
    guessed(statement.trim_matches(['[', ']', ' ', '\t']))
}

/// The key of a pair whose value is broken.
fn guessed_key(statement: &str) -> Option<KeyPath> {
    let statement = statement.trim_start();
    let end = statement.find(['=', ':', ' ', '\n']);
    let key = match statement.split_once('=') {
        Some((key, _)) => guessed(key.trim()),
        None => None,
    };
    key.or_else(|| guessed(statement[..end.unwrap_or(statement.len())].trim()))
}

fn guessed(path: &str) -> Option<KeyPath> {
    let keys = path
        .split('.')
        .map(|key| key.trim().trim_matches(['"', '\'']));
    let keys: Vec<_> = keys.filter(|key| !key.is_empty()).collect();
    let is_plain = |key: &&str| key.chars().all(is_bare_character);
    (!keys.is_empty() && keys.iter().all(is_plain)).then(|| KeyPath::new(keys))
}
