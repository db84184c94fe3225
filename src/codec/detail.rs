/// serde's words for what it found, where a message is about a wrong type.
const FOUND: [&str; 17] = [
    "boolean",
    "integer",
    "floating point",
    "character",
    "string",
    "byte array",
    "unit value",
    "Option value",
    "newtype struct",
    "sequence",
    "map",
    "enum",
    "unit variant",
    "newtype variant",
    "tuple variant",
    "struct variant",
    "null",
];

/// What a serde error says, without the value it says it about: values never appear in messages.
///
/// serde words its own errors in a handful of ways; any other text may hold anything and is left out.
pub(super) fn without_values(message: &str) -> String {
    let message = without_position(message.lines().next().unwrap_or_default());
    known(message)
        .unwrap_or_else(|| "it was written as another type, or by another version of it".to_owned())
}

/// Why a serializer refused a value: words of its own that are known to hold no value, or that it did.
pub(super) fn refusal(message: &str) -> String {
    const KNOWN: [&str; 3] = [
        super::finite::REFUSAL,
        "key must be a string",
        "float key must be finite",
    ];
    let message = without_position(message);
    KNOWN
        .into_iter()
        .find(|known| *known == message)
        .unwrap_or("it refuses to be serialized")
        .to_owned()
}

fn known(message: &str) -> Option<String> {
    let (opening, rest) = [
        "invalid type: ",
        "invalid value: ",
        "unknown variant ",
        "unknown field ",
        "invalid length ",
    ]
    .into_iter()
    .find_map(|opening| Some((opening, message.split_once(opening)?.1)))
    .or_else(|| {
        let named = ["missing field `", "duplicate field `"];
        named
            .into_iter()
            .find_map(|opening| Some((opening, message.split_once(opening)?.1)))
    })?;
    if opening.ends_with('`') {
        return Some(format!("{opening}{}`", rest.split('`').next()?));
    }
    let (found, expected) = rest.rsplit_once(", expected ")?;
    let found = match opening {
        "invalid length " if found.bytes().all(|b| b.is_ascii_digit()) => found,
        "invalid length " => return None,
        "unknown variant " | "unknown field " => {
            return Some(format!("{}, expected {expected}", opening.trim_end()));
        }
        _ => {
            let found = found.split(['`', '"']).next()?.trim_end();
            FOUND
                .into_iter()
                .find(|known| *known == found)
                .unwrap_or("something else")
        }
    };
    Some(format!("{opening}{found}, expected {expected}"))
}

fn without_position(text: &str) -> &str {
    text.split(" at line ").next().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_is_left_out_and_the_rest_is_kept() {
        for (message, shown) in [
            (
                r#"invalid type: string "hunter2, expected", expected u64"#,
                "invalid type: string, expected u64",
            ),
            (
                "invalid type: integer `42`, expected a string at line 1 column 2",
                "invalid type: integer, expected a string",
            ),
            (
                "invalid value: character `x`, expected a digit",
                "invalid value: character, expected a digit",
            ),
            (
                "unknown variant `hunter2`, expected `A` or `B`",
                "unknown variant, expected `A` or `B`",
            ),
            (
                "missing field `name` at line 1 column 9",
                "missing field `name`",
            ),
            (
                "hunter2 is no date",
                "it was written as another type, or by another version of it",
            ),
        ] {
            assert_eq!(without_values(message), shown);
        }
    }

    #[test]
    fn a_refusal_is_said_in_words_that_are_known_or_not_at_all() {
        assert_eq!(
            refusal("key must be a string at line 0 column 0"),
            "key must be a string"
        );
        assert_eq!(
            refusal("token hunter2 is not valid"),
            "it refuses to be serialized"
        );
    }
}
