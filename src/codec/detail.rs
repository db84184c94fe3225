/// What a serde error says, without the value it says it about: values never appear in messages.
///
/// serde words its own errors in a handful of ways; any other text may hold anything and is left out.
pub(super) fn without_values(message: &str) -> String {
    let message = message.lines().next().unwrap_or_default();
    for opening in ["invalid type: ", "invalid value: "] {
        if let Some((_, rest)) = message.split_once(opening)
            && let Some((found, expected)) = rest.rsplit_once(", expected ")
        {
            let found = found
                .split(['`', '"'])
                .next()
                .unwrap_or_default()
                .trim_end();
            return format!(
                "{}{found}, expected {}",
                opening,
                without_position(expected)
            );
        }
    }
    for opening in ["unknown variant ", "unknown field "] {
        if let Some((_, rest)) = message.split_once(opening)
            && let Some((_, expected)) = rest.rsplit_once(", expected ")
        {
            return format!(
                "{}, expected {}",
                opening.trim_end(),
                without_position(expected)
            );
        }
    }
    for whole in ["missing field `", "duplicate field `", "invalid length "] {
        if let Some(start) = message.find(whole) {
            return without_position(&message[start..]).to_owned();
        }
    }
    "it was written as another type, or by another version of it".to_owned()
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
}
