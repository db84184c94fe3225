use std::{
    fs,
    num::NonZeroU64,
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
        #[cfg(unix)]
        set_mode(dir.path(), 0o700);
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
        options.max_bytes = NonZeroU64::new(max_bytes);
        Self::with(settings(), options)
    }

    /// The same cache, as another process has it.
    pub(crate) fn another(&self) -> File {
        let context = Context::new(Arc::clone(&self.clock) as Arc<dyn Clock>);
        File::open(&self.settings, Options::default(), &context).unwrap()
    }

    /// The same place, as the next process finds it.
    pub(crate) fn again(self) -> Self {
        let location = self.location().to_owned();
        self.at(&location)
    }

    /// The same place, by another LOCATION.
    pub(crate) fn at(self, location: &Path) -> Self {
        let settings = self.settings.with_location([location.to_str().unwrap()]);
        let context = Context::new(Arc::clone(&self.clock) as Arc<dyn Clock>);
        Self {
            file: Arc::new(File::open(&settings, Options::default(), &context).unwrap()),
            counters: context.counters(),
            settings,
            ..self
        }
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

    /// Makes the folder as a cache does, before one did.
    pub(crate) fn make_root(&self) {
        fs::create_dir(self.root()).unwrap();
        #[cfg(unix)]
        set_mode(&self.root(), 0o700);
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

    /// The books, as the index has them.
    pub(crate) fn books(&self) -> Books {
        let index = fs::read(self.index()).unwrap();
        let field = |number: usize| {
            let bytes = index[number * 8..][..8].try_into().unwrap();
            u64::from_le_bytes(bytes)
        };
        Books {
            count: field(1),
            bytes: field(2),
            queued: field(4) - field(3),
        }
    }

    /// Expects the books to say what there is.
    #[track_caller]
    pub(crate) fn books_are_exact(&self) {
        let entries = self.entries();
        let sizes = entries
            .iter()
            .map(|path| fs::symlink_metadata(path).unwrap().len());
        let books = self.books();
        assert_eq!(books.count, entries.len() as u64, "entries");
        assert_eq!(books.bytes, sizes.sum::<u64>(), "bytes");
        assert!(books.queued >= books.count, "{books:?}");
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

/// How much a store says it holds, and how many records its queue has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Books {
    pub(crate) count: u64,
    pub(crate) bytes: u64,
    pub(crate) queued: u64,
}

/// Settings with room for everything.
pub(crate) fn settings() -> Settings {
    Settings::new("default", "file").with_max_entries(1_000_000)
}

#[cfg(unix)]
pub(crate) fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
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
