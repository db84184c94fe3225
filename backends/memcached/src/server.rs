use std::time::{Duration, Instant};

use cachemere_base::{Error, Result};
use event_listener::{Listener, listener};
use tokio::runtime;

use crate::{
    address::Address,
    asynchronous, blocking,
    client::Client,
    fault::{After, Fault},
    health::{Health, Leave, Patience},
    pool::{Link, Pool, Slot, User},
};

/// Who waits for a connection looks again after this time: who was told of one may be a task that nobody runs.
const LOOK: Duration = Duration::from_millis(50);

/// One of the servers of an alias.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) address: Address,
    pub(crate) name: String,
    pub(crate) health: Health,
    pub(crate) pool: Pool,
}

/// A connection that is in use. It is closed when dropped, as it is when a future is dropped in mid-flight.
#[derive(Debug)]
pub(crate) struct Lent<'a, C> {
    pub(crate) connection: C,
    pub(crate) slot: Slot<'a>,
}

impl Server {
    pub(crate) fn new(address: Address, connections: usize, patience: Patience) -> Self {
        Self {
            name: address.to_string(),
            address,
            health: Health::new(patience),
            pool: Pool::new(connections),
        }
    }

    pub(crate) fn lend(&self, client: &Client) -> Result<Lent<'_, blocking::Connection>, Fault> {
        let (slot, idle) = self.take(client, Instant::now() + client.timeout)?;
        let connection = match idle {
            Some(idle) => idle,
            None => self.open(client)?,
        };
        Ok(Lent { connection, slot })
    }

    pub(crate) fn open(&self, client: &Client) -> Result<blocking::Connection, Fault> {
        blocking::Connection::open(&self.address, client)
    }

    /// The right to a connection, and one that is idle.
    pub(crate) fn take(
        &self,
        client: &Client,
        deadline: Instant,
    ) -> Result<(Slot<'_>, Option<blocking::Connection>), Fault> {
        let (slot, idle) = loop {
            if let Some(taken) = self.pool.take(User::Blocking) {
                break taken;
            }
            listener!(self.pool.freed() => freed);
            if let Some(taken) = self.pool.take(User::Blocking) {
                break taken;
            }
            let now = Instant::now();
            if now >= deadline {
                return Err(Fault::exhausted(self.pool.most(), client.timeout));
            }
            freed.wait_deadline(deadline.min(now + LOOK));
        };
        let idle = match idle.map(|idle| idle.link) {
            Some(Link::Blocking(idle)) if idle.is_fit() => Some(idle),
            Some(_closed) => {
                self.reconnects();
                None
            }
            None => None,
        };
        Ok((slot, idle))
    }

    pub(crate) async fn lend_async(
        &self,
        client: &Client,
        runtime: runtime::Id,
    ) -> Result<Lent<'_, asynchronous::Connection>, Fault> {
        let deadline = tokio::time::Instant::now() + client.timeout;
        let user = User::Tokio(runtime);
        let (slot, idle) = loop {
            if let Some(taken) = self.pool.take(user) {
                break taken;
            }
            let freed = self.pool.freed().listen();
            if let Some(taken) = self.pool.take(user) {
                break taken;
            }
            let now = tokio::time::Instant::now();
            if now >= deadline {
                return Err(Fault::exhausted(self.pool.most(), client.timeout));
            }
            asynchronous::wait(freed, deadline.min(now + LOOK)).await?;
        };
        let connection = match idle.map(|idle| (idle.link, idle.since)) {
            Some((Link::Tokio(_, idle), since)) if idle.is_fit(since.elapsed()) => idle,
            Some(closed) => {
                drop(closed);
                self.reconnects();
                asynchronous::Connection::open(&self.address, client).await?
            }
            None => asynchronous::Connection::open(&self.address, client).await?,
        };
        Ok(Lent { connection, slot })
    }

    fn reconnects(&self) {
        tracing::debug!(
            server = self.name,
            "the server closed an idle connection, another is made"
        );
    }

    /// Takes note of how it went, and names the server in the error.
    pub(crate) fn noted<T>(
        &self,
        outcome: Result<T, Fault>,
        leave: Leave,
        alias: &str,
    ) -> Result<T> {
        match outcome {
            Ok(value) => {
                self.health.answered(alias, &self.name);
                Ok(value)
            }
            Err(fault) => Err(self.failed(fault, leave, alias)),
        }
    }

    /// Takes note of what went wrong, and names the server in the error.
    pub(crate) fn failed(&self, fault: Fault, leave: Leave, alias: &str) -> Error {
        let after = fault.after();
        let error = fault.at(&self.name);
        match after {
            After::Unreachable => self.health.failed(leave, &error, alias, &self.name),
            After::Fit => self.health.answered(alias, &self.name),
            After::Nothing => {}
            After::Broken => {
                tracing::debug!(alias, server = self.name, %error, "a connection is given up");
            }
        }
        error
    }
}

impl Lent<'_, blocking::Connection> {
    pub(crate) fn keep(self) {
        self.slot.keep(Link::Blocking(self.connection));
    }
}

impl Lent<'_, asynchronous::Connection> {
    pub(crate) fn keep(self, runtime: runtime::Id) {
        self.slot.keep(Link::Tokio(runtime, self.connection));
    }
}
