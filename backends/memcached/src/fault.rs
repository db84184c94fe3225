use std::{borrow::Cow, io, time::Duration};

use cachemere_base::{Error, ErrorKind};

/// A problem with a server or an entry, before it is said at which server.
#[derive(Debug)]
pub(crate) struct Fault {
    kind: ErrorKind,
    message: Cow<'static, str>,
    source: Option<io::Error>,
    after: After,
}

/// What a fault says of the connection and of the server behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// Nothing: it did not come to that.
    Nothing,
    /// The connection is fit for the next request.
    Fit,
    /// The connection is not to be used any more.
    Broken,
    /// The server does not answer.
    Unreachable,
}

impl Fault {
    /// A definite answer of the server, which is an error.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
            after: After::Fit,
        }
    }

    /// The server answered what this client cannot make sense of.
    pub(crate) fn garbled(message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            after: After::Broken,
            ..Self::new(ErrorKind::Server, message)
        }
    }

    /// No connection could be made.
    pub(crate) fn unconnected(error: io::Error) -> Self {
        Self {
            kind: ErrorKind::Unavailable,
            message: described(&error),
            source: Some(error),
            after: After::Unreachable,
        }
    }

    /// No connection was made in this time.
    pub(crate) fn connects_slowly(limit: Duration) -> Self {
        Self {
            after: After::Unreachable,
            ..Self::new(
                ErrorKind::Unavailable,
                format!("no connection within {limit:?}"),
            )
        }
    }

    /// All connections were in use for this time.
    pub(crate) fn exhausted(connections: usize, limit: Duration) -> Self {
        let message = format!("all {connections} connections were in use for {limit:?}");
        Self {
            after: After::Nothing,
            ..Self::new(ErrorKind::TimedOut, message)
        }
    }

    /// The runtime lacks what a connection needs.
    pub(crate) fn unsupported() -> Self {
        let message = "the asynchronous methods of memcached need a runtime of tokio with I/O and time: `enable_all()`";
        Self {
            after: After::Nothing,
            ..Self::new(ErrorKind::Unsupported, message)
        }
    }

    /// A connection failed between request and answer.
    pub(crate) fn broken(error: io::Error) -> Self {
        Self {
            kind: ErrorKind::Unavailable,
            message: described(&error),
            source: Some(error),
            after: After::Broken,
        }
    }

    /// No answer came in this time.
    pub(crate) fn timed_out(limit: Duration) -> Self {
        Self {
            after: After::Unreachable,
            ..Self::new(ErrorKind::TimedOut, format!("no answer within {limit:?}"))
        }
    }

    pub(crate) fn after(&self) -> After {
        self.after
    }

    /// The error, which names the server where the store is at fault.
    pub(crate) fn at(self, server: &str) -> Error {
        let error = if self.kind.is_fault() {
            Error::new(self.kind, format!("{} ({server})", self.message))
        } else {
            Error::new(self.kind, self.message)
        };
        match self.source {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
}

fn described(error: &io::Error) -> Cow<'static, str> {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "the server closed the connection".into(),
        io::ErrorKind::NotFound if error.raw_os_error().is_some() => "no such socket".into(),
        io::ErrorKind::ConnectionRefused
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::PermissionDenied => error.kind().to_string().into(),
        _ => error.to_string().into(),
    }
}
