//! Moves requests and replies over sockets that block.

use std::{
    io::{self, Read, Write},
    mem::MaybeUninit,
    path::Path,
    time::{Duration, Instant},
};

use cachemere_base::dial;
use socket2::{Domain, SockAddr, Socket, Type};

use crate::{
    address::Address,
    client::Client,
    fault::Fault,
    request::{Action, Reply, Request},
    verbs::{Step, Verb},
    wire::Session,
};

/// How much is read at once where it is not known how much comes.
const READ: usize = 4096;

/// How much is read at once at most.
const READ_MOST: usize = 256 * 1024;

/// How long a server is looked at in any case, when the time of all is over.
const LAST_LOOK: Duration = Duration::from_millis(10);

#[derive(Debug)]
pub(crate) struct Connection {
    socket: Socket,
    session: Session,
    timeout: Duration,
    /// The timeout that the socket has now.
    armed: Duration,
}

impl Connection {
    pub(crate) fn open(address: &Address, client: &Client) -> Result<Self, Fault> {
        let socket = connect(address, client)?;
        let set_up = || {
            socket.set_read_timeout(Some(client.timeout))?;
            socket.set_write_timeout(Some(client.timeout))
        };
        set_up().map_err(Fault::unconnected)?;
        let mut connection = Self {
            socket,
            session: Session::new(client.dialect),
            timeout: client.timeout,
            armed: client.timeout,
        };
        if let Some(credentials) = &client.credentials {
            let action = Action::Authenticate(credentials.clone());
            admitted(connection.ask("", action)?)?;
        }
        Ok(connection)
    }

