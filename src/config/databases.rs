use cachemere_base::Context;
use cachemere_db::{Database, DatabaseOptions, Databases};
use figment::value::Value;
use serde::Deserialize;

use super::{
    fields::Shape,
    path::KeyPath,
    reader::Reader,
    vocabulary::{DATABASES, URL},
};
use crate::suggestion::{listed, suggest};

/// What a URL may begin with.
const SCHEMES: &str = "`sqlite:`, `postgres://` or `mysql://`";
/// What Django has for the parts of a URL.
const OF_DJANGO: [&str; 6] = ["ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT"];

/// What a database may say beside its URL.
pub(super) fn shape() -> Option<Shape> {
    Some(Shape::of::<DatabaseOptions>())
}

/// What a database may say.
pub(super) fn names() -> Vec<&'static str> {
    let fields = shape().and_then(|shape| shape.fields(&[]));
    let fields = fields.unwrap_or_default().iter().copied();
    std::iter::once(URL).chain(fields).collect()
}

impl Reader<'_> {
    /// Opens every database that has no problem, for the backends to find; none is connected to.
    pub(super) fn open_databases(&mut self, context: &Context) {
        let path = KeyPath::new([DATABASES]);
        if self.tree.table(&path).is_none() {
            let expected =
                "expected databases by alias, `[DATABASES]` and `default = \"sqlite:path\"`";
            let _: Option<()> = self.refuse(&path, expected);
            return;
        }
        let databases = context.shared("", Databases::default);
        for alias in self.tree.keys(&path) {
            if let Some(database) = self.database(&alias) {
                databases.insert(database);
            }
        }
    }

    fn database(&mut self, alias: &str) -> Option<Database> {
        let (path, shape) = (KeyPath::new([DATABASES, alias]), shape()?);
        let url = path.join(URL);
        if self.tree.get(&path)?.as_str().is_some() {
            self.relocate(&path, &url);
        }
        if self.tree.table(&path).is_none() {
            return self.refuse(&path, "expected a URL in quotes, or a table with one");
        }
        self.check_database(&path);
        if self.tree.get(&url).is_none() && !self.problems.is_incomplete(&path) {
            let message = format!("is missing; it begins with {SCHEMES}");
            self.problems.add(self.tree.key_place(&path), &url, message);
        }
        let options = self.own_options(&path, shape, &[URL]);
        let location = self.text(&url);
        let options = DatabaseOptions::deserialize(&options?).ok()?;
        match Database::open(alias, &location?, &options) {
            Ok(database) => Some(database),
            // the one that is implied: a problem of the caches that want it, if there are any
            Err(_) if self.tree.mark(&url).is_none() => None,
            Err(error) => self.refuse_opening(&path, &error),
        }
    }

    /// Unknown keys of a database.
    fn check_database(&mut self, path: &KeyPath) {
        let names = names();
        for key in self.tree.keys(path) {
            if names.contains(&key.as_str()) {
                continue;
            }
            let meant = suggest(&key, names.iter().copied());
            let message = match meant {
                Some(meant) => format!("unknown key, did you mean `{meant}`?"),
                None if OF_DJANGO.contains(&key.as_str()) => {
                    "unknown key; it is a part of `URL`, `postgres://user:password@host:5432/name`"
                        .to_owned()
                }
                None => format!(
                    "unknown key; a database has {}",
                    listed(names.iter().copied())
                ),
            };
            let meant = meant.map(|meant| path.join(meant));
            self.correct(&path.join(&key), message, meant);
        }
    }

    /// Whether a backend misses a database only because the database has a problem.
    pub(super) fn is_lost_database(&self, setting: &KeyPath) -> bool {
        let Some("DATABASE" | "READ_DATABASE") = setting.segments().last().map(String::as_str)
        else {
            return false;
        };
        let databases = KeyPath::new([DATABASES]);
        let lost = match self.tree.get(setting).and_then(Value::as_str) {
            Some(named) => databases.join(named),
            None => databases.clone(),
        };
        self.problems.is_incomplete(&databases) || self.problems.is_spoiled(&lost)
    }
}
