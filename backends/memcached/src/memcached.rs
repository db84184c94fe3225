use std::fmt;
#[cfg(feature = "django")]
use std::sync::Arc;

#[cfg(feature = "django")]
use cachemere_base::Backend;
use cachemere_base::{Context, Error, ErrorKind, Key, KeyProblem, Open, Result, Settings, Shown};
use tokio::runtime;

use crate::{
    Options,
    address::Address,
    blocking,
    client::Client,
    fault::{After, Fault},
    format::Wire,
    health::Leave,
    routing::Routing,
    server::Server,
    verbs::{Damage, Verb},
};

/// The longest key, in bytes.
const LONGEST_KEY: usize = 250;

/// One memcached, or several as one cache.
pub struct Memcached {
    pub(crate) damage: Damage,
    pub(crate) wire: Wire,
    pub(crate) notes: Vec<String>,
    pub(crate) client: Client,
    pub(crate) servers: Vec<Server>,
    /// Whether what cannot be read or written on one server is a miss, and not an error for all.
    pub(crate) forgives: bool,
    routing: Routing,
    allows_unicode: bool,
}

impl Open for Memcached {
    const NAMES: &'static [&'static str] = &[
        "memcached",
        "django.core.cache.backends.memcached.PyMemcacheCache",
        "django.core.cache.backends.memcached.PyLibMCCache",
        "django.core.cache.backends.memcached.MemcachedCache",
    ];

    type Options = Options;

    fn open(settings: &Settings, options: Options, context: &Context) -> Result<Self> {
        Self::with(Wire::Own, settings, &options, context)
    }

    #[cfg(feature = "django")]
    fn open_django(
        settings: &Settings,
        options: Options,
        context: &Context,
    ) -> Result<Arc<dyn Backend>> {
        cachemere_django::stored::only_pickle(settings)?;
        let cache = Self::with(Wire::Django, settings, &options, context)?;
        Ok(Arc::new(cache))
    }
}

impl Memcached {
    fn with(wire: Wire, settings: &Settings, options: &Options, context: &Context) -> Result<Self> {
        let addresses = Address::all_of(settings)?;
        let (connections, patience) = (options.max_pool_size.get(), options.patience());
        let routing = Routing::new(options.distribution(settings), &addresses);
        let idle = options.idle(settings).into_iter();
        Ok(Self {
            damage: Damage {
                alias: settings.alias().to_owned(),
                counters: context.counters(),
            },
            wire,
            notes: idle
                .map(|option| format!("`OPTIONS.{option}` has no effect on memcached"))
                .collect(),
            client: Client {
                dialect: options.dialect(),
                credentials: options.credentials()?,
                connect_timeout: options.connect_timeout()?,
                timeout: options.timeout()?,
                no_delay: options.no_delay(),
                keep_alive: options.behaviors.tcp_keepalive,
            },
            routing,
            servers: addresses
                .into_iter()
                .map(|address| Server::new(address, connections, patience))
                .collect(),
            forgives: settings.forgives(),
            allows_unicode: options.allow_unicode_keys,
        })
    }
}

/// Lends a connection, keeps it if it is fit for the next one, and takes note of how it went.
macro_rules! on_server {
    ($server:expr, $leave:expr, $alias:expr, $lend:expr, $lent:ident => $talk:expr, $keep:expr) => {{
        let outcome = match $lend {
            Ok(mut $lent) => {
                let outcome = $talk;
                if is_fit_after(&outcome) {
                    $keep;
                }
                outcome
            }
            Err(fault) => Err(fault),
        };
        $server.noted(outcome, $leave, $alias)
    }};
}

impl Memcached {
    /// Carries out an operation on one key.
    pub(crate) fn run<V: Verb>(&self, key: &Key, mut verb: V) -> Result<V::Output> {
        let server = &self.servers[self.server_of(key)?];
        let leave = server.health.leave()?;
        self.on(server, leave, |connection| {
            connection.converse(key, &mut verb)
        })
    }

    pub(crate) async fn run_async<V: Verb>(&self, key: &Key, mut verb: V) -> Result<V::Output> {
        let runtime = current_runtime()?;
        let server = &self.servers[self.server_of(key)?];
        let leave = server.health.leave()?;
        on_server!(
            server,
            leave,
            &self.damage.alias,
            server.lend_async(&self.client, runtime).await,
            lent => lent.connection.converse(key, &mut verb).await,
            lent.keep(runtime)
        )
    }

    pub(crate) fn close_idle(&self) {
        for server in &self.servers {
            server.pool.close();
        }
    }

    /// What keeps a key from going over the wire.
    pub(crate) fn problems(&self, key: &Key) -> Vec<KeyProblem> {
        let mut problems = Vec::new();
        let other = |problem: String| KeyProblem::Other(problem.into());
        if key.is_empty() {
            problems.push(other("is empty, which memcached refuses".into()));
        }
        if key.len() > LONGEST_KEY {
            let length = key.len();
            problems.push(other(format!(
                "has {length} bytes, memcached allows {LONGEST_KEY}"
            )));
        }
        if let Some(refused) = key.chars().find(|c| *c <= ' ' || *c == '\u{7f}') {
            problems.push(KeyProblem::Character(refused));
        }
        if !self.allows_unicode && !key.is_ascii() {
            let problem = "has characters beyond ASCII, which `allow_unicode_keys = false` refuses";
            problems.push(other(problem.into()));
        }
        problems
    }

    pub(crate) fn is_good(&self, key: &Key) -> bool {
        key.is_portable() && !key.is_empty() && (self.allows_unicode || key.is_ascii())
    }

    fn server_of(&self, key: &Key) -> Result<usize> {
        self.checked(key)?;
        Ok(self.place(key))
    }

    pub(crate) fn servers_of(&self, keys: &[Key]) -> Result<impl Fn(&Key) -> usize> {
        keys.iter().try_for_each(|key| self.checked(key))?;
        Ok(|key: &Key| self.place(key))
    }

    fn place(&self, key: &Key) -> usize {
        self.routing
            .server(key, |server| !self.servers[server].health.is_out())
    }

    /// A key with a blank would be two to the server, one with a line break a request of its own.
    fn checked(&self, key: &Key) -> Result<()> {
        if self.is_good(key) {
            return Ok(());
        }
        match self.problems(key).first() {
            None => Ok(()),
            Some(problem) => {
                let message = format!("the key {} {problem}", Shown::new(key));
                Err(Error::new(ErrorKind::InvalidKey, message))
            }
        }
    }

    fn on<T>(
        &self,
        server: &Server,
        leave: Leave,
        talk: impl FnOnce(&mut blocking::Connection) -> Result<T, Fault>,
    ) -> Result<T> {
        on_server!(
            server,
            leave,
            &self.damage.alias,
            server.lend(&self.client),
            lent => talk(&mut lent.connection),
            lent.keep()
        )
    }
}

impl fmt::Debug for Memcached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memcached")
            .field("alias", &self.damage.alias)
            .field("client", &self.client)
            .field("servers", &self.servers)
            .finish_non_exhaustive()
    }
}

pub(crate) use on_server;

pub(crate) fn is_fit_after<T>(outcome: &Result<T, Fault>) -> bool {
    outcome
        .as_ref()
        .err()
        .is_none_or(|fault| fault.after() == After::Fit)
}

pub(crate) fn current_runtime() -> Result<runtime::Id> {
    match runtime::Handle::try_current() {
        Ok(handle) => Ok(handle.id()),
        Err(error) => {
            let message = "the asynchronous methods of memcached need a runtime of tokio";
            Err(Error::new(ErrorKind::Unsupported, message).with_source(error))
        }
    }
}