    /// Sends the requests and waits for the reply to each.
    ///
    /// After an error, the connection is not to be used any more.
    fn exchange(&mut self, requests: &[Request<'_>]) -> Result<Vec<Reply>, Fault> {
        let deadline = Instant::now() + self.timeout;
        self.tell(requests, deadline)?;
        self.hear(requests, deadline)
    }

    /// Sends the requests.
    ///
    /// After an error, the connection is not to be used any more.
    pub(crate) fn tell(
        &mut self,
        requests: &[Request<'_>],
        deadline: Instant,
    ) -> Result<(), Fault> {
        let output = self.session.ask(requests);
        self.send(&output, not_past(deadline))?;
        self.session.reuse(output);
        Ok(())
    }

    /// Waits for the reply to each of the requests that were sent.
    ///
    /// After an error, the connection is not to be used any more.
    pub(crate) fn hear(
        &mut self,
        requests: &[Request<'_>],
        mut deadline: Instant,
    ) -> Result<Vec<Reply>, Fault> {
        if deadline <= Instant::now() {
            // other servers were waited for meanwhile: what is there by now came in time
            self.receive(1, not_past(deadline))?;
            deadline = Instant::now() + self.timeout;
        }
        let mut replies = Vec::with_capacity(requests.len());
        for request in requests {
            let mut has_waited = false;
            let reply = loop {
                match self.session.reply(request)? {
                    Ok(reply) => break reply,
                    Err(missing) => self.receive(missing, deadline)?,
                }
                has_waited = true;
            };
            if has_waited && requests.len() > 1 {
                deadline = Instant::now() + self.timeout;
            }
            replies.push(reply);
        }
        self.session.rest();
        Ok(replies)
    }

    /// Carries out an operation on a key.
    pub(crate) fn converse<V: Verb>(
        &mut self,
        key: &str,
        verb: &mut V,
    ) -> Result<V::Output, Fault> {
        let mut action = verb.ask();
        loop {
            let replied = self.ask(key, action)?;
            match verb.answered(replied)? {
                Step::Ask(next) => action = next,
                Step::Done(output) => return Ok(output),
            }
        }
    }

    /// Sends one request and waits for its reply.
    fn ask(&mut self, key: &str, action: Action) -> Result<Reply, Fault> {
        let mut replies = self.exchange(&[Request { key, action }])?;
        Ok(replies.remove(0))
    }

    /// Whether an idle connection is open, and nothing came that nobody asked for.
    pub(crate) fn is_fit(&self) -> bool {
        let is_open = self
            .peek()
            .is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock);
        is_open && self.session.is_quiet()
    }

    /// Reads without waiting and without taking.
    #[cfg(unix)]
    fn peek(&self) -> io::Result<usize> {
        let flags = libc::MSG_PEEK | libc::MSG_DONTWAIT;
        self.socket
            .recv_with_flags(&mut [MaybeUninit::uninit()], flags)
    }

    #[cfg(not(unix))]
    fn peek(&self) -> io::Result<usize> {
        self.socket.set_nonblocking(true)?;
        let peeked = self.socket.peek(&mut [MaybeUninit::uninit()]);
        self.socket.set_nonblocking(false)?;
        peeked
    }

    fn send(&mut self, mut output: &[u8], deadline: Instant) -> Result<(), Fault> {
        while !output.is_empty() {
            self.arm(deadline)?;
            match self.socket.write(output) {
                Ok(0) => return Err(Fault::broken(io::ErrorKind::WriteZero.into())),
                Ok(written) => output = &output[written..],
                Err(error) => self.failed(error)?,
            }
        }
        Ok(())
    }

    fn receive(&mut self, missing: usize, deadline: Instant) -> Result<(), Fault> {
        self.arm(deadline)?;
        let input = self.session.input();
        let there = input.len();
        input.resize(there + missing.clamp(READ, READ_MOST), 0);
        let read = self.socket.read(&mut input[there..]);
        input.truncate(there + *read.as_ref().unwrap_or(&0));
        match read {
            Ok(0) => Err(Fault::broken(io::ErrorKind::UnexpectedEof.into())),
            Ok(_) => Ok(()),
            Err(error) => self.failed(error),
        }
    }

    /// Gives the socket the time that is left, unless what it has is nearly that.
    fn arm(&mut self, deadline: Instant) -> Result<(), Fault> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Fault::timed_out(self.timeout));
        }
        if self.armed.abs_diff(left) * 8 > self.timeout {
            let set = self.socket.set_read_timeout(Some(left));
            set.and_then(|()| self.socket.set_write_timeout(Some(left)))
                .map_err(Fault::broken)?;
            self.armed = left;
        }
        Ok(())
    }

    fn failed(&self, error: io::Error) -> Result<(), Fault> {
        match error.kind() {
            io::ErrorKind::Interrupted => Ok(()),
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
                Err(Fault::timed_out(self.timeout))
            }
            _ => Err(Fault::broken(error)),
        }
    }
}

fn not_past(deadline: Instant) -> Instant {
    deadline.max(Instant::now() + LAST_LOOK)
}

/// What the server says to username and password.
pub(crate) fn admitted(reply: Reply) -> Result<(), Fault> {
    match reply {
        Reply::Done => Ok(()),
        Reply::Refused(words) => Err(Fault::garbled(format!(
            "the server refuses `username` and `password`: {words}"
        ))),
        _ => Err(Fault::garbled("the server does not answer to a password")),
    }
}

fn connect(address: &Address, client: &Client) -> Result<Socket, Fault> {
    let limit = client.connect_timeout;
    match address {
        Address::Unix(path) => dial_unix(path, limit).map_err(|error| undialled(error, limit)),
        Address::Tcp { host, port } => {
            let dialled = dial(host, *port, limit).and_then(|stream| {
                let socket = Socket::from(stream);
                socket.set_tcp_nodelay(client.no_delay)?;
                socket.set_keepalive(client.keep_alive)?;
                Ok(socket)
            });
            dialled.map_err(|error| undialled(error, limit))
        }
    }
}

fn dial_unix(path: &Path, limit: Duration) -> io::Result<Socket> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM, None)?;
    socket.connect_timeout(&SockAddr::unix(path)?, limit)?;
    Ok(socket)
}

pub(crate) fn undialled(error: io::Error, limit: Duration) -> Fault {
    if error.kind() == io::ErrorKind::TimedOut {
        Fault::connects_slowly(limit)
    } else {
        Fault::unconnected(error)
    }
}
