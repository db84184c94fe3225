use std::path::PathBuf;

use cachemere_base::{Error, Result};

#[cfg(feature = "sqlite")]
use crate::database::sqlite;
use crate::database::{
    Dialect,
    fault::Fault,
    options::{DatabaseOptions, Times},
    session::Session,
};

/// Where a database is, without a password where it is shown.
#[derive(Debug)]
pub(crate) enum Location {
    /// An SQLite database in the memory of this process.
    Memory,
    /// An SQLite database in a file.
    File(PathBuf),
}

impl Location {
    /// Reads a URL.
    pub(crate) fn new(url: &str, _options: &DatabaseOptions) -> Result<Self> {
        let Some((scheme, rest)) = url.split_once(':') else {
            return Err(wrong("has no scheme"));
        };
        match scheme {
            "sqlite" if cfg!(feature = "sqlite") => Self::sqlite(rest),
            "sqlite" => Err(wrong(
                "wants SQLite, which is not compiled in; enable feature `db-sqlite`",
            )),
            _ => Err(wrong("has an unknown scheme")),
        }
    }

    fn sqlite(path: &str) -> Result<Self> {
        if path == ":memory:" {
            return Ok(Self::Memory);
        }
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path.starts_with(':') || path.contains(['?', '\0']) {
            return Err(wrong("names no file"));
        }
        Ok(Self::File(path.into()))
    }

    pub(crate) fn is_memory(&self) -> bool {
        matches!(self, Self::Memory)
    }

    pub(crate) fn is_server(&self) -> bool {
        self.dialect() != Dialect::Sqlite
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Memory | Self::File(_) => Dialect::Sqlite,
        }
    }

    /// The place for messages.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Memory => "sqlite::memory:".to_owned(),
            Self::File(path) => format!("sqlite:{}", path.display()),
        }
    }

    pub(crate) fn connect(&self, times: Times) -> Result<Box<dyn Session>, Fault> {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Memory => Ok(Box::new(sqlite::Sqlite::open(None, self.shown(), times)?)),
            #[cfg(feature = "sqlite")]
            Self::File(path) => Ok(Box::new(sqlite::Sqlite::open(
                Some(path),
                self.shown(),
                times,
            )?)),
        }
    }
}

fn wrong(problem: &str) -> Error {
    let message = format!(
        "the URL {problem}; expected `sqlite:path`, `sqlite::memory:`, `postgres://…` or `mysql://…`"
    );
    Error::setting("URL", message)
}
