use figment::value::Value;

use super::{
    names::Named,
    path::KeyPath,
    reader::Reader,
    vocabulary::{ALIAS, BACKEND, COMMON, DEFAULT, OF_ALIASES, OPTIONS, TOP_LEVEL, VERSIONS},
};
use crate::{
    registry::Opener,
    suggestion::{folded, listed, suggest},
};

/// What a key that stands where it does not belong should do.
struct Correction {
    message: String,
    /// Where its value belongs, if that can be told.
    meant: Option<KeyPath>,
}

impl Reader<'_> {
    /// Unknown keys of an alias.
    pub(super) fn check_alias(&mut self, alias: &KeyPath) {
        for key in self.tree.keys(alias) {
            if ALIAS.contains(&key.as_str()) {
                continue;
            }
            let options = alias.join(OPTIONS);
            let backend = self.tree.get(&alias.join(BACKEND)).and_then(Value::as_str);
            let backend = backend.and_then(|name| self.registry.backend(name));
            let own = self.own_names(backend);
            let same = named(&key, ALIAS);
            let correction = top_level(&key)
                .or_else(|| misspelt(&key, alias, "key", same))
                .or_else(|| misplaced_option(&key, &options, &own))
                .or_else(|| misspelt(&key, alias, "key", ALIAS))
                .or_else(|| misspelt_option(&key, &options, &own))
                .unwrap_or_else(|| Correction {
                    message: format!("unknown key; an alias has {}", listed(ALIAS)),
                    meant: None,
                });
            self.correct(&alias.join(&key), correction.message, correction.meant);
        }
    }

    /// The options that the backend has beside the common ones; those of all backends, if it is not known.
    fn own_names(&self, backend: Option<Opener>) -> Vec<&'static str> {
        let fields = match backend {
            Some(opener) => opener.fields(&[]).unwrap_or_default().to_vec(),
            None => self.registry.fields(),
        };
        fields
            .into_iter()
            .filter(|name| !COMMON.contains(name))
            .collect()
    }

    /// Unknown keys of OPTIONS; a backend of an unknown name may have any that is not nearly a known one.
    pub(super) fn check_options(&mut self, alias: &KeyPath, backend: &Named) {
        let options = alias.join(OPTIONS);
        if self.tree.get(&options).is_some() && self.tree.table(&options).is_none() {
            let _: Option<()> = self.refuse(&options, "expected a table");
        }
        let opener = backend.opener();
        let own = self.own_names(opener);
        let names = || COMMON.into_iter().chain(own.iter().copied());
        let takes_any = match backend {
            Named::Known(_, opener) => opener.fields(&[]).is_none(),
            Named::Unknown => true,
            Named::Nothing => false,
        };
        for key in self.tree.keys(&options) {
            if names().any(|name| name == key) {
                continue;
            }
            let correction = top_level(&key)
                .or_else(|| misspelt(&key, &options, "option", named(&key, names())))
                .or_else(|| key_in_options(&key, alias))
                .or_else(|| misspelt(&key, &options, "option", names()));
            match correction {
                Some(correction) => {
                    self.correct(&options.join(&key), correction.message, correction.meant);
                }
                None if takes_any => {}
                None => {
                    let message = format!("unknown option; there are {}", listed(names()));
                    self.correct(&options.join(&key), message, None);
                }
            }
        }
    }

    /// A backend that has all the options, where BACKEND does not say which one it is.
    pub(super) fn fitting(&self, options: &KeyPath) -> Option<Opener> {
        let mut keys = self.tree.keys(options);
        keys.retain(|key| !COMMON.contains(&key.as_str()));
        let mut openers = self.registry.openers();
        openers.find(|opener| {
            let fields = opener.fields(&[]).unwrap_or_default();
            keys.iter().all(|key| fields.contains(&key.as_str()))
        })
    }

    /// Unknown keys of the tables in OPTIONS.
    pub(super) fn check_tables(&mut self, options: &KeyPath, opener: Opener) {
        for key in self.tree.keys(options) {
            self.check_nested(&options.join(&key), opener, &mut vec![key]);
        }
    }

    fn check_nested(&mut self, table: &KeyPath, opener: Opener, above: &mut Vec<String>) {
        let fields = opener.fields(above);
        for key in self.tree.keys(table) {
            let path = table.join(&key);
            let Some(fields) = fields.filter(|fields| !fields.contains(&key.as_str())) else {
                above.push(key);
                self.check_nested(&path, opener, above);
                above.pop();
                continue;
            };
            let names = fields.iter().copied();
            let correction = misspelt(&key, table, "option", names.clone());
            let correction = correction.unwrap_or_else(|| Correction {
                message: format!("unknown option; there are {}", listed(names)),
                meant: None,
            });
            self.correct(&path, correction.message, correction.meant);
        }
    }

    /// Moves what stands at a wrong path, and the problems it has.
    pub(super) fn relocate(&mut self, from: &KeyPath, to: &KeyPath) {
        self.tree.relocate(from, to);
        self.problems.relocate(from, to);
    }

    /// Tells of a wrong key, and goes on as if it had been right.
    pub(super) fn correct(&mut self, path: &KeyPath, message: String, meant: Option<KeyPath>) {
        self.problems.add(self.tree.key_place(path), path, message);
        match meant {
            Some(meant) => {
                if self.tree.get(&meant).is_none() {
                    self.problems.silence(&meant);
                }
                self.relocate(path, &meant);
            }
            None => drop(self.tree.remove(path)),
        }
    }
}

fn misspelt<'a>(
    key: &str,
    table: &KeyPath,
    noun: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<Correction> {
    let meant = suggest(key, names)?;
    Some(Correction {
        message: format!("unknown {noun}, did you mean `{meant}`?"),
        meant: Some(table.join(meant)),
    })
}

/// The name that a key is but for its case.
pub(super) fn named<'a>(key: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut names = names.into_iter();
    names.find(|name| folded(name) == folded(key))
}

/// A setting of the document that landed in a table.
fn top_level(key: &str) -> Option<Correction> {
    let name = named(key, TOP_LEVEL)?;
    Some(Correction {
        message: belongs_above(name),
        meant: None,
    })
}

/// An option that stands beside OPTIONS.
fn misplaced_option(key: &str, options: &KeyPath, own: &[&str]) -> Option<Correction> {
    let name = named(key, COMMON.iter().chain(own).copied())?;
    Some(Correction {
        message: format!("`{name}` belongs in `{OPTIONS}`"),
        meant: Some(options.join(name)),
    })
}

/// An option that stands beside OPTIONS and is misspelt.
fn misspelt_option(key: &str, options: &KeyPath, own: &[&str]) -> Option<Correction> {
    let name = suggest(key, COMMON.iter().chain(own).copied())?;
    Some(Correction {
        message: format!("unknown key, did you mean `{OPTIONS}.{name}`?"),
        meant: Some(options.join(name)),
    })
}

fn key_in_options(key: &str, alias: &KeyPath) -> Option<Correction> {
    let name = named(key, ALIAS)?;
    Some(Correction {
        message: format!("`{name}` belongs one level up, in `[{alias}]`"),
        meant: Some(alias.join(name)),
    })
}

pub(super) fn belongs_above(name: &str) -> String {
    if name == VERSIONS {
        return format!("`{name}` is a table of its own: `[{name}]`");
    }
    if OF_ALIASES.contains(&name) {
        return format!("`{name}` is a table of its own: `[{name}.{DEFAULT}]`");
    }
    format!("`{name}` is a top-level setting: in TOML it belongs above the first `[table]`")
}
