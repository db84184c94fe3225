use std::{io, time::Duration};

use cachemere_base::{Error, ErrorKind};
use redis::ServerError;

use crate::server::Server;

/// Why a request came back without replies.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) error: Error,
    pub(crate) stage: Stage,
}

/// How far a request came before it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It was not even begun, for a reason that has nothing to do with the server.
    Unbegun,
    /// The server has not seen it.
    Unsent,
    /// The connection ended before the reply: the server may have done it or not.
    Lost,
    /// No reply in time: the server may have done it, or may still do it.
    Late,
}

impl Fault {
    pub(crate) fn unsent(error: Error) -> Self {
        Self {
            error,
            stage: Stage::Unsent,
        }
    }

    /// An error of the socket while connecting.
    pub(crate) fn connecting(error: io::Error, server: &Server) -> Self {
        if is_timeout(&error) {
            return Self::unconnected(server, server.connect_timeout);
        }
        let message = format!("{} ({})", said(&error), server.name);
        Self::unsent(Error::new(ErrorKind::Unavailable, message).with_source(error))
    }

    pub(crate) fn unconnected(server: &Server, waited: Duration) -> Self {
        let message = format!("no connection within {waited:?} ({})", server.name);
        Self::unsent(Error::new(ErrorKind::TimedOut, message))
    }

    /// An error of the socket after the request was sent, or a part of it.
    pub(crate) fn lost(error: io::Error, server: &Server) -> Self {
        if is_timeout(&error) {
            return Self::late(server, server.socket_timeout);
        }
        let kind = match error.kind() {
            io::ErrorKind::InvalidData => ErrorKind::Server,
            _ => ErrorKind::Unavailable,
        };
        let message = format!("{} ({})", said(&error), server.name);
        Self {
            error: Error::new(kind, message).with_source(error),
            stage: Stage::Lost,
        }
    }

    /// The server does not lead, and only a leader is of use.
    pub(crate) fn demoted(server: &Server) -> Self {
        let message = format!("the server does not lead any more ({})", server.name);
        Self::unsent(Error::new(ErrorKind::Unavailable, message))
    }

    /// The connection ended before the request was sent.
    pub(crate) fn closed(server: &Server) -> Self {
        let message = format!("connection closed ({})", server.name);
        Self::unsent(Error::new(ErrorKind::Unavailable, message))
    }

    pub(crate) fn late(server: &Server, waited: Duration) -> Self {
        let message = format!("no answer within {waited:?} ({})", server.name);
        Self {
            error: Error::new(ErrorKind::TimedOut, message),
            stage: Stage::Late,
        }
    }

    /// Whether the request may be sent again, elsewhere or on another connection: never after a timeout.
    pub(crate) fn may_repeat(&self, is_repeatable: bool) -> bool {
        match self.stage {
            _ if self.error.kind() == ErrorKind::TimedOut => false,
            Stage::Unsent => true,
            Stage::Lost => is_repeatable,
            Stage::Unbegun | Stage::Late => false,
        }
    }

    /// No time is left for it: a connection that is fit is not to be given up over that.
    pub(crate) fn unbegun(server: &Server) -> Self {
        let message = format!("no time was left to ask ({})", server.name);
        Self {
            error: Error::new(ErrorKind::TimedOut, message),
            stage: Stage::Unbegun,
        }
    }

    /// All connections are in use.
    pub(crate) fn exhausted(server: &Server, max: usize) -> Self {
        let message = format!(
            "all {max} connections of `max_connections` are in use ({})",
            server.name
        );
        Self {
            error: Error::new(ErrorKind::Unavailable, message),
            stage: Stage::Unbegun,
        }
    }
}

/// What the server said.
pub(crate) fn refused(error: &ServerError, server: &Server) -> Error {
    let words = error.details().unwrap_or_default();
    // what follows are the arguments: a value, or the password of a greeting
    let words = words.split(", with args").next().unwrap_or_default();
    let message = match &server.password {
        Some(password) if !password.is_empty() => words.replace(password.as_str(), "***"),
        _ => words.to_owned(),
    };
    let message = format!("{} {message} ({})", error.code(), server.name);
    Error::new(ErrorKind::Server, message)
}

/// A reply that no server gives to this command.
pub(crate) fn unexpected(server: &Server) -> Error {
    let message = format!("an answer to something else ({})", server.name);
    Error::new(ErrorKind::Server, message)
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock
    )
}

fn said(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".into(),
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => "connection reset".into(),
        io::ErrorKind::UnexpectedEof => "connection closed before the answer".into(),
        io::ErrorKind::NotFound => "no such socket".into(),
        _ => error.to_string(),
    }
}
