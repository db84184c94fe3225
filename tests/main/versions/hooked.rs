use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use cachemere::{
    backends::{File, file},
    base::{
        Backend as _, Context, Error, ErrorKind, Key, Open, Result, Settings, Ttl, Value, Wrap,
    },
};

/// What a test sees of a store, and does to it.
#[derive(Default)]
pub(super) struct Hooks {
    calls: Mutex<Vec<&'static str>>,
    before_set: Mutex<Option<Box<dyn FnOnce() + Send>>>,
    is_down: AtomicBool,
}

static HOOKS: Mutex<BTreeMap<PathBuf, Arc<Hooks>>> = Mutex::new(BTreeMap::new());

impl Hooks {
    /// Those of the store in this folder.
    pub(super) fn of(folder: PathBuf) -> Arc<Self> {
        Arc::clone(HOOKS.lock().unwrap().entry(folder).or_default())
    }

    /// The verbs that were called since the last time.
    pub(super) fn calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }

    /// Does this once, before the next `set`.
    pub(super) fn before_set(&self, action: impl FnOnce() + Send + 'static) {
        *self.before_set.lock().unwrap() = Some(Box::new(action));
    }

    pub(super) fn fail(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::Relaxed);
    }

    fn call(&self, verb: &'static str) -> Result<()> {
        self.calls.lock().unwrap().push(verb);
        match self.is_down.load(Ordering::Relaxed) {
            true => Err(Error::new(ErrorKind::Unavailable, "nobody is at home")),
            false => Ok(()),
        }
    }
}

/// A file cache with hooks.
pub(super) struct Hooked {
    inner: File,
    hooks: Arc<Hooks>,
}

impl std::fmt::Debug for Hooked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.inner.fmt(f)
    }
}

impl Open for Hooked {
    const NAMES: &'static [&'static str] = &["tests.Hooked"];
    type Options = file::Options;

    fn open(settings: &Settings, options: file::Options, context: &Context) -> Result<Self> {
        Ok(Self {
            hooks: Hooks::of(settings.location()?.into()),
            inner: File::open(settings, options, context)?,
        })
    }
}

impl Wrap for Hooked {
    type Inner = File;

    fn inner(&self) -> &File {
        &self.inner
    }

    fn get(&self, key: &Key) -> Result<Option<Value>> {
        self.hooks.call("get")?;
        self.inner.get(key)
    }

    fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Value>>> {
        self.hooks.call("get_many")?;
        self.inner.get_many(keys)
    }

    fn set(&self, key: &Key, value: Value, ttl: Ttl) -> Result<()> {
        let before = self.hooks.before_set.lock().unwrap().take();
        if let Some(before) = before {
            before();
        }
        self.hooks.call("set")?;
        self.inner.set(key, value, ttl)
    }

    fn add(&self, key: &Key, value: Value, ttl: Ttl) -> Result<bool> {
        self.hooks.call("add")?;
        self.inner.add(key, value, ttl)
    }
}
