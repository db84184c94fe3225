use figment::{
    error::{Error, Kind},
    value::{Dict, Value},
};

use super::{converter::parse_value, path::KeyPath, reader::Reader, secret::scrubbed};
use crate::{
    config::Shape,
    suggestion::{listed, suggest},
};

impl Reader<'_> {
    /// The members of a table that are options of this shape, without those that are a problem; `None` if the others do
    /// not make a whole.
    pub(super) fn own_options(
        &mut self,
        path: &KeyPath,
        shape: Shape,
        others: &[&str],
    ) -> Option<Value> {
        let mut options = self.tree.table(path).cloned().unwrap_or_default();
        options.retain(|key, _| !others.contains(&key.as_str()));
        let mut options = Value::from(self.without_odd(path, options));
        while let Err(mut error) = shape.check(&options) {
            let at = located(path, &options, &error.path);
            if let Some(typed) = self.retyped(&at, &options, &error.path, shape) {
                options = typed;
                continue;
            }
            if matches!(error.kind, Kind::UnknownVariant(..)) && !is_text(&options, &error.path) {
                // a table where a name is wanted: the error is about its first key
                error.path.pop();
            }
            self.refuse_option(&located(path, &options, &error.path), &error);
            let is_missing = matches!(error.kind, Kind::MissingField(_));
            if is_missing && error.path.is_empty() || !remove(&mut options, &error.path) {
                return None;
            }
        }
        Some(options)
    }

    /// The options with a text read as the TOML value it may mean, if that is better.
    fn retyped(
        &self,
        path: &KeyPath,
        options: &Value,
        keys: &[String],
        shape: Shape,
    ) -> Option<Value> {
        if !self.tree.origin(path).is_untyped() {
            return None;
        }
        let mut options = options.clone();
        let value = at(&mut options, keys)?;
        let typed = parse_value(value.as_str()?)?;
        *value = typed;
        match shape.check(&options) {
            Err(error) if error.path.starts_with(keys) => None,
            _ => Some(options),
        }
    }

    /// The options without values that no option can be, which are problems.
    fn without_odd(&mut self, path: &KeyPath, options: Dict) -> Dict {
        let mut kept = Dict::new();
        for (key, value) in options {
            let below = path.join(&key);
            match value {
                Value::Empty(..) => {
                    let _: Option<()> = self.refuse(&below, "expected the value of an option");
                }
                Value::Dict(_, nested) => {
                    kept.insert(key, self.without_odd(&below, nested).into());
                }
                value => {
                    kept.insert(key, value);
                }
            }
        }
        kept
    }

    fn refuse_option(&mut self, path: &KeyPath, error: &Error) {
        let message = match &error.kind {
            Kind::MissingField(field) => {
                let place = self.tree.key_place(path);
                let message = "is missing, and the backend needs it";
                self.problems.add(place, &path.join(field), message);
                return;
            }
            Kind::UnknownField(field, fields) => {
                let message = unknown_option(field, fields.iter().copied());
                self.problems.add(self.tree.key_place(path), path, message);
                return;
            }
            Kind::InvalidType(_, expected) | Kind::InvalidValue(_, expected) => {
                let expected = format!("expected {}", in_toml(expected));
                let _: Option<()> = self.refuse(path, &expected);
                return;
            }
            Kind::InvalidLength(length, expected) => {
                format!("expected {}; this has {length} members", in_toml(expected))
            }
            Kind::UnknownVariant(given, names) => {
                let expected = listed(names.iter().copied());
                match (self.shown(path), suggest(given, names.iter().copied())) {
                    (Some(text), Some(meant)) => {
                        format!("unknown value {text}, did you mean `{meant}`?")
                    }
                    (Some(text), None) => {
                        format!("unknown value {text}, expected one of {expected}")
                    }
                    (None, _) => format!("expected one of {expected}"),
                }
            }
            Kind::DuplicateField(field) => {
                format!("is `{field}`, which is there under another name")
            }
            Kind::Message(message) => scrubbed(message, &self.secrets(path)),
            _ => "is nothing this option can be".to_owned(),
        };
        self.problems
            .add(self.tree.value_place(path), path, message);
    }
}

/// What an unknown option is told.
pub(super) fn unknown_option<'a>(
    key: &str,
    names: impl IntoIterator<Item = &'a str> + Clone,
) -> String {
    match suggest(key, names.clone()) {
        Some(meant) => format!("unknown option, did you mean `{meant}`?"),
        None => format!("unknown option; there are {}", listed(names)),
    }
}

/// What a Rust type is called in TOML.
fn in_toml(expected: &str) -> String {
    let whole = |most: u64| format!("a whole number from 0 to {most}");
    match expected {
        "a string" | "string" | "a borrowed string" => "text, in quotes".to_owned(),
        "a boolean" => "`true` or `false`".to_owned(),
        "u8" => whole(u8::MAX.into()),
        "u16" => whole(u16::MAX.into()),
        "u32" => whole(u32::MAX.into()),
        "a nonzero u64" => "a whole number, 1 or more".to_owned(),
        "u64" | "usize" => "a whole number, 0 or more".to_owned(),
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "a table".to_owned(),
        "enum" => "the name of one of the things it can be".to_owned(),
        expected if expected.starts_with("struct ") => "a table".to_owned(),
        expected => expected.strip_prefix("a nonzero ").map_or_else(
            || expected.to_owned(),
            |_| "a whole number, 1 or more".to_owned(),
        ),
    }
}

/// The path of an error, with the members of lists told from the keys of tables.
fn located(options_path: &KeyPath, options: &Value, keys: &[String]) -> KeyPath {
    let mut path = options_path.clone();
    let mut value = Some(options);
    for key in keys {
        (path, value) = match value {
            Some(Value::Array(_, members)) => {
                let index = key.parse().unwrap_or(0);
                (path.index(index), members.get(index))
            }
            Some(Value::Dict(_, members)) => (path.join(key), members.get(key)),
            _ => (path.join(key), None),
        };
    }
    path
}

fn at<'a>(options: &'a mut Value, keys: &[String]) -> Option<&'a mut Value> {
    let Some((first, rest)) = keys.split_first() else {
        return Some(options);
    };
    match options {
        Value::Dict(_, members) => at(members.get_mut(first)?, rest),
        Value::Array(_, members) => at(members.get_mut(first.parse::<usize>().ok()?)?, rest),
        _ => None,
    }
}

fn is_text(options: &Value, keys: &[String]) -> bool {
    at(&mut options.clone(), keys).is_some_and(|value| value.as_str().is_some())
}

/// Removes the last key of a table on the way to a value.
fn remove(options: &mut Value, keys: &[String]) -> bool {
    let Some((first, rest)) = keys.split_first() else {
        return false;
    };
    let Value::Dict(_, members) = options else {
        return false;
    };
    let Some(below) = members.get_mut(first) else {
        return false;
    };
    remove(below, rest) || members.remove(first).is_some()
}
