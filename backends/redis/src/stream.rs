use std::{
    io::{self, Read, Write},
    mem::MaybeUninit,
    net::TcpStream,
    time::Duration,
};

#[cfg(unix)]
use std::os::unix::net::UnixStream;

use socket2::SockRef;

use crate::{
    deadline::Deadline,
    server::{Address, Server},
};

/// A blocking socket on which nothing takes longer than its deadline.
#[derive(Debug)]
pub(crate) struct Stream {
    socket: Socket,
    deadline: Deadline,
    /// How long the socket waits, for a read and for a write.
    armed: [Duration; 2],
}

#[derive(Debug)]
enum Socket {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

impl Stream {
    pub(crate) fn connect(server: &Server, deadline: Deadline) -> io::Result<Self> {
        let socket = match &server.address {
            Address::Tcp { host, port } => {
                let socket =
                    cachemere_base::dial(host, *port, deadline.left(server.connect_timeout))?;
                socket.set_nodelay(true)?;
                Socket::Tcp(socket)
            }
            #[cfg(unix)]
            Address::Unix(path) => {
                let socket =
                    socket2::Socket::new(socket2::Domain::UNIX, socket2::Type::STREAM, None)?;
                let left = deadline.left(server.connect_timeout);
                socket.connect_timeout(&socket2::SockAddr::unix(path)?, left)?;
                Socket::Unix(socket.into())
            }
            #[cfg(not(unix))]
            Address::Unix(_) => return Err(io::ErrorKind::Unsupported.into()),
        };
        Ok(Self {
            socket,
            deadline,
            armed: [Duration::ZERO; 2],
        })
    }

    pub(crate) fn set_deadline(&mut self, deadline: Deadline) {
        self.deadline = deadline;
    }

    /// Whether the peer has neither gone nor said anything.
    pub(crate) fn is_quiet(&mut self) -> bool {
        let peeked = self.peek();
        matches!(peeked, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }

    #[cfg(unix)]
    fn peek(&mut self) -> io::Result<usize> {
        let flags = libc::MSG_PEEK | libc::MSG_DONTWAIT;
        self.socket()
            .recv_with_flags(&mut [MaybeUninit::uninit()], flags)
    }

    #[cfg(not(unix))]
    fn peek(&mut self) -> io::Result<usize> {
        self.without_waiting(|stream| stream.socket().peek(&mut [MaybeUninit::uninit()]))?
    }

    #[cfg(any(feature = "tls", not(unix)))]
    /// Does something for which nothing is waited.
    pub(crate) fn without_waiting<T>(
        &mut self,
        action: impl FnOnce(&mut Self) -> T,
    ) -> io::Result<T> {
        self.deadline = Deadline::after(Duration::from_secs(1));
        self.socket().set_nonblocking(true)?;
        let outcome = action(self);
        self.socket().set_nonblocking(false)?;
        Ok(outcome)
    }

    fn socket(&self) -> SockRef<'_> {
        match &self.socket {
            Socket::Tcp(socket) => SockRef::from(socket),
            #[cfg(unix)]
            Socket::Unix(socket) => SockRef::from(socket),
        }
    }

    /// Makes the socket wait until the deadline, or a little longer: it is not told for every small difference.
    fn arm(&mut self, way: Way) -> io::Result<()> {
        if self.deadline.is_past() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let left = self.deadline.left(Duration::MAX);
        let armed = self.armed[way as usize];
        if armed >= left / 2 && armed <= left + left / 8 {
            return Ok(());
        }
        match way {
            Way::Read => self.socket().set_read_timeout(Some(left))?,
            Way::Write => self.socket().set_write_timeout(Some(left))?,
        }
        self.armed[way as usize] = left;
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Way {
    Read,
    Write,
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.arm(Way::Read)?;
        match &mut self.socket {
            Socket::Tcp(socket) => socket.read(buffer),
            #[cfg(unix)]
            Socket::Unix(socket) => socket.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.arm(Way::Write)?;
        match &mut self.socket {
            Socket::Tcp(socket) => socket.write(bytes),
            #[cfg(unix)]
            Socket::Unix(socket) => socket.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
