use std::{
    fmt,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::Arc,
    time::Instant,
};

use cachemere_base::{Error, ErrorKind};
use parking_lot::Mutex;
use redis::Value;
use tokio::{
    runtime::{self, Handle},
    sync::OnceCell,
};

use crate::{
    deadline::Deadline,
    fault::{Fault, Stage},
    link::Link,
    pool::Pool,
    request::{Batch, Few},
    server::Server,
};

/// The asynchronous connections of an alias: one for each server and runtime.
pub(crate) struct Links {
    pool: Arc<Pool>,
    /// Few: they are searched through.
    cells: Mutex<Vec<Arc<Cell>>>,
}

/// A connection, or the place for it: who comes first opens it, and others wait.
#[derive(Debug)]
struct Cell {
    runtime: runtime::Id,
    server: Arc<Server>,
    link: OnceCell<Arc<Link>>,
}

impl Cell {
    fn is_for(&self, runtime: runtime::Id, server: &Arc<Server>) -> bool {
        self.runtime == runtime && Arc::ptr_eq(&self.server, server)
    }
}

impl Links {
    pub(crate) fn new(pool: Arc<Pool>) -> Self {
        Self {
            pool,
            cells: Mutex::default(),
        }
    }

    /// Sends commands on the connection of this runtime.
    ///
    /// One that ends without a reply is replaced once, if the commands may be sent again; one on which a reply is late
    /// is left to those who still wait on it.
    pub(crate) async fn send(
        &self,
        server: &Arc<Server>,
        batch: &Batch,
        deadline: &mut Deadline,
    ) -> Result<Few<Value>, Fault> {
        let runtime = current()?;
        let mut is_again = false;
        loop {
            let cell = self.cell(runtime, server);
            let is_used = cell.link.initialized();
            let link = match cell.link.get() {
                Some(link) => Arc::clone(link),
                // in a box: it is large, and seldom needed
                None => Box::pin(self.opened(&cell, server, deadline)).await?,
            };
            let outcome = link.send(server, batch, *deadline).await;
            let Err(fault) = outcome else {
                return outcome;
            };
            drop(link);
            self.forget(&cell);
            let may_repeat = match fault.stage {
                Stage::Unsent => true,
                Stage::Lost => is_used && batch.is_repeatable,
                Stage::Unbegun | Stage::Late => false,
            };
            if is_again || !may_repeat {
                return Err(fault);
            }
            tracing::warn!(server = server.name, error = %fault.error, "reconnecting");
            is_again = true;
        }
    }

    /// Closes the connections as soon as nothing waits on them.
    pub(crate) fn close(&self) {
        let cells = std::mem::take(&mut *self.cells.lock());
        drop(cells);
    }

    async fn opened(
        &self,
        cell: &Cell,
        server: &Arc<Server>,
        deadline: &mut Deadline,
    ) -> Result<Arc<Link>, Fault> {
        let start = Instant::now();
        let connecting = deadline.left(server.connect_timeout);
        // who waits for the attempt of another does not begin to wait anew when that one fails
        let limit = connecting + self.pool.wait(server);
        let opening = cell.link.get_or_try_init(async || {
            let permit = self.pool.room_for_task(server).await?;
            Link::open(server, permit).await.map(Arc::new)
        });
        let opened = unless_it_panics(async { tokio::time::timeout(limit, opening).await }).await?;
        let unconnected = || Fault::unconnected(server, server.connect_timeout);
        let link = opened.unwrap_or_else(|_| Err(unconnected())).cloned();
        deadline.extend(start.elapsed().saturating_sub(connecting));
        link
    }

    fn cell(&self, runtime: runtime::Id, server: &Arc<Server>) -> Arc<Cell> {
        let mut cells = self.cells.lock();
        if let Some(cell) = cells.iter().find(|cell| cell.is_for(runtime, server))
            && cell.link.get().is_none_or(|link| link.is_open())
        {
            return Arc::clone(cell);
        }
        // those of runtimes that are gone, too
        let is_open = |cell: &Arc<Cell>| match cell.link.get() {
            Some(link) => link.is_open(),
            None => Arc::strong_count(cell) > 1,
        };
        let is_closed = |cell: &mut Arc<Cell>| !is_open(cell) || cell.is_for(runtime, server);
        let closed: Vec<_> = cells.extract_if(.., is_closed).collect();
        let cell = Arc::new(Cell {
            runtime,
            server: Arc::clone(server),
            link: OnceCell::new(),
        });
        cells.push(Arc::clone(&cell));
        drop(cells);
        drop(closed);
        cell
    }

    fn forget(&self, cell: &Arc<Cell>) {
        self.cells.lock().retain(|other| !Arc::ptr_eq(other, cell));
    }
}

/// The runtime that polls this task.
fn current() -> Result<runtime::Id, Fault> {
    let Ok(handle) = Handle::try_current() else {
        let message = "the asynchronous API of redis needs a tokio runtime";
        return Err(unsupported(message));
    };
    Ok(handle.id())
}

/// A runtime without its timers or its sockets makes what uses them panic.
async fn unless_it_panics<T>(future: impl Future<Output = T>) -> Result<T, Fault> {
    let mut future = pin!(future);
    poll_fn(|context| {
        let poll = || future.as_mut().poll(context).map(Ok);
        catch_unwind(AssertUnwindSafe(poll)).unwrap_or_else(|_| {
            let message =
                "the tokio runtime has no timers or no sockets; build it with `enable_all`";
            std::task::Poll::Ready(Err(unsupported(message)))
        })
    })
    .await
}

fn unsupported(message: &str) -> Fault {
    Fault {
        error: Error::new(ErrorKind::Unsupported, message),
        stage: Stage::Unbegun,
    }
}

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Links")
            .field("open", &self.cells.lock().len())
            .finish_non_exhaustive()
    }
}
