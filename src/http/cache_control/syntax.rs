use std::borrow::Cow;

const BLANKS: [char; 2] = [' ', '\t'];

/// The name and the argument of each directive, as they are written, without the blanks around them.
///
/// A comma inside of a quoted argument does not separate. Quotes that are not closed are no quotes: what follows them
/// may be `no-store`.
pub(super) fn directives(text: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let mut rest = Some(text);
    let members = std::iter::from_fn(move || {
        let text = rest?;
        let end = end_of_directive(text);
        rest = text.get(end + 1..);
        Some(text[..end].trim_matches(BLANKS))
    });
    members
        .filter(|member| !member.is_empty())
        .map(|member| match member.split_once('=') {
            Some((name, argument)) => (
                name.trim_end_matches(BLANKS),
                Some(argument.trim_start_matches(BLANKS)),
            ),
            None => (member, None),
        })
}

/// Where the comma stands that ends the first directive, or the end of the text.
fn end_of_directive(text: &str) -> usize {
    let after_name = text.find([',', '=']).unwrap_or(text.len());
    let Some(argument) = text[after_name..].strip_prefix('=') else {
        return after_name;
    };
    let argument = argument.trim_start_matches(BLANKS);
    let start = text.len() - argument.len() + length_of_quoted(argument).unwrap_or(0);
    text[start..].find(',').map_or(text.len(), |at| start + at)
}

/// How long the quoted string is that the text begins with.
fn length_of_quoted(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('"')?;
    let mut is_escaped = false;
    let end = inside.bytes().position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    })?;
    Some(end + 2)
}

/// An argument as it is written; in quotes of its own if it has some that are not closed, which would swallow what is
/// added after it.
pub(super) fn closed(argument: &str) -> String {
    match argument.starts_with('"') && length_of_quoted(argument).is_none() {
        true => quoted(argument.to_owned()),
        false => argument.to_owned(),
    }
}

/// What an argument says: a quoted string without its quotes.
pub(super) fn unquoted(argument: &str) -> Cow<'_, str> {
    if length_of_quoted(argument) != Some(argument.len()) {
        return Cow::Borrowed(argument);
    }
    let inside = &argument[1..argument.len() - 1];
    if !inside.contains('\\') {
        return Cow::Borrowed(inside);
    }
    let mut is_escaped = false;
    let text = inside.chars().filter(|character| {
        is_escaped = *character == '\\' && !is_escaped;
        !is_escaped
    });
    Cow::Owned(text.collect())
}

/// An argument that says this: quoted if it would not be read as it is.
pub(super) fn quoted(text: String) -> String {
    let needs_quotes = |c: char| matches!(c, ',' | '"' | '\\') || c.is_whitespace();
    if !text.is_empty() && !text.contains(needs_quotes) {
        return text;
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<(&str, Option<&str>)> {
        directives(text).collect()
    }

    #[test]
    fn a_comma_in_quotes_does_not_separate() {
        assert_eq!(
            all("no-cache=\"A, \\\"B\", x=1=2 ,\t, y"),
            [
                ("no-cache", Some("\"A, \\\"B\"")),
                ("x", Some("1=2")),
                ("y", None)
            ]
        );
    }

    #[test]
    fn quotes_that_are_not_closed_or_begin_no_argument_hide_nothing() {
        assert_eq!(
            all("a=\"x, no-store"),
            [("a", Some("\"x")), ("no-store", None)]
        );
        assert_eq!(
            all("a=x\"y, no-store, z\""),
            [("a", Some("x\"y")), ("no-store", None), ("z\"", None)]
        );
        assert_eq!(all("\"a, private\""), [("\"a", None), ("private\"", None)]);
    }

    #[test]
    fn blanks_around_names_and_arguments_are_nothing() {
        assert_eq!(
            all(" private\t= \"x\" ,max-age =5"),
            [("private", Some("\"x\"")), ("max-age", Some("5"))]
        );
    }

    #[test]
    fn what_is_quoted_is_unquoted_as_it_was() {
        for text in ["", "x", "x=y", "a, b", "\\", "\"", "\\\"\\\\", "é ü"] {
            assert_eq!(unquoted(&quoted(text.to_owned())), text);
        }
        assert_eq!(quoted("x=y".to_owned()), "x=y");
        assert_eq!(unquoted("\"x\"y"), "\"x\"y");
    }
}
