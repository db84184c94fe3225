use std::collections::HashMap;

use figment::value::{Empty, Value};

use super::{
    layer::{Mark, Origin},
    path::{KeyPath, is_bare_character},
    place::Place,
    problem::Problems,
    tree::Tree,
};

/// The variables of the process; `None` if they are not to be read.
pub(super) type Variables<'a> = Option<HashMap<&'a str, &'a str>>;

/// Puts variables into the texts of documents: `${VAR}`, `${VAR:-default}`, and `$$` for a dollar.
pub(super) fn interpolate(tree: &mut Tree, variables: &Variables<'_>, problems: &mut Problems) {
    for path in tree.paths() {
        let is_written = tree
            .mark(&path)
            .is_some_and(|mark| mark.origin == Origin::Literal && is_in_document(mark));
        let Some(source) = tree.get(&path).and_then(Value::as_str) else {
            continue;
        };
        if !is_written || !source.contains('$') {
            continue;
        }
        let source = source.to_owned();
        let mut used = Vec::new();
        let value = match expand(&source, variables, &mut used) {
            Ok(text) => Value::from(text),
            Err(message) => {
                problems.add(tree.value_place(&path), &path, message);
                Empty::None.into()
            }
        };
        replace(tree, &path, value, Origin::Interpolated { source, used });
    }
}

fn is_in_document(mark: &Mark) -> bool {
    matches!(mark.value, Place::Document { .. })
}

fn replace(tree: &mut Tree, path: &KeyPath, value: Value, origin: Origin) {
    if let Some(old) = tree.get_mut(path) {
        *old = value;
    }
    if let Some(mark) = tree.mark_mut(path) {
        mark.origin = origin;
    }
}

/// The text with variables put in; their values are added to `used`.
fn expand(text: &str, variables: &Variables<'_>, used: &mut Vec<String>) -> Result<String, String> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            expanded.push('$');
            rest = after;
        } else if let Some(after) = after.strip_prefix('{') {
            let end = end_of_braces(after)
                .ok_or("`${` has no `}`; a dollar that is meant is written `$$`")?;
            expanded.push_str(&value_of(&after[..end], variables, used)?);
            rest = &after[end + 1..];
        } else {
            expanded.push('$');
            rest = after;
        }
    }
    expanded.push_str(rest);
    Ok(expanded)
}

fn end_of_braces(text: &str) -> Option<usize> {
    let mut depth = 0;
    let mut rest = text;
    loop {
        let at = text.len() - rest.len();
        if let Some(after) = rest.strip_prefix("${") {
            depth += 1;
            rest = after;
        } else if let Some(after) = rest.strip_prefix('}') {
            if depth == 0 {
                return Some(at);
            }
            depth -= 1;
            rest = after;
        } else {
            rest = &rest[rest.chars().next()?.len_utf8()..];
        }
    }
}

fn value_of(
    expression: &str,
    variables: &Variables<'_>,
    used: &mut Vec<String>,
) -> Result<String, String> {
    let (name, default) = match expression.split_once(":-") {
        Some((name, default)) => (name, Some(default)),
        None => (expression, None),
    };
    if name.is_empty() || !name.chars().all(|c| is_bare_character(c) && c != '-') {
        let message =
            "`${…}` names no variable; `${NAME}` and `${NAME:-default}` do, `$$` is a dollar";
        return Err(message.to_owned());
    }
    let value = variables.as_ref().and_then(|variables| variables.get(name));
    match (value, default) {
        (Some(value), default) if default.is_none() || !value.is_empty() => {
            used.push((*value).to_owned());
            Ok((*value).to_owned())
        }
        (_, Some(default)) => expand(default, variables, used),
        (_, None) if variables.is_none() => Err(format!(
            "the environment is not read, so `{name}` has no value; `${{{name}:-default}}` gives one"
        )),
        (_, None) => Err(format!(
            "the environment variable `{name}` is not set; `${{{name}:-default}}` would do without"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(text: &str) -> Result<String, String> {
        let variables = Some(HashMap::from([("HOST", "h"), ("EMPTY", "")]));
        expand(text, &variables, &mut Vec::new())
    }

    #[test]
    fn variables_defaults_and_dollars_are_put_in() {
        for (text, expected) in [
            ("plain", "plain"),
            ("${HOST}:1", "h:1"),
            ("${NO:-d}${HOST}", "dh"),
            ("${EMPTY}|${EMPTY:-d}", "|d"),
            ("${NO:-${HOST}}", "h"),
            ("${NO:-${NO:-}}x", "x"),
            ("$$ $${HOST} $5 $", "$ ${HOST} $5 $"),
        ] {
            assert_eq!(expanded(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn what_names_no_variable_is_refused() {
        for text in [
            "${",
            "${HOST",
            "${}",
            "${A B}",
            "${NO}",
            "${HOST-x}",
            "${NO:-${NO}}",
        ] {
            expanded(text).unwrap_err();
        }
    }
}
