use std::{fmt, ops::Index, path::PathBuf, sync::Arc};

use cachemere_base::{Error, ErrorKind, Result};
use thread_local::ThreadLocal;

use crate::{
    Builder, Cache, config,
    flights::Flights,
    handle::{Handle, Shared},
    suggestion::{listed, suggest},
};

/// The caches of an application, by alias.
///
/// - `caches["alias"]` is this thread's handle: the same object each time in a thread, another one in another thread.
///   What it stands for (sockets, pools, maps) is shared by all of them.
/// - A handle may be kept over an `.await` and used on another thread.
/// - Cheap to clone, `Send`, `Sync` and `'static`: fit for an axum `State`.
///
/// ```
/// # fn main() -> cachemere::Result<()> {
/// use cachemere::Caches;
///
/// let caches = Caches::from_toml(
///     r#"
///     [CACHES.default]
///     BACKEND = "locmem"
///
///     [CACHES.sessions]
///     BACKEND = "locmem"
///     LOCATION = "sessions"
///     TIMEOUT = "2h"
///     "#,
/// )?;
/// caches["sessions"].set("user:1", "Ada", cachemere::DEFAULT_TIMEOUT)?;
/// assert_eq!(caches["sessions"].get::<String>("user:1")?.as_deref(), Some("Ada"));
/// assert_eq!(caches["default"].get::<String>("user:1")?, None);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Caches {
    inner: Arc<Inner>,
}

struct Inner {
    aliases: Vec<Member>,
    #[cfg(feature = "db")]
    databases: Arc<cachemere_db::Databases>,
    #[cfg(feature = "db")]
    versions: config::VersionSettings,
}

struct Member {
    shared: Arc<Shared>,
    handles: ThreadLocal<Cache>,
}

impl Member {
    fn name(&self) -> &str {
        &self.shared.alias.name
    }

    fn cache(&self) -> &Cache {
        self.handles
            .get_or(|| Cache::new(Handle::new(Arc::clone(&self.shared))))
    }
}

impl Caches {
    pub(crate) fn new(config: config::Config) -> Self {
        let flights = Arc::new(Flights::default());
        let served = config.served.into();
        let middleware = Arc::new(config.middleware);
        let aliases = config.aliases.into_iter().map(|alias| Member {
            shared: Arc::new(Shared::new(
                alias,
                Arc::clone(&flights),
                Arc::clone(&served),
                Arc::clone(&middleware),
            )),
            handles: ThreadLocal::new(),
        });
        Self {
            inner: Arc::new(Inner {
                aliases: aliases.collect(),
                #[cfg(feature = "db")]
                databases: config.databases,
                #[cfg(feature = "db")]
                versions: config.versions,
            }),
        }
    }

    /// The caches of a file, with `CACHES__…` variables of the environment over it.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config) with every problem of the file, a line each.
    pub fn from_file(path: impl Into<PathBuf>) -> Result<Self> {
        Self::builder().file(path).environment().build()
    }

    /// The caches of a text in the form of `caches.toml`. The environment is not read.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config) with every problem of the text, a line each.
    pub fn from_toml(text: &str) -> Result<Self> {
        Self::builder().toml(text).build()
    }

    /// Where the configuration comes from, and backends and key functions that exist at run time only.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// A clone of this thread's handle.
    ///
    /// # Errors
    /// [`UnknownAlias`](ErrorKind::UnknownAlias), naming those that are configured.
    pub fn get(&self, alias: &str) -> Result<Cache> {
        self.find(alias).cloned().ok_or_else(|| self.unknown(alias))
    }

    /// The alias if it is configured, else `default`.
    #[must_use]
    pub fn get_or_default(&self, alias: &str) -> Cache {
        self.find(alias)
            .or_else(|| self.find("default"))
            .expect("`default` is required")
            .clone()
    }

    /// The aliases, in the order of the configuration.
    pub fn aliases(&self) -> impl Iterator<Item = &str> {
        self.inner.aliases.iter().map(Member::name)
    }

    /// This thread's handles, in the order of the configuration: all of them, or only those that it has used.
    ///
    /// A thread takes over the handles of one that has ended: they count as used.
    #[must_use]
    pub fn all(&self, initialized_only: bool) -> Vec<&Cache> {
        let used = |member: &&Member| !initialized_only || member.handles.get().is_some();
        self.inner
            .aliases
            .iter()
            .filter(used)
            .map(Member::cache)
            .collect()
    }

    /// Closes every cache that some thread has used; the next operation opens it again.
    ///
    /// # Errors
    /// The first one met; the others are closed all the same.
    pub fn close_all(&self) -> Result<()> {
        let mut result = Ok(());
        for member in &self.inner.aliases {
            if member.handles.iter().next().is_some() {
                let shared = &member.shared;
                result = result.and(shared.store.close().map_err(|error| shared.named(error)));
            }
        }
        result
    }

    #[cfg(feature = "db")]
    pub(crate) fn databases(&self) -> &Arc<cachemere_db::Databases> {
        &self.inner.databases
    }

    #[cfg(feature = "db")]
    pub(crate) fn version_settings(&self) -> &config::VersionSettings {
        &self.inner.versions
    }

    fn find(&self, alias: &str) -> Option<&Cache> {
        self.inner
            .aliases
            .iter()
            .find(|member| member.name() == alias)
            .map(Member::cache)
    }

    fn unknown(&self, alias: &str) -> Error {
        let meant = suggest(alias, self.aliases())
            .map_or_else(String::new, |name| format!(", did you mean `{name}`?"));
        let message = format!(
            "the cache `{alias}` is not configured{meant} (there are {})",
            listed(self.aliases())
        );
        Error::new(ErrorKind::UnknownAlias, message)
    }
}

impl Index<&str> for Caches {
    type Output = Cache;

    /// This thread's handle. Costs no allocation after the first time in a thread.
    ///
    /// # Panics
    /// If the alias is not configured, at the caller's line. [`get`](Caches::get) returns an error instead.
    #[track_caller]
    fn index(&self, alias: &str) -> &Cache {
        match self.find(alias) {
            Some(cache) => cache,
            None => panic!("{}", self.unknown(alias)),
        }
    }
}

impl fmt::Debug for Caches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let aliases = self.inner.aliases.iter().map(|member| &member.shared.alias);
        let backends = aliases.map(|alias| (&alias.name, alias.settings.backend()));
        f.debug_map().entries(backends).finish()
    }
}
