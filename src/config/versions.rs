use super::{path::KeyPath, reader::Reader, vocabulary::*};
use crate::suggestion::{listed, suggest};

/// Where the named versions live, and what they are.
#[allow(
    dead_code,
    reason = "the feature `db` reads it; the file is checked without it, too"
)]
#[derive(Clone, Debug)]
pub(crate) struct VersionSettings {
    /// Whether the file says anything of them.
    pub(crate) is_given: bool,
    pub(crate) database: String,
    pub(crate) table: String,
    pub(crate) kind: VersionKind,
    /// The alias that has a copy of them.
    pub(crate) cache: Option<String>,
}

/// What a version is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VersionKind {
    /// Eight letters and digits at random.
    Random,
    /// A number that counts up.
    Counting,
}

const KINDS: [(&str, VersionKind); 2] = [
    ("random", VersionKind::Random),
    ("counting", VersionKind::Counting),
];

/// PostgreSQL takes the fewest.
const LONGEST_TABLE: usize = 63;

impl Reader<'_> {
    pub(super) fn versions(&mut self) -> VersionSettings {
        let path = KeyPath::new([VERSIONS]);
        let is_given = self.tree.get(&path).is_some();
        if is_given && self.tree.table(&path).is_none() {
            let _: Option<()> = self.refuse(&path, "expected a table, `[VERSIONS]`");
        }
        self.check_versions(&path);
        let (databases, aliases) = (KeyPath::new([DATABASES]), KeyPath::new([CACHES]));
        VersionSettings {
            is_given,
            database: self
                .one_of(&path.join(DATABASE), &databases, "database")
                .unwrap_or(DEFAULT.to_owned()),
            table: self
                .table_name(&path.join(TABLE))
                .unwrap_or("cachemere_versions".to_owned()),
            kind: self
                .choice(&path.join(KIND), &KINDS)
                .unwrap_or(VersionKind::Random),
            cache: self.one_of(&path.join(CACHE), &aliases, "alias"),
        }
    }

    fn check_versions(&mut self, path: &KeyPath) {
        for key in self.tree.keys(path) {
            if VERSION_SETTINGS.contains(&key.as_str()) {
                continue;
            }
            let meant = suggest(&key, VERSION_SETTINGS);
            let message = match meant {
                Some(meant) => format!("unknown key, did you mean `{meant}`?"),
                None => format!("unknown key; there are {}", listed(VERSION_SETTINGS)),
            };
            self.correct(
                &path.join(&key),
                message,
                meant.map(|meant| path.join(meant)),
            );
        }
    }

    fn table_name(&mut self, path: &KeyPath) -> Option<String> {
        let name = self.text(path)?;
        let is_good = (1..=LONGEST_TABLE).contains(&name.len())
            && !name.contains(|c: char| c.is_whitespace() || c.is_control());
        if is_good {
            return Some(name);
        }
        let message = format!(
            "expected the name of a table: 1 to {LONGEST_TABLE} bytes without blanks and control characters"
        );
        self.problems
            .add(self.tree.value_place(path), path, message);
        None
    }
}
