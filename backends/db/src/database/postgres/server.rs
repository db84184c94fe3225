use std::{fmt, str::FromStr, time::Duration};

use cachemere_base::{Error, ErrorKind, Result};
use tokio::time::timeout;
use tokio_postgres::{
    Client, Config, NoTls, Socket,
    config::{Host, SslMode},
    tls::MakeTlsConnect,
};

use super::{Line, Postgres, Statements, fault, home::Home};
use crate::database::{
    fault::{After, Fault},
    options::{DatabaseOptions, Times},
    session::Session,
    tls::{self, Tls},
};

/// A database of a server, as a URL says.
pub(crate) struct Server {
    config: Config,
    tls: Option<Tls>,
    shown: String,
}

impl Server {
    pub(crate) fn new(url: &str, options: &DatabaseOptions) -> Result<Self> {
        let (url, tls) = tls::split(url, options)?;
        // what is wrong with it the client says, which may show a part of the password
        let config = Config::from_str(&url).map_err(|_error| {
            let message = "the URL cannot be read; expected `postgres://user:password@host:5432/name`, \
                           with `%`, `/`, `?`, `#` and `@` in the password as `%25` and so on";
            Error::setting("URL", message)
        })?;
        if config.get_hosts().is_empty() {
            return Err(Error::setting("URL", "the URL names no host"));
        }
        let mut server = Self {
            shown: shown(&config),
            config,
            tls,
        };
        server.config.ssl_mode(match server.tls {
            Some(_) => SslMode::Require,
            None => SslMode::Disable,
        });
        if server.config.get_application_name().is_none() {
            server.config.application_name("cachemere");
        }
        Ok(server)
    }

    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    pub(crate) fn connect(&self, times: Times) -> Result<Postgres, Fault> {
        let home = Home::new().map_err(|error| Fault::from(Error::from(error)))?;
        let connecting = async { timeout(times.connect, self.start()).await };
        let (client, line) = match home.runtime().block_on(connecting) {
            Ok(connected) => connected?,
            Err(_elapsed) => {
                let message = format!("no connection within {:?} ({})", times.connect, self.shown);
                return Err(Fault::new(ErrorKind::Unavailable, After::Broken, message));
            }
        };
        let mut session = Postgres {
            home,
            client,
            line,
            statements: Statements::default(),
            place: self.shown.clone(),
            patience: times.answer,
        };
        session.script(&set_up(times.answer))?;
        Ok(session)
    }

    /// A connection of the runtime that this runs on.
    async fn start(&self) -> Result<(Client, Line), Fault> {
        match &self.tls {
            None => self.start_with(NoTls).await,
            #[cfg(feature = "tls")]
            Some(tls) => self.start_with(tls.for_postgres(&self.shown)?).await,
            #[cfg(not(feature = "tls"))]
            Some(_) => unreachable!("a URL that wants TLS is refused"),
        }
    }

    async fn start_with<T>(&self, tls: T) -> Result<(Client, Line), Fault>
    where
        T: MakeTlsConnect<Socket>,
        T::Stream: Send + 'static,
    {
        let connected = self.config.connect(tls).await;
        let (client, connection) = connected.map_err(|error| fault::of(error, &self.shown))?;
        Ok((client, Line(Some(Box::pin(connection)))))
    }
}

/// What every connection is told first. The server gives up a little earlier than this side does.
fn set_up(patience: Duration) -> String {
    let millis = (patience.as_millis() * 9 / 10).max(1);
    format!(
        "SET statement_timeout = {millis}; SET lock_timeout = {millis}; \
         SET default_transaction_isolation = 'read committed'"
    )
}

/// The URL without the password and the parameters.
fn shown(config: &Config) -> String {
    let user = config
        .get_user()
        .map_or_else(String::new, |user| format!("{user}@"));
    let ports = config.get_ports();
    let port = |n: usize| {
        ports
            .get(n)
            .or_else(|| ports.first())
            .copied()
            .unwrap_or(5432)
    };
    let host = |(n, host): (usize, &Host)| match host {
        Host::Tcp(name) => format!("{name}:{}", port(n)),
        #[cfg(unix)]
        Host::Unix(path) => format!("{}:{}", path.display(), port(n)),
    };
    let hosts: Vec<_> = config.get_hosts().iter().enumerate().map(host).collect();
    let name = config
        .get_dbname()
        .or(config.get_user())
        .unwrap_or_default();
    format!("postgres://{user}{}/{name}", hosts.join(","))
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}
