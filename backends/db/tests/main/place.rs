use std::sync::Arc;

use cachemere_base::{Backend, Context, ManualClock, Open, Settings};
use cachemere_db::{DatabaseOptions, Databases, Db, Options};
use tempfile::TempDir;

/// A database that is there for one test, and a clock.
pub(crate) struct Place {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) context: Context,
    pub(crate) settings: Settings,
    _folder: Option<TempDir>,
}

impl Place {
    /// SQLite in a file.
    pub(crate) fn file(settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("cache.sqlite3").display());
        Self::at(&url, settings, Some(folder))
    }

    /// SQLite in memory.
    pub(crate) fn memory(settings: Settings) -> Self {
        Self::at("sqlite::memory:", settings, None)
    }

    fn at(url: &str, settings: Settings, folder: Option<TempDir>) -> Self {
        let clock = Arc::new(ManualClock::default());
        let context = Context::new(Arc::clone(&clock) as _);
        let databases = context.shared("", Databases::default);
        databases
            .open("default", url, &DatabaseOptions::default())
            .unwrap();
        Self {
            clock,
            context,
            settings: settings.with_location(["cache table"]),
            _folder: folder,
        }
    }

    /// The cache as another alias has it.
    pub(crate) fn open(&self) -> Arc<dyn Backend> {
        self.open_with(Options::default())
    }

    pub(crate) fn open_with(&self, options: Options) -> Arc<dyn Backend> {
        Arc::new(Db::open(&self.settings, options, &self.context.for_alias()).unwrap())
    }
}
