//! Moves requests and replies over sockets of tokio.

use std::{
    future::poll_fn,
    io,
    mem::MaybeUninit,
    panic::{self, AssertUnwindSafe},
    pin::pin,
    task::Poll,
    time::Duration,
};

use cachemere_base::Key;
use parking_lot::Mutex;
use socket2::{Domain, SockRef, Socket, Type};
use tokio::{
    io::AsyncReadExt,
    net::{TcpStream, lookup_host},
    time::{Instant, sleep, timeout, timeout_at},
};

use crate::{
    address::Address,
    blocking::{admitted, undialled},
    client::Client,
    fault::Fault,
    request::{Action, Reply, Request},
    verbs::{Batch, Chunk, Step, Verb},
    wire::Session,
};

/// How much room there is at least for what is read at once, and at most.
const READ: usize = 4096;
const READ_MOST: usize = 256 * 1024;

#[derive(Debug)]
pub(crate) struct Connection {
    stream: Stream,
    session: Session,
    timeout: Duration,
}

#[derive(Debug)]
enum Stream {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(tokio::net::UnixStream),
}

macro_rules! on {
    ($stream:expr, $it:ident => $call:expr) => {
        match $stream {
            Stream::Tcp($it) => $call,
            #[cfg(unix)]
            Stream::Unix($it) => $call,
        }
    };
}

impl Connection {
    pub(crate) async fn open(address: &Address, client: &Client) -> Result<Self, Fault> {
        has_drivers()?;
        let limit = client.connect_timeout;
        let deadline = Instant::now() + limit;
        let stream = match timeout_at(deadline, connect(address, client, deadline)).await {
            Ok(connected) => connected.map_err(|error| undialled(error, limit))?,
            Err(_) => return Err(Fault::connects_slowly(limit)),
        };
        let mut connection = Self {
            stream,
            session: Session::new(client.dialect),
            timeout: client.timeout,
        };
        if let Some(credentials) = &client.credentials {
            let action = Action::Authenticate(credentials.clone());
            admitted(connection.ask("", action).await?)?;
        }
        Ok(connection)
    }

    /// Sends the requests and waits for the reply to each.
    ///
    /// After an error, and when the future is dropped before its end, the connection is not to be used any more.
    pub(crate) async fn exchange(&mut self, requests: &[Request<'_>]) -> Result<Vec<Reply>, Fault> {
        let mut deadline = Instant::now() + self.timeout;
        let output = self.session.ask(requests);
        self.in_time(deadline, |connection| connection.send(&output))
            .await?;
        let mut replies = Vec::with_capacity(requests.len());
        for request in requests {
            let mut has_waited = false;
            let reply = loop {
                match self.session.reply(request)? {
                    Ok(reply) => break reply,
                    Err(missing) => {
                        self.in_time(deadline, |connection| connection.receive(missing))
                            .await?;
                    }
                }
                has_waited = true;
            };
            if has_waited && requests.len() > 1 {
                deadline = Instant::now() + self.timeout;
            }
            replies.push(reply);
        }
        self.session.reuse(output);
        self.session.rest();
        Ok(replies)
    }

    /// Carries out an operation on a key.
    pub(crate) async fn converse<V: Verb>(
        &mut self,
        key: &str,
        verb: &mut V,
    ) -> Result<V::Output, Fault> {
        let mut action = verb.ask();
        loop {
            let replied = self.ask(key, action).await?;
            match verb.answered(replied)? {
                Step::Ask(next) => action = next,
                Step::Done(output) => return Ok(output),
            }
        }
    }

    /// Carries out the part of an operation that is this server's; the other ones go on meanwhile.
    pub(crate) async fn carry<B: Batch>(
        &mut self,
        keys: &[Key],
        chunk: &Chunk,
        batch: &Mutex<B>,
    ) -> Result<(), Fault> {
        let requests = chunk.requests(keys, &mut *batch.lock());
        let replies = self.exchange(&requests).await?;
        let more = chunk.answered(keys, &mut *batch.lock(), replies)?;
        if !more.is_empty() {
            self.exchange(&more).await?;
        }
        Ok(())
    }

    /// Sends one request and waits for its reply.
    pub(crate) async fn ask(&mut self, key: &str, action: Action) -> Result<Reply, Fault> {
        let mut replies = self.exchange(&[Request { key, action }]).await?;
        Ok(replies.remove(0))
    }

    /// Whether a connection that was idle for a time is open, and nothing came that nobody asked for.
    ///
    /// After a short time the runtime is believed, which may not know yet; after a longer one the system is asked.
    pub(crate) fn is_fit(&self, idle: Duration) -> bool {
        const SHORT: Duration = Duration::from_millis(20);
        let looked = if idle < SHORT {
            on!(&self.stream, it => it.try_read(&mut [0]))
        } else {
            let buffer = &mut [MaybeUninit::uninit()];
            on!(&self.stream, it => SockRef::from(it).peek(buffer))
        };
        let is_open = looked.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock);
        is_open && self.session.is_quiet()
    }

