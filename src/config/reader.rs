use std::time::Duration;

use figment::value::Value;

use super::{
    converter::parse_value, duration, layer::Origin, path::KeyPath, problem::Problems,
    secret::is_secret, tree::Tree,
};
use crate::{
    registry::Registry,
    suggestion::{listed, suggest},
};

const TEXT: &str = "text";

/// Reads typed values; what has another type is a problem, and `None` like what is left out.
pub(super) struct Reader<'a> {
    pub(super) tree: &'a mut Tree,
    pub(super) problems: &'a mut Problems,
    pub(super) registry: &'a Registry,
}

impl Reader<'_> {
    pub(super) fn text(&mut self, path: &KeyPath) -> Option<String> {
        match self.tree.get(path)? {
            Value::String(_, text) => Some(text.clone()),
            _ => self.refuse(path, "expected text, in quotes"),
        }
    }

    /// Text or a list of texts; the members of a list are trimmed.
    pub(super) fn texts(&mut self, path: &KeyPath) -> Option<Vec<String>> {
        match self.tree.get(path)?.clone() {
            Value::String(_, text) if text.is_empty() => Some(Vec::new()),
            Value::String(_, text) => Some(vec![text]),
            Value::Array(_, members) => {
                let members = members.iter().enumerate();
                let texts = members.map(|(index, _)| self.member(&path.index(index)));
                texts.collect::<Vec<_>>().into_iter().collect()
            }
            _ => self.refuse(path, "expected text in quotes, or a list of such texts"),
        }
    }

    fn member(&mut self, path: &KeyPath) -> Option<String> {
        let text = self.text(path)?.trim().to_owned();
        if text.is_empty() {
            let place = self.tree.value_place(path);
            self.problems
                .add(place, path, "this member of the list is empty");
            return None;
        }
        Some(text)
    }

    /// A whole number of at least 0; digits as text are one.
    pub(super) fn count(&mut self, path: &KeyPath) -> Option<u64> {
        let count = match self.tree.get(path)? {
            Value::Num(_, number) => number.to_u128_lossy(),
            Value::String(_, text) => text.trim().replace('_', "").parse().ok(),
            _ => None,
        };
        match count.map(u64::try_from) {
            Some(Ok(count)) => Some(count),
            _ => self.refuse(path, "expected a whole number, 0 or more"),
        }
    }

    pub(super) fn flag(&mut self, path: &KeyPath) -> Option<bool> {
        let value = self.tree.get(path)?;
        let untyped = value
            .as_str()
            .filter(|_| self.tree.origin(path).is_untyped());
        let flag = match untyped {
            Some(text) => parse_value(&text.to_ascii_lowercase()).and_then(|value| value.to_bool()),
            None => value.to_bool(),
        };
        match flag {
            Some(flag) => Some(flag),
            None => self.refuse(path, "expected `true` or `false`"),
        }
    }

    pub(super) fn ttl(&mut self, path: &KeyPath) -> Option<Option<Duration>> {
        match duration::ttl(self.tree.get(path)?) {
            Some(ttl) => Some(ttl),
            None => self.refuse(path, duration::EXPECTED),
        }
    }

    /// One of some names.
    pub(super) fn choice<T: Copy>(&mut self, path: &KeyPath, choices: &[(&str, T)]) -> Option<T> {
        let names = choices.iter().map(|(name, _)| *name);
        let expected = format!("expected one of {}", listed(names.clone()));
        let Value::String(_, text) = self.tree.get(path)? else {
            return self.refuse(path, &expected);
        };
        if let Some((_, chosen)) = choices.iter().find(|(name, _)| name == text) {
            return Some(*chosen);
        }
        let message = match (self.shown(path), suggest(text, names)) {
            (Some(text), Some(meant)) => format!("unknown value {text}, did you mean `{meant}`?"),
            (Some(text), None) => format!("unknown value {text}, {expected}"),
            (None, _) => expected,
        };
        self.problems
            .add(self.tree.value_place(path), path, message);
        None
    }

    /// The name of a member of a table, which is `what`.
    pub(super) fn one_of(&mut self, path: &KeyPath, table: &KeyPath, what: &str) -> Option<String> {
        let name = self.text(path)?;
        let members = self.tree.keys(table);
        if members.is_empty() || members.contains(&name) || self.problems.is_incomplete(table) {
            return Some(name);
        }
        let names = members.iter().map(String::as_str);
        let shown = self
            .shown(path)
            .map_or_else(String::new, |name| format!(" {name}"));
        let message = match suggest(&name, names.clone()).filter(|_| !shown.is_empty()) {
            Some(meant) => format!("unknown {what}{shown}, did you mean `{meant}`?"),
            None => format!("unknown {what}{shown}; there are {}", listed(names)),
        };
        self.problems
            .add(self.tree.value_place(path), path, message);
        None
    }

    /// A problem of the type of a value.
    pub(super) fn refuse<T>(&mut self, path: &KeyPath, expected: &str) -> Option<T> {
        let message = match self.kind_of(path) {
            TEXT if self.tree.origin(path).is_untyped() => expected.to_owned(),
            TEXT if expected.contains(TEXT) => format!("{expected}; this text is neither"),
            kind => format!("{expected}; this is {kind}"),
        };
        self.problems
            .add(self.tree.value_place(path), path, message);
        None
    }

    fn kind_of(&self, path: &KeyPath) -> &'static str {
        let odd = self.tree.mark(path).and_then(|mark| mark.odd);
        odd.unwrap_or_else(|| self.tree.get(path).map_or("nothing", kind_of))
    }

    /// A text to show in a message: only if it stands in the file as it is, and is no secret.
    pub(super) fn shown(&self, path: &KeyPath) -> Option<String> {
        let is_literal = *self.tree.origin(path) == Origin::Literal;
        let is_secret = path.segments().iter().any(|segment| is_secret(segment));
        let text = self.tree.get(path)?.as_str()?;
        let is_short = text.chars().count() <= 64 && !text.contains(['@', ':']);
        (is_literal && !is_secret && is_short).then(|| format!("`{}`", text.escape_debug()))
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::String(..) | Value::Char(..) => TEXT,
        Value::Bool(..) => "a boolean",
        Value::Num(_, number) => match (number.to_i128(), number.to_f64()) {
            (Some(..0), _) => "a negative number",
            (_, Some(_)) => "a number with a fraction",
            _ => "a number",
        },
        Value::Dict(..) => "a table",
        Value::Array(..) => "a list",
        Value::Empty(..) => "nothing",
    }
}
