use std::{io, path::Path};

use cachemere_base::{Error, ErrorKind};

/// A problem, before it is said of which directory it is.
#[derive(Debug)]
pub(crate) enum Fault {
    Disk(io::Error),
    Other(Error),
}

impl Fault {
    pub(crate) fn at(self, location: &Path) -> Error {
        let error = match self {
            Self::Disk(error) => error,
            Self::Other(error) => return error,
        };
        let kind = match error.kind() {
            io::ErrorKind::TimedOut => ErrorKind::TimedOut,
            _ => ErrorKind::Io,
        };
        Error::new(kind, format!("{error} (`{}`)", location.display())).with_source(error)
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}