    async fn in_time<'a, F: Future<Output = io::Result<()>>>(
        &'a mut self,
        deadline: Instant,
        step: impl FnOnce(&'a mut Self) -> F,
    ) -> Result<(), Fault> {
        let timeout = self.timeout;
        match timeout_at(deadline, step(self)).await {
            Ok(done) => done.map_err(Fault::broken),
            Err(_) => Err(Fault::timed_out(timeout)),
        }
    }

    async fn send(&mut self, mut output: &[u8]) -> io::Result<()> {
        while !output.is_empty() {
            match on!(&self.stream, it => it.try_write(output)) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => output = &output[written..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    on!(&self.stream, it => it.writable().await)?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn receive(&mut self, missing: usize) -> io::Result<()> {
        let input = self.session.input();
        input.reserve(missing.clamp(READ, READ_MOST));
        match on!(&mut self.stream, it => it.read_buf(input).await)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

/// Waits, and no longer than until then. A runtime without time, where tokio would panic, is an error.
pub(crate) async fn wait(what: impl Future, until: Instant) -> Result<(), Fault> {
    let mut waiting = pin!(async {
        let _ = timeout_at(until, what).await;
    });
    poll_fn(|context| {
        let poll = || waiting.as_mut().poll(context).map(Ok);
        let polled = panic::catch_unwind(AssertUnwindSafe(poll));
        polled.unwrap_or_else(|_| Poll::Ready(Err(Fault::unsupported())))
    })
    .await
}

/// Whether the runtime has I/O and time, without which tokio would panic: it can only be tried.
fn has_drivers() -> Result<(), Fault> {
    let tried = panic::catch_unwind(|| {
        drop(sleep(Duration::ZERO));
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        TcpStream::from_std(socket.into())
    });
    match tried {
        Ok(socket) => socket.map(drop).map_err(Fault::unconnected),
        Err(_) => Err(Fault::unsupported()),
    }
}

async fn connect(address: &Address, client: &Client, deadline: Instant) -> io::Result<Stream> {
    match address {
        #[cfg(unix)]
        Address::Unix(path) => tokio::net::UnixStream::connect(path)
            .await
            .map(Stream::Unix),
        #[cfg(not(unix))]
        Address::Unix(_) => Err(io::ErrorKind::Unsupported.into()),
        Address::Tcp { host, port } => {
            let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
            let addresses: Vec<_> = lookup_host((host.as_str(), *port)).await?.collect();
            // one that swallows everything leaves time for the others
            for (address, rest) in addresses.iter().zip((1..=addresses.len() as u32).rev()) {
                let left = deadline.saturating_duration_since(Instant::now()) / rest;
                let connected = timeout(left, TcpStream::connect(address)).await;
                match connected.unwrap_or_else(|late| Err(late.into())) {
                    Ok(stream) => {
                        stream.set_nodelay(client.no_delay)?;
                        SockRef::from(&stream).set_keepalive(client.keep_alive)?;
                        return Ok(Stream::Tcp(stream));
                    }
                    Err(error) => failure = error,
                }
            }
            Err(failure)
        }
    }
}
