use std::error::Error as StdError;

use cachemere_base::{Error, ErrorKind};

/// An error, and what it says of the statement and of the connection.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) error: Error,
    pub(crate) after: After,
}

/// What is to be done after a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// The connection is fit for the next statement.
    Fit,
    /// Two were in each other's way and this one was undone: it may be tried again.
    Again,
    /// The table is not there.
    Missing,
    /// The table has not the columns that it should have.
    Foreign,
    /// The connection is not to be used any more.
    Broken,
}

impl Fault {
    pub(crate) fn new(kind: ErrorKind, after: After, message: impl Into<String>) -> Self {
        Self {
            error: Error::new(kind, message),
            after,
        }
    }

    pub(crate) fn with_source(self, source: impl StdError + Send + Sync + 'static) -> Self {
        Self {
            error: self.error.with_source(source),
            ..self
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self {
            error,
            after: After::Fit,
        }
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        fault.error
    }
}
