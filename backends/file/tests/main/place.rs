use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use cachemere_base::{Backend, Clock, Context, Counters, Key, ManualClock, Open, Settings, Value};
use cachemere_file::{File, Options};
use tempfile::TempDir;

/// A directory with a cache in it, and a clock that can be moved.
pub(crate) struct Place {
    pub(crate) file: Arc<File>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) settings: Settings,
    dir: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self::with(settings(), Options::default())
    }

    pub(crate) fn with(settings: Settings, options: Options) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings = settings.with_location([dir.path().to_str().unwrap()]);
        let clock = Arc::new(ManualClock::default());
        let context = Context::new(Arc::clone(&clock) as Arc<dyn Clock>);
        Self {
            file: Arc::new(File::open(&settings, options, &context).unwrap()),
            clock,
            counters: context.counters(),
            settings,
            dir,
        }
    }

    pub(crate) fn with_limits(max_entries: u64, cull_frequency: u64) -> Self {
        let settings = settings()
            .with_max_entries(max_entries)
            .with_cull_frequency(cull_frequency);
        Self::with(settings, Options::default())
    }

    pub(crate) fn with_max_bytes(max_bytes: u64) -> Self {
        let mut options = Options::default();
        options.max_bytes = Some(max_bytes);
        Self::with(settings(), options)
    }

    /// The same cache, as another process has it.
    pub(crate) fn another(&self) -> File {
        let context = Context::new(Arc::clone(&self.clock) as Arc<dyn Clock>);
        File::open(&self.settings, Options::default(), &context).unwrap()
    }

    pub(crate) fn location(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.location().join("cachemere")
    }

    pub(crate) fn index(&self) -> PathBuf {
        self.root().join("index")
    }

    /// The files of all entries.
    pub(crate) fn entries(&self) -> Vec<PathBuf> {
        files(&self.root().join("entries"))
    }

    /// The file of the only entry.
    pub(crate) fn entry(&self) -> PathBuf {
        let entries = self.entries();
        assert_eq!(entries.len(), 1, "{entries:?}");
        entries[0].clone()
    }

    pub(crate) fn set(&self, key: &str, value: &str) {
        self.file.set(&Key::new(key), text(value), None).unwrap();
    }

    pub(crate) fn get(&self, key: &str) -> Option<Value> {
        self.file.get(&Key::new(key)).unwrap()
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        self.file.has_key(&Key::new(key)).unwrap()
    }

    pub(crate) fn advance(&self, millis: u64) {
        self.clock.advance(Duration::from_millis(millis));
    }
}

/// Settings with room for everything.
pub(crate) fn settings() -> Settings {
    Settings::new("default", "file").with_max_entries(1_000_000)
}

/// A value of this text.
pub(crate) fn text(value: &str) -> Value {
    Value::raw(value.to_owned())
}

/// The files in a directory and those below it.
pub(crate) fn files(dir: &Path) -> Vec<PathBuf> {
    let Ok(children) = fs::read_dir(dir) else {
        return Vec::new();
    };
    let paths = children.map(|child| child.unwrap().path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}
