use std::{fmt, ops::Index};

use cachemere_base::{Error, ErrorKind, Result};
use once_cell::sync::OnceCell;

use crate::{Builder, Cache, Caches};

/// The caches of the process: those of `CACHES_FILE`, else of `./caches.toml`, read at first use; or what
/// [`install`](Global::install) put there.
///
/// A lower-case static cannot be shadowed: where this is imported, no variable may be named `caches`.
///
/// ```no_run
/// use cachemere::caches;
///
/// # fn main() -> cachemere::Result<()> {
/// caches["default"].set("my_key", "hello, world!", 30)?;
/// # Ok(())
/// # }
/// ```
#[expect(non_upper_case_globals, reason = "Django's name")]
pub static caches: Global = Global(OnceCell::new());

/// The type of the static [`caches`].
pub struct Global(OnceCell<Caches>);

/// `caches["default"]`, of the process.
///
/// # Panics
/// If the configuration cannot be loaded, with every problem of it.
#[must_use]
#[track_caller]
pub fn cache() -> &'static Cache {
    &caches["default"]
}

impl Global {
    /// Makes these the caches of the process.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config) if they were installed or loaded before.
    pub fn install(&self, configured: Caches) -> Result<()> {
        self.0.set(configured).map_err(|_refused| {
            let message = "the caches of the process are already loaded; call `install` before the first use of `caches`";
            Error::new(ErrorKind::Config, message)
        })
    }

    /// The caches, loaded if need be: files of `CACHES_FILE` (separated as in `PATH`), else `./caches.toml`, and the
    /// variables `CACHES__…`. A program calls this at its start to meet a bad file there.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config) with every problem, a line each. The next call tries again.
    pub fn load(&self) -> Result<&Caches> {
        self.0.get_or_try_init(|| Builder::discover()?.build())
    }

    /// A clone of this thread's handle.
    ///
    /// # Errors
    /// If the configuration cannot be loaded, or has no such alias.
    pub fn get(&self, alias: &str) -> Result<Cache> {
        self.load()?.get(alias)
    }

    /// The alias if it is configured, else `default`.
    ///
    /// # Errors
    /// If the configuration cannot be loaded.
    pub fn get_or_default(&self, alias: &str) -> Result<Cache> {
        Ok(self.load()?.get_or_default(alias))
    }

    /// Closes every cache that some thread has used.
    ///
    /// # Errors
    /// As [`Caches::close_all`]; caches that were never loaded are no error.
    pub fn close_all(&self) -> Result<()> {
        self.0.get().map_or(Ok(()), Caches::close_all)
    }
}

impl Index<&str> for Global {
    type Output = Cache;

    /// This thread's handle.
    ///
    /// # Panics
    /// At the caller's line, if the configuration cannot be loaded or has no such alias. [`get`](Global::get) returns
    /// an error instead.
    #[track_caller]
    fn index(&self, alias: &str) -> &Cache {
        match self.load() {
            Ok(loaded) => &loaded[alias],
            Err(error) => panic!("{error}"),
        }
    }
}

impl fmt::Debug for Global {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.get() {
            Some(loaded) => loaded.fmt(f),
            None => f.write_str("not loaded"),
        }
    }
}
