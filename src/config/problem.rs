use std::{collections::BTreeSet, fmt};

use cachemere_base::{Error, ErrorKind};

use super::{path::KeyPath, place::Place, vocabulary::OF_ALIASES};

/// One mistake: where it is, what is wrong, and what would be right.
#[derive(Debug)]
struct Problem {
    place: Place,
    path: Option<KeyPath>,
    message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if let Some(path) = &self.path {
            write!(f, "`{path}`: ")?;
        }
        f.write_str(&self.message)
    }
}

/// The problems of a configuration: one for each key at most, so that a mistake has no follow-ups.
#[derive(Debug, Default)]
pub(super) struct Problems {
    found: Vec<Problem>,
    silent: BTreeSet<KeyPath>,
    incomplete: BTreeSet<KeyPath>,
}

impl Problems {
    /// Adds a problem of a key, unless the key has one.
    pub(super) fn add(&mut self, place: Place, path: &KeyPath, message: impl Into<String>) {
        if self.silent.insert(path.clone()) {
            self.add_another(place, Some(path), message);
        }
    }

    /// Adds a problem, whatever else was said of the key.
    pub(super) fn add_another(
        &mut self,
        place: Place,
        path: Option<&KeyPath>,
        message: impl Into<String>,
    ) {
        self.found.push(Problem {
            place,
            path: path.cloned(),
            message: message.into(),
        });
    }

    /// No more problems of this key: it already is one.
    pub(super) fn silence(&mut self, path: &KeyPath) {
        self.silent.insert(path.clone());
    }

    /// What is not in this table may have been in what could not be read.
    pub(super) fn mark_incomplete(&mut self, table: &KeyPath) {
        self.incomplete.insert(table.clone());
    }

    /// Any alias may have been in what could not be read.
    pub(super) fn mark_all_incomplete(&mut self) {
        for table in OF_ALIASES {
            self.mark_incomplete(&KeyPath::new([table]));
        }
    }

    pub(super) fn is_incomplete(&self, table: &KeyPath) -> bool {
        self.incomplete.contains(table)
    }

    /// The keys below `from` that have a problem are below `to` now.
    pub(super) fn relocate(&mut self, from: &KeyPath, to: &KeyPath) {
        for paths in [&mut self.silent, &mut self.incomplete] {
            let below = paths
                .iter()
                .filter(|path| path.starts_with(from) && *path != from);
            let moved: Vec<_> = below.map(|path| path.moved(from, to)).collect();
            paths.extend(moved);
        }
    }

    /// Whether the key, or one below it, has a problem.
    pub(super) fn is_spoiled(&self, path: &KeyPath) -> bool {
        let mut from = self.silent.range(path.clone()..);
        from.next().is_some_and(|silent| silent.starts_with(path))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.found.len()
    }

    /// One error of all problems, one line each, sorted by place.
    pub(super) fn into_error(mut self) -> Error {
        self.found.sort_by(|a, b| a.place.cmp(&b.place));
        let lines: Vec<_> = self.found.iter().map(Problem::to_string).collect();
        Error::new(ErrorKind::Config, lines.join("\n"))
    }
}
