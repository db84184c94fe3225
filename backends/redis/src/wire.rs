use std::io::{self, Read, Write};

use crate::{deadline::Deadline, server::Server, stream::Stream};
#[cfg(feature = "tls")]
use crate::{server::Address, tls::TlsStream};

/// What a blocking connection talks through.
#[derive(Debug)]
pub(crate) enum Wire {
    Plain(Stream),
    #[cfg(feature = "tls")]
    Tls(TlsStream),
}

impl Wire {
    pub(crate) fn connect(server: &Server, deadline: Deadline) -> io::Result<Self> {
        let stream = Stream::connect(server, deadline)?;
        #[cfg(feature = "tls")]
        if let (Some(tls), Address::Tcp { host, .. }) = (&server.tls, &server.address) {
            return tls.over(stream, host).map(Self::Tls);
        }
        Ok(Self::Plain(stream))
    }

    pub(crate) fn set_deadline(&mut self, deadline: Deadline) {
        match self {
            Self::Plain(stream) => stream.set_deadline(deadline),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => stream.stream().set_deadline(deadline),
        }
    }

    /// Whether the peer has neither gone nor said anything.
    pub(crate) fn is_quiet(&mut self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_quiet(),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => stream.is_quiet(),
        }
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(buffer),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(bytes),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => stream.flush(),
        }
    }
}
