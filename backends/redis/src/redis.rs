use std::{sync::Arc, time::Duration};

#[cfg(feature = "django")]
use cachemere_base::Backend;
use cachemere_base::{Context, Counters, Error, Open, Result, Settings};

use crate::{
    answer::After,
    cluster::Cluster,
    deadline::Deadline,
    fault::Fault,
    format::Wire,
    links::Links,
    location,
    options::{Mode, Options},
    pool::Pool,
    request::{Few, Reply, Request},
    sentinel::Sentinels,
    topology::{Step, Topology},
    verb::{self, Read, Verb},
};

/// A cache on Redis servers.
///
/// - LOCATION is one URL, or several: the first is the leader, the others its replicas, which are read from.
/// - With `FORMAT = "django"`, entries are what a Django site reads and writes.
/// - Else an entry that is not in the format of this crate is a miss: it is removed, counted and logged.
/// - A reply that does not come in time is an error, and the connection is not used again.
#[derive(Debug)]
pub struct Redis {
    pub(crate) topology: Topology,
    pub(crate) options: Options,
    pub(crate) settings: Settings,
    pub(crate) wire: Wire,
    pool: Arc<Pool>,
    links: Links,
    counters: Arc<Counters>,
    /// The longest that one operation may take, without the time it waits for a connection of the pool.
    longest: Duration,
}

impl Open for Redis {
    const NAMES: &'static [&'static str] =
        &["redis", "django.core.cache.backends.redis.RedisCache"];

    type Options = Options;

    fn open(settings: &Settings, options: Options, context: &Context) -> Result<Self> {
        Self::with(Wire::Own, settings, options, context)
    }

    #[cfg(feature = "django")]
    fn open_django(
        settings: &Settings,
        options: Options,
        context: &Context,
    ) -> Result<Arc<dyn Backend>> {
        let wire = crate::django::wire(settings)?;
        Ok(Arc::new(Self::with(wire, settings, options, context)?))
    }
}

impl Redis {
    fn with(wire: Wire, settings: &Settings, options: Options, context: &Context) -> Result<Self> {
        let mode = options.mode()?;
        let servers = location::servers(settings, &options, mode)?;
        let longest = location::longest(&servers);
        let pool = Pool::new(options.max_connections()?, options.patience()?);
        let pool = Arc::new(pool);
        let topology = match mode {
            Mode::Single => Topology::Single(servers.into_iter().map(Arc::new).collect()),
            Mode::Cluster => Topology::Cluster(Cluster::new(servers)),
            Mode::Sentinel => {
                let service = options.service_name()?.to_owned();
                let leader = location::led(&servers[0], &options)?;
                Topology::Sentinel(Sentinels::new(servers, service, leader))
            }
        };
        Ok(Self {
            topology,
            links: Links::new(Arc::clone(&pool)),
            pool,
            counters: context.counters(),
            settings: settings.clone(),
            wire,
            options,
            longest,
        })
    }

    /// Runs an operation, blocking.
    pub(crate) fn run<T>(&self, verb: Verb<impl Read<T>>) -> Result<T> {
        let mut after = After::default();
        let outcome = self
            .exchange(verb.request)
            .and_then(|replies| (verb.read)(replies, &mut after));
        if let Some(tidy) = self.tidied(&after) {
            let tidied = self.exchange(tidy.request);
            let _ = tidied.and_then(|replies| (tidy.read)(replies, &mut After::default()));
        }
        outcome
    }

    /// Runs an operation, asynchronously.
    pub(crate) async fn arun<T>(&self, verb: Verb<impl Read<T>>) -> Result<T> {
        let mut after = After::default();
        let replies = self.aexchange(verb.request).await;
        let outcome = replies.and_then(|replies| (verb.read)(replies, &mut after));
        if let Some(tidy) = self.tidied(&after) {
            let tidied = self.aexchange(tidy.request).await;
            let _ = tidied.and_then(|replies| (tidy.read)(replies, &mut After::default()));
        }
        outcome
    }

    fn exchange(&self, request: Request) -> Result<Few<Reply>> {
        let goes_on = request.lost.is_some();
        let mut exchange = self.topology.start(request);
        let mut deadline = Deadline::after(self.longest);
        let (mut answer, mut is_over) = (None, false);
        loop {
            match exchange.next(answer.take()) {
                Step::Send(server, batch) => {
                    let sent = match is_over {
                        true => Err(Fault::unbegun(&server)),
                        false => self.pool.send(&server, &batch, &mut deadline),
                    };
                    is_over = goes_on && sent.is_err() && deadline.is_past();
                    answer = Some(sent);
                }
                Step::Done(outcome) => return self.noted(outcome, exchange.lost()),
            }
        }
    }

    async fn aexchange(&self, request: Request) -> Result<Few<Reply>> {
        let goes_on = request.lost.is_some();
        let mut exchange = self.topology.start(request);
        let mut deadline = Deadline::after(self.longest);
        let (mut answer, mut is_over) = (None, false);
        loop {
            match exchange.next(answer.take()) {
                Step::Send(server, batch) => {
                    let sent = match is_over {
                        true => Err(Fault::unbegun(&server)),
                        false => self.links.send(&server, &batch, &mut deadline).await,
                    };
                    is_over = goes_on && sent.is_err() && deadline.is_past();
                    answer = Some(sent);
                }
                Step::Done(outcome) => return self.noted(outcome, exchange.lost()),
            }
        }
    }

    /// Counts what is a miss because a server is at fault.
    fn noted(&self, outcome: Result<Few<Reply>>, lost: Option<Error>) -> Result<Few<Reply>> {
        if let (Ok(_), Some(error)) = (&outcome, lost) {
            self.counters.count_fault();
            let alias = self.settings.alias();
            tracing::warn!(
                alias,
                "a fault of one server is a miss for its keys: {error}"
            );
        }
        outcome
    }

    /// What is to be removed after an operation.
    fn tidied(&self, after: &After) -> Option<Verb<impl Read<()> + use<>>> {
        for (key, _) in &after.damaged {
            self.counters.count_damaged();
            tracing::warn!(alias = self.settings.alias(), key = %key.shown(), "an entry cannot be read and is removed");
        }
        let is_tidy = after.damaged.is_empty() && after.stale.is_empty();
        (!is_tidy).then(|| verb::tidy(after))
    }

    pub(crate) fn disconnect(&self) {
        self.pool.close();
        self.links.close();
    }
}
