use std::{fmt, sync::Arc};

/// Where something was said. The order is the order of problems: documents, variables, code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// In a file or a text; line and column count from 1, line 0 is the document as a whole.
    Document {
        index: usize,
        line: usize,
        column: usize,
        name: Arc<str>,
    },
    Variable(String),
    Builder,
    /// A line of the program, as `file!():line!()`.
    Code(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Document { name, line: 0, .. } => f.write_str(name),
            Self::Document {
                name, line, column, ..
            } => write!(f, "{name}:{line}:{column}"),
            Self::Variable(name) => write!(f, "environment variable `{name}`"),
            Self::Builder => f.write_str("builder"),
            Self::Code(place) => f.write_str(place),
        }
    }
}

/// From offsets into a text to places.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    index: usize,
    name: Arc<str>,
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn new(index: usize, name: &str, text: &'a str) -> Self {
        let after_breaks = text.match_indices('\n').map(|(offset, _)| offset + 1);
        Self {
            index,
            name: name.into(),
            text,
            starts: std::iter::once(0).chain(after_breaks).collect(),
        }
    }

    pub(super) fn place(&self, offset: usize) -> Place {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts[line - 1];
        let before = self.text.get(start..offset).unwrap_or_default();
        let before = before.strip_prefix('\u{feff}').unwrap_or(before);
        Place::Document {
            index: self.index,
            line,
            column: before.chars().count() + 1,
            name: Arc::clone(&self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_count_from_one() {
        let lines = Lines::new(0, "caches.toml", "äö = 1\nb = 2\n");
        assert_eq!(lines.place(5).to_string(), "caches.toml:1:4");
        assert_eq!(lines.place(9).to_string(), "caches.toml:2:1");
    }
}
