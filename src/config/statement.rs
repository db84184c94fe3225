use std::ops::Range;

use super::path::is_bare_character;

/// What a statement of a TOML document looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `[table]` or `[[table]]`.
    Header,
    /// `key = value`, and whatever else.
    Pair,
}

/// A document cut into statements, so that an error in one does not hide the others.
pub(super) fn statements(text: &str) -> Vec<(Kind, Range<usize>)> {
    let mut statements = Vec::new();
    let mut start = text.len() - text.trim_start_matches('\u{feff}').len();
    while start < text.len() {
        let line = line_at(text, start);
        let trimmed = text[line.clone()].trim();
        let (kind, end) = if trimmed.is_empty() || trimmed.starts_with('#') {
            start = line.end + 1;
            continue;
        } else if trimmed.starts_with('[') || is_header_without_start(trimmed) {
            (Kind::Header, line.end)
        } else {
            (Kind::Pair, end_of_pair(text, start))
        };
        statements.push((
            kind,
            start..start + text[start..end].trim_end_matches('\r').len(),
        ));
        start = end + 1;
    }
    statements
}

fn line_at(text: &str, start: usize) -> Range<usize> {
    let length = text[start..].find('\n').unwrap_or(text.len() - start);
    start..start + length
}

/// The end of the value, which may span lines; if it has no end, of the lines that cannot be something else.
fn end_of_pair(text: &str, start: usize) -> usize {
    let mut scan = Scan::default();
    let mut line = line_at(text, start);
    loop {
        scan.read(&text[line.clone()]);
        if scan.is_complete() {
            return line.end;
        }
        if scan.is_broken || line.end == text.len() {
            break;
        }
        let next = line_at(text, line.end + 1);
        if scan.ends_before(&text[next.clone()]) {
            break;
        }
        line = next;
    }
    end_of_broken_pair(text, line_at(text, start))
}

fn end_of_broken_pair(text: &str, first: Range<usize>) -> usize {
    let mut scan = Scan::default();
    scan.read(&text[first.clone()]);
    let in_table = scan.brackets.last() == Some(&'{');
    let mut line = first;
    while line.end < text.len() {
        let next = line_at(text, line.end + 1);
        let content = text[next.clone()].trim();
        let expects_pair = in_table && text[line.clone()].trim_end().ends_with([',', '{']);
        let goes_on = content.starts_with(is_inside_value) && !is_pair(content)
            || is_pair(content) && expects_pair;
        if !goes_on || is_header(content) {
            break;
        }
        line = next;
    }
    line.end
}

/// What a line begins with that belongs to the list or table of the line before.
fn is_inside_value(character: char) -> bool {
    character.is_ascii_digit() || "\"'[]{},+-".contains(character)
}

/// Where a value stands: in which brackets, and in which string that spans lines.
#[derive(Default)]
struct Scan {
    brackets: Vec<char>,
    string: Option<&'static str>,
    is_broken: bool,
}

impl Scan {
    fn is_complete(&self) -> bool {
        !self.is_broken && self.brackets.is_empty() && self.string.is_none()
    }

    fn ends_before(&self, next: &str) -> bool {
        let in_array = self.brackets.last() == Some(&'[');
        self.string.is_none() && (is_header(next.trim()) || in_array && is_pair(next.trim()))
    }

    fn read(&mut self, line: &str) {
        let mut rest = line;
        while !rest.is_empty() {
            if let Some(quotes) = self.string {
                match end_of_string(rest, quotes) {
                    Some(end) => (self.string, rest) = (None, &rest[end..]),
                    None if quotes.len() == 3 => return,
                    None => {
                        self.is_broken = !self.brackets.is_empty();
                        self.string = None;
                        return;
                    }
                }
                continue;
            }
            let quotes = ["\"\"\"", "'''", "\"", "'"];
            if let Some(quotes) = quotes.into_iter().find(|quotes| rest.starts_with(quotes)) {
                self.string = Some(quotes);
                rest = &rest[quotes.len()..];
                continue;
            }
            let Some(character) = rest.chars().next() else {
                return;
            };
            match character {
                '#' => return,
                '[' | '{' => self.brackets.push(character),
                ']' | '}' => drop(self.brackets.pop()),
                _ => {}
            }
            rest = &rest[character.len_utf8()..];
        }
    }
}

fn end_of_string(text: &str, quotes: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let end = from + text[from..].find(quotes)?;
        let escapes = text[..end].bytes().rev().take_while(|byte| *byte == b'\\');
        if quotes.starts_with('\'') || escapes.count() % 2 == 0 {
            return Some(end + quotes.len());
        }
        from = end + 1;
    }
}

/// Whether a line reads `[name.name]`.
fn is_header(line: &str) -> bool {
    let Some(inside) = line.strip_prefix('[') else {
        return false;
    };
    let Some((inside, _)) = inside.trim_start_matches('[').split_once(']') else {
        return false;
    };
    let is_key = |c: char| is_bare_character(c) || matches!(c, '.' | ' ' | '"' | '\'');
    inside.chars().all(is_key) && inside.trim().starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Whether a line that is no pair reads `name.name]`.
fn is_header_without_start(line: &str) -> bool {
    line.ends_with(']') && !line.contains('=') && is_header(&format!("[{line}"))
}

/// Whether a line begins with `key =`.
fn is_pair(line: &str) -> bool {
    let mut rest = line;
    loop {
        rest = rest.trim_start();
        let after = match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let Some((_, after)) = rest[1..].split_once(quote) else {
                    return false;
                };
                after
            }
            _ => rest.trim_start_matches(is_bare_character),
        };
        if after.len() == rest.len() {
            return false;
        }
        match after.trim_start().strip_prefix('.') {
            Some(dotted) => rest = dotted,
            None => return after.trim_start().starts_with('='),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        let ranges = statements(text).into_iter();
        ranges.map(|(_, range)| &text[range]).collect()
    }

    #[test]
    fn values_over_several_lines_are_one_statement() {
        let texts = [
            "a = [\n 1,\n 2 # ]\n]",
            "b = \"\"\"\nc = 1\n[d]\n\"\"\"",
            "c = {\n d = 1,\n e = [\n[1]]\n}",
            "[header]",
            "d = '''x''' # \"",
            "e = \"\\\"[\"",
        ];
        assert_eq!(cut(&texts.join("\n")), texts);
    }

    #[test]
    fn what_is_not_closed_ends_before_the_next_statement() {
        let texts = [
            "a = [1, 2",
            "b = [\n \"x\",",
            "c = 1",
            "d = {x = 1",
            "d = {\n x = 1,\n y = 2",
            "c = 1",
            "[e]",
            "f = \"\"\"x",
            "\"g\".h = 'x",
            "i = [\"x, \"y\"]",
            "j",
            "k.l]",
        ];
        assert_eq!(cut(&texts.join("\n")), texts);
    }
}
