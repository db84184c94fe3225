//! How Python writes values.

/// A float, from the digits that `{:?}` has: Rust changes to an exponent where Python does, and only writes it another way.
pub(super) fn append_float(out: &mut String, shortest: &str) {
    let Some((digits, exponent)) = shortest.split_once('e') else {
        out.push_str(if shortest == "NaN" { "nan" } else { shortest });
        return;
    };
    let (sign, exponent) = exponent
        .strip_prefix('-')
        .map_or(('+', exponent), |exponent| ('-', exponent));
    out.extend([digits, "e"]);
    out.push(sign);
    out.push_str(if exponent.len() < 2 { "0" } else { "" });
    out.push_str(exponent);
}

/// `repr` of a text.
pub(super) fn append_quoted(out: &mut String, text: &str) {
    let quote = match text.contains('\'') && !text.contains('"') {
        true => '"',
        false => '\'',
    };
    out.push(quote);
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            _ if character == quote => out.extend(['\\', quote]),
            _ if is_printable(character) => out.push(character),
            _ => append_escaped(out, character),
        }
    }
    out.push(quote);
}

/// `repr` of bytes.
pub(super) fn append_bytes(out: &mut String, bytes: &[u8]) {
    out.push_str("b'");
    for byte in bytes {
        match byte {
            b'\\' | b'\'' => out.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => out.push(char::from(*byte)),
            _ => append_escaped(out, char::from(*byte)),
        }
    }
    out.push('\'');
}

fn append_escaped(out: &mut String, character: char) {
    let code = u32::from(character);
    let escaped = match character {
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        ..='\u{ff}' => format!("\\x{code:02x}"),
        ..='\u{ffff}' => format!("\\u{code:04x}"),
        _ => format!("\\U{code:08x}"),
    };
    out.push_str(&escaped);
}

fn is_printable(character: char) -> bool {
    if character.is_ascii() {
        return !character.is_ascii_control();
    }
    // a combining mark is escaped where it comes first only
    let mut pair = ['a', character].into_iter().collect::<String>();
    pair = pair.escape_debug().collect();
    pair.ends_with(character)
}
