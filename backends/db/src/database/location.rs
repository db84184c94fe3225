use cachemere_base::{Error, Result};

#[cfg(feature = "mysql")]
use crate::database::mysql;
#[cfg(feature = "postgres")]
use crate::database::postgres;
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
    #[cfg(feature = "sqlite")]
    Memory,
    /// An SQLite database in a file.
    #[cfg(feature = "sqlite")]
    File(std::path::PathBuf),
    #[cfg(feature = "postgres")]
    Postgres(Box<postgres::Server>),
    #[cfg(feature = "mysql")]
    MySql(Box<mysql::Server>),
}

impl Location {
    /// Reads a URL.
    pub(crate) fn new(url: &str, options: &DatabaseOptions) -> Result<Self> {
        let (scheme, rest) = url.split_once(':').unwrap_or_default();
        match scheme {
            "sqlite" => Self::sqlite(rest),
            "postgres" | "postgresql" => Self::postgres(url, options),
            "mysql" | "mariadb" => Self::mysql(&format!("mysql:{rest}"), options),
            "" => Err(wrong("has no scheme")),
            _ => Err(wrong("has an unknown scheme")),
        }
    }

    #[cfg(feature = "sqlite")]
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

    #[cfg(feature = "postgres")]
    fn postgres(url: &str, options: &DatabaseOptions) -> Result<Self> {
        let server = postgres::Server::new(url, options)?;
        Ok(Self::Postgres(Box::new(server)))
    }

    #[cfg(feature = "mysql")]
    fn mysql(url: &str, options: &DatabaseOptions) -> Result<Self> {
        let server = mysql::Server::new(url, options)?;
        Ok(Self::MySql(Box::new(server)))
    }

    #[cfg(not(feature = "sqlite"))]
    fn sqlite(_: &str) -> Result<Self> {
        Err(missing("SQLite", "sqlite` of `cachemere-db"))
    }

    #[cfg(not(feature = "postgres"))]
    fn postgres(_: &str, _: &DatabaseOptions) -> Result<Self> {
        Err(missing("PostgreSQL", "db-postgres"))
    }

    #[cfg(not(feature = "mysql"))]
    fn mysql(_: &str, _: &DatabaseOptions) -> Result<Self> {
        Err(missing("MySQL", "db-mysql"))
    }

    pub(crate) fn is_memory(&self) -> bool {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Memory => true,
            _ => false,
        }
    }

    pub(crate) fn is_server(&self) -> bool {
        self.dialect() != Dialect::Sqlite
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match *self {
            #[cfg(feature = "sqlite")]
            Self::Memory | Self::File(_) => Dialect::Sqlite,
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => Dialect::Postgres,
            #[cfg(feature = "mysql")]
            Self::MySql(_) => Dialect::MySql,
        }
    }

    /// The place for messages.
    pub(crate) fn shown(&self) -> String {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Memory => "sqlite::memory:".to_owned(),
            #[cfg(feature = "sqlite")]
            Self::File(path) => format!("sqlite:{}", path.display()),
            #[cfg(feature = "postgres")]
            Self::Postgres(server) => server.shown().to_owned(),
            #[cfg(feature = "mysql")]
            Self::MySql(server) => server.shown().to_owned(),
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
            #[cfg(feature = "postgres")]
            Self::Postgres(server) => Ok(Box::new(server.connect(times)?)),
            #[cfg(feature = "mysql")]
            Self::MySql(server) => Ok(Box::new(server.connect(times)?)),
        }
    }
}

pub(crate) fn wrong(problem: &str) -> Error {
    let message = format!(
        "the URL {problem}; expected `sqlite:path`, `sqlite::memory:`, `postgres://…` or `mysql://…`"
    );
    Error::setting("URL", message)
}

#[cfg(not(all(feature = "sqlite", feature = "postgres", feature = "mysql")))]
fn missing(what: &str, feature: &str) -> Error {
    let message = format!("{what} is not compiled in; enable feature `{feature}`");
    Error::setting("URL", message)
}
