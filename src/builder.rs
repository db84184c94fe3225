use std::{fmt, path::PathBuf, sync::Arc};

use cachemere_base::{Clock, Context, Error, ErrorKind, Open, Result, SystemClock};
#[cfg(feature = "db")]
use cachemere_db::{CacheRouter, Databases};

use crate::{
    Caches, Version,
    config::{self, Sources},
    registry::Registry,
};

/// Where [`Caches`] come from: files, then the environment, then settings in code, each over the ones before.
///
/// ```
/// # fn main() -> cachemere::Result<()> {
/// let caches = cachemere::Caches::builder()
///     .toml("[CACHES.default]\nBACKEND = 'locmem'\nKEY_FUNCTION = 'myapp.keys.short'")
///     .set("default", "OPTIONS.MAX_ENTRIES", 10_000)
///     .key_function("myapp.keys.short", |key, _prefix, version| format!("{version}/{key}"))
///     .build()?;
/// assert_eq!(caches["default"].make_key("k").as_str(), "1/k");
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is built before `build`"]
pub struct Builder {
    sources: Sources,
    registry: Registry,
    clock: Arc<dyn Clock>,
    unreadable: Option<Error>,
    #[cfg(feature = "db")]
    router: Option<Arc<dyn CacheRouter>>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            sources: Sources::default(),
            registry: Registry::new(),
            clock: Arc::new(SystemClock),
            unreadable: None,
            #[cfg(feature = "db")]
            router: None,
        }
    }
}

impl Builder {
    /// What a process finds around it: the files of `CACHES_FILE` (separated as in `PATH`), else `./caches.toml`, and
    /// the environment's `CACHES__…` variables.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) if there is neither a file nor a variable, naming the paths that were tried.
    pub fn discover() -> Result<Self> {
        let (variables, unreadable) = environment();
        refuse(unreadable)?;
        Ok(Self {
            sources: Sources::discover(variables)?,
            ..Self::default()
        })
    }

    /// Reads a file. An alias in a later file replaces the whole alias of an earlier one.
    pub fn file(mut self, path: impl Into<PathBuf>) -> Self {
        self.sources.add_file(path.into());
        self
    }

    /// Reads a text in the form of `caches.toml`, as if it were a file.
    pub fn toml(mut self, text: &str) -> Self {
        self.sources.add_text("<text>", text);
        self
    }

    /// Reads the environment: `CACHES__SESSIONS__TIMEOUT=60` sets one key of an alias.
    pub fn environment(self) -> Self {
        let (variables, unreadable) = environment();
        let unreadable = refuse(unreadable).err();
        Self {
            unreadable,
            ..self.variables(variables)
        }
    }

    /// Reads these variables instead of the environment's, also where the files say `${VAR}`.
    pub fn variables(mut self, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        self.sources
            .set_environment(variables.into_iter().collect());
        self
    }

    /// Sets one key of an alias: `TIMEOUT`, or `OPTIONS.MAX_ENTRIES`.
    pub fn set(mut self, alias: &str, key: &str, value: impl Into<figment::value::Value>) -> Self {
        self.sources.add_setting(alias, key, value.into());
        self
    }

    /// Registers a backend under its own names.
    #[track_caller]
    pub fn backend<B: Open>(mut self) -> Self {
        self.registry.add_backend::<B>();
        self
    }

    /// Registers a backend under the path that BACKEND will name.
    #[track_caller]
    pub fn backend_as<B: Open>(mut self, path: &str) -> Self {
        self.registry.add_backend_as::<B>(path);
        self
    }

    /// Registers a key function under the path that KEY_FUNCTION will name: `(key, key_prefix, version)` to the final
    /// key.
    #[track_caller]
    pub fn key_function(
        mut self,
        path: &str,
        function: impl Fn(&str, &str, &Version) -> String + Send + Sync + 'static,
    ) -> Self {
        self.registry.add_key_function(path, function);
        self
    }

    /// Asks this router which database a cache lives in, where its DATABASE or READ_DATABASE do not say it, and which
    /// tables may be created where. A later one replaces it.
    ///
    /// ```
    /// use cachemere::{CacheRouter, Caches};
    ///
    /// /// Every table of a shop lives in the shop's database, and nothing else may.
    /// struct Shops;
    ///
    /// impl CacheRouter for Shops {
    ///     fn db_for_read(&self, table: &str) -> Option<String> {
    ///         self.db_for_write(table)
    ///     }
    ///
    ///     fn db_for_write(&self, table: &str) -> Option<String> {
    ///         table.starts_with("shop_").then(|| "shop".to_owned())
    ///     }
    ///
    ///     fn allow_migrate(&self, database: &str, table: &str) -> Option<bool> {
    ///         Some((database == "shop") == table.starts_with("shop_"))
    ///     }
    /// }
    ///
    /// # fn main() -> cachemere::Result<()> {
    /// let text = "[DATABASES]\ndefault = 'sqlite::memory:'\nshop = 'sqlite::memory:'\n\
    ///             [CACHES.default]\nBACKEND = 'db'\nLOCATION = 'shop_cache'";
    /// let caches = Caches::builder().toml(text).router(Shops).build()?;
    /// assert_eq!(caches.cache_tables()[0].database(), "shop");
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "db")]
    pub fn router(mut self, router: impl CacheRouter) -> Self {
        self.router = Some(Arc::new(router));
        self
    }

    /// Expires by this clock, in the stores that keep time themselves: for tests.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Validates everything and opens every alias; nothing is connected before it is used.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) with every problem, a line each.
    pub fn build(self) -> Result<Caches> {
        if let Some(error) = self.unreadable {
            return Err(error);
        }
        let context = Context::new(self.clock);
        #[cfg(feature = "db")]
        if let Some(router) = self.router {
            let databases = context.shared("", Databases::default);
            databases.set_router(router);
        }
        config::load(&self.sources, &self.registry, &context).map(Caches::new)
    }
}

/// The variables that are text, and the names of those that concern the caches and are not.
fn environment() -> (Vec<(String, String)>, Vec<String>) {
    let (mut variables, mut unreadable) = (Vec::new(), Vec::new());
    for (name, value) in std::env::vars_os() {
        match (name.into_string(), value.into_string()) {
            (Ok(name), Ok(value)) => variables.push((name, value)),
            (Ok(name), Err(_)) if is_ours(&name) => unreadable.push(name),
            _ => {}
        }
    }
    (variables, unreadable)
}

fn is_ours(name: &str) -> bool {
    name.starts_with("CACHES_") || cfg!(feature = "db") && name.starts_with("DATABASES__")
}

fn refuse(unreadable: Vec<String>) -> Result<()> {
    if unreadable.is_empty() {
        return Ok(());
    }
    let lines = unreadable
        .into_iter()
        .map(|name| format!("environment variable `{name}`: is not UTF-8"));
    Err(Error::new(
        ErrorKind::Config,
        lines.collect::<Vec<_>>().join("\n"),
    ))
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder").finish_non_exhaustive()
    }
}
