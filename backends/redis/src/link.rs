use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use redis::Value;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    task::AbortHandle,
};

use crate::{
    connection::greeted,
    deadline::Deadline,
    fault::Fault,
    line::{Line, Mover},
    pool::Permit,
    request::{Batch, Few},
    server::{Address, Server},
};

/// An asynchronous connection that the tasks of one runtime share.
///
/// A task of that runtime moves its bytes, and ends with it.
#[derive(Debug)]
pub(crate) struct Link {
    line: Arc<Line>,
    mover: AbortHandle,
    opened: Instant,
    /// When something was last sent, in milliseconds since it was opened.
    used: AtomicU64,
}

impl Link {
    pub(crate) async fn open(server: &Server, permit: Permit) -> Result<Self, Fault> {
        let opening = Self::connect(server, permit);
        match tokio::time::timeout(server.connect_timeout, opening).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Fault::unconnected(server, server.connect_timeout)),
        }
    }

    async fn connect(server: &Server, permit: Permit) -> Result<Self, Fault> {
        let problem = |error| Fault::connecting(error, server);
        match &server.address {
            Address::Tcp { host, port } => {
                let stream = connect_tcp(host, *port, server.connect_timeout)
                    .await
                    .map_err(problem)?;
                stream.set_nodelay(true).map_err(problem)?;
                #[cfg(feature = "tls")]
                if let Some(tls) = &server.tls {
                    let stream = tls.over_async(stream, host).await.map_err(problem)?;
                    return Self::over(stream, server, permit).await;
                }
                Self::over(stream, server, permit).await
            }
            #[cfg(unix)]
            Address::Unix(path) => {
                let stream = tokio::net::UnixStream::connect(path)
                    .await
                    .map_err(problem)?;
                Self::over(stream, server, permit).await
            }
            #[cfg(not(unix))]
            Address::Unix(_) => Err(problem(io::ErrorKind::Unsupported.into())),
        }
    }

    async fn over<S>(stream: S, server: &Server, permit: Permit) -> Result<Self, Fault>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let start = Instant::now();
        let line = Arc::new(Line::default());
        let mover = tokio::spawn(Mover::new(stream, Arc::clone(&line), permit));
        let link = Self {
            line,
            mover: mover.abort_handle(),
            opened: start,
            used: AtomicU64::new(0),
        };
        let greeting = server.greeting();
        if greeting.len() > 0 {
            let closed = || io::ErrorKind::UnexpectedEof.into();
            let replies = match link.line.ask(&greeting) {
                Some(replies) => replies.await.unwrap_or_else(|_| Err(closed())),
                None => Err(closed()),
            };
            let replies = replies.map_err(|error| Fault::connecting(error, server))?;
            greeted(&replies, server)?;
        }
        tracing::debug!(server = server.name, took = ?start.elapsed(), "connected");
        Ok(link)
    }

    /// Sends commands and waits for the reply to each.
    pub(crate) async fn send(
        &self,
        server: &Server,
        batch: &Batch,
        deadline: Deadline,
    ) -> Result<Few<Value>, Fault> {
        self.look_up(batch).await;
        let now = Instant::now();
        let used = now.duration_since(self.opened).as_millis();
        self.used
            .store(u64::try_from(used).unwrap_or(u64::MAX), Ordering::Relaxed);
        let Some(replies) = self.line.ask(batch) else {
            return Err(Fault::closed(server));
        };
        let until = deadline.within(server.socket_timeout, now).into();
        match tokio::time::timeout_at(until, replies).await {
            Ok(Ok(Ok(replies))) => Ok(replies),
            Ok(Ok(Err(error))) => Err(Fault::lost(error, server)),
            Ok(Err(_unsent)) => Err(Fault::closed(server)),
            Err(_) => Err(Fault::late(server, server.socket_timeout)),
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        !self.line.is_closed()
    }

    /// After a pause, gives the runtime the chance to find the connection closed before something that must not be
    /// sent twice is sent on it.
    async fn look_up(&self, batch: &Batch) {
        const PAUSE: Duration = Duration::from_millis(20);
        let used = Duration::from_millis(self.used.load(Ordering::Relaxed));
        if !batch.is_repeatable && self.opened.elapsed().saturating_sub(used) > PAUSE {
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.mover.abort();
    }
}

/// The first address of a host that answers.
async fn connect_tcp(host: &str, port: u16, limit: Duration) -> io::Result<TcpStream> {
    let mut problem = None;
    let addresses: Vec<_> = tokio::net::lookup_host((host, port)).await?.collect();
    let deadline = Deadline::after(limit);
    // one that swallows everything leaves time for the others
    for (address, rest) in addresses.iter().zip((1..=addresses.len() as u32).rev()) {
        let connecting = TcpStream::connect(address);
        match tokio::time::timeout(deadline.left(limit) / rest, connecting).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => problem = Some(error),
            Err(late) => problem = Some(late.into()),
        }
    }
    Err(problem.unwrap_or_else(|| io::Error::other("the host has no address")))
}
