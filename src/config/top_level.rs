use std::path::PathBuf;

use cachemere_base::Context;
use figment::value::Value;

use super::{
    alias::Alias,
    keys::{belongs_above, named},
    path::KeyPath,
    reader::Reader,
    vocabulary::{ALIAS, BACKEND, CACHES, DATABASES, DEFAULT, SERVED, TOP_LEVEL},
};
use crate::suggestion::{listed, suggest};

impl Reader<'_> {
    /// Unknown keys of the document itself.
    pub(super) fn check_top_level(&mut self) {
        for key in self.tree.keys(&KeyPath::default()) {
            let path = KeyPath::new([&key]);
            if TOP_LEVEL.contains(&key.as_str()) {
                continue;
            }
            let is_alias = self.tree.get(&path.join(BACKEND)).is_some();
            // VERSION is no misspelt VERSIONS
            let meant = suggest(&key, TOP_LEVEL).filter(|_| !ALIAS.contains(&key.as_str()));
            match meant {
                Some(meant @ (CACHES | DATABASES)) if self.tree.table(&path).is_some() => {
                    self.correct_aliases(&path, meant);
                }
                Some(meant) => {
                    let message = format!("unknown setting, did you mean `{meant}`?");
                    self.correct(&path, message, Some(KeyPath::new([meant])));
                }
                None if is_alias => {
                    let message = format!("unknown setting, did you mean `[{CACHES}.{key}]`?");
                    self.problems
                        .add(self.tree.key_place(&path), &path, message);
                    self.relocate(&path, &KeyPath::new([CACHES, &key]));
                }
                None => {
                    let message = named(&key, ALIAS).map_or_else(
                        || format!("unknown setting; there are {}", listed(TOP_LEVEL)),
                        belongs_to_an_alias,
                    );
                    self.correct(&path, message, None);
                }
            }
        }
    }

    /// A misspelt table of aliases is a problem of each alias in it.
    fn correct_aliases(&mut self, path: &KeyPath, meant: &str) {
        let message = format!("unknown setting, did you mean `{meant}`?");
        let aliases = self.tree.keys(path);
        if aliases.is_empty() {
            self.problems
                .add(self.tree.key_place(path), path, message.as_str());
        }
        for alias in &aliases {
            let path = path.join(alias);
            self.problems
                .add(self.tree.key_place(&path), &path, message.as_str());
            self.relocate(&path, &KeyPath::new([meant, alias]));
        }
        self.tree.remove(path);
    }

    /// Every alias that has no problem, opened.
    pub(super) fn aliases(&mut self, context: &Context) -> Vec<Alias> {
        let caches = KeyPath::new([CACHES]);
        if self.tree.table(&caches).is_none() {
            let _: Option<()> = self.refuse(
                &caches,
                &format!("expected tables of aliases, `[{CACHES}.{DEFAULT}]`"),
            );
            return Vec::new();
        }
        let mut names = self.tree.aliases();
        if !names.iter().any(|name| name == DEFAULT) && !self.problems.is_incomplete(&caches) {
            self.miss_default(&caches, &names);
        }
        names.retain(|name| self.is_alias(name));
        let aliases = names.iter().map(|name| self.alias(name, context));
        aliases.collect::<Vec<_>>().into_iter().flatten().collect()
    }

    fn miss_default(&mut self, caches: &KeyPath, names: &[String]) {
        let path = caches.join(DEFAULT);
        let (place, message) = match suggest(DEFAULT, names.iter().map(String::as_str)) {
            Some(name) => (
                self.tree.key_place(&caches.join(name)),
                format!("is missing, and every configuration has it; is `{name}` meant to be it?"),
            ),
            None => (
                self.tree.key_place(caches),
                "is missing, and every configuration has it".to_owned(),
            ),
        };
        self.problems.add(place, &path, message);
    }

    /// Whether a member of CACHES is a table of settings.
    fn is_alias(&mut self, name: &str) -> bool {
        let path = KeyPath::new([CACHES, name]);
        if TOP_LEVEL.contains(&name) {
            self.correct(&path, belongs_above(name), None);
            return false;
        }
        if ALIAS.contains(&name) {
            self.correct(&path, belongs_to_an_alias(name), None);
            return false;
        }
        if self.tree.table(&path).is_some() {
            return true;
        }
        let _: Option<()> = self.refuse(&path, &format!("expected a table, `[{path}]`"));
        false
    }

    /// The folders that a web server may serve.
    pub(super) fn served(&mut self) -> Vec<(&'static str, PathBuf)> {
        let mut served = Vec::new();
        for setting in SERVED {
            let path = KeyPath::new([setting]);
            let folders = match self.tree.get(&path) {
                Some(Value::Array(..)) if setting.ends_with("DIRS") => self.texts(&path),
                Some(_) if setting.ends_with("DIRS") => {
                    self.refuse(&path, "expected a list of texts")
                }
                _ => self.text(&path).map(|folder| vec![folder]),
            };
            let folders = folders.into_iter().flatten();
            let folders = folders.filter(|folder| !folder.is_empty());
            served.extend(folders.map(|folder| (setting, folder.into())));
        }
        served
    }
}

/// Where a key belongs that stands outside of all aliases.
fn belongs_to_an_alias(name: &str) -> String {
    format!("`{name}` belongs in the table of an alias, `[{CACHES}.{DEFAULT}]`")
}
