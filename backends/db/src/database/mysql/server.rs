use std::{fmt, sync::mpsc, thread, time::Duration};

use cachemere_base::{Error, Result};
use mysql::{Conn, DriverError, Opts, OptsBuilder, prelude::Queryable};

use super::{MySql, fault};
use crate::database::{
    fault::Fault,
    options::{DatabaseOptions, Times},
    tls::{self, Tls},
};

/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 64;

/// A database of a server, as a URL says.
pub(crate) struct Server {
    opts: Opts,
    tls: Option<Tls>,
    shown: String,
}

impl Server {
    pub(crate) fn new(url: &str, options: &DatabaseOptions) -> Result<Self> {
        let (url, tls) = tls::split(url, options)?;
        // what is wrong with it the client says, which may show a part of the password
        let opts = Opts::from_url(&url).map_err(|_error| {
            let message = "the URL cannot be read; expected `mysql://user:password@host:3306/name`, \
                           with `%`, `/`, `?`, `#` and `@` in the password as `%25` and so on";
            Error::setting("URL", message)
        })?;
        if opts.get_db_name().is_none_or(str::is_empty) {
            return Err(Error::setting("URL", "the URL names no database"));
        }
        Ok(Self {
            shown: shown(&opts),
            opts,
            tls,
        })
    }

    pub(crate) fn shown(&self) -> &str {
        &self.shown
    }

    /// Waits no longer than this. The client knows a limit for each step only, and none for the look-up of the name: what
    /// takes longer goes on in a thread until its steps have taken what they may.
    fn within<T: Send + 'static>(
        &self,
        limit: Duration,
        connect: impl FnOnce() -> mysql::Result<T> + Send + 'static,
    ) -> Result<T, Fault> {
        let (sender, receiver) = mpsc::channel();
        thread::Builder::new()
            .name("cachemere-mysql".into())
            .spawn(move || sender.send(connect()))
            .map_err(Error::from)?;
        let connected = receiver.recv_timeout(limit);
        let connected = connected.unwrap_or_else(|_| Err(DriverError::ConnectTimeout.into()));
        connected.map_err(|error| fault::of(error, limit, &self.shown))
    }

    pub(crate) fn connect(&self, times: Times) -> Result<MySql, Fault> {
        let opts = OptsBuilder::from_opts(self.opts.clone())
            // a server on this machine is reached as the URL says
            .prefer_socket(false)
            .tcp_connect_timeout(Some(times.connect))
            .read_timeout(Some(times.answer))
            .write_timeout(Some(times.answer))
            .stmt_cache_size(STATEMENTS)
            .init(set_up(times.answer));
        let opts = match &self.tls {
            #[cfg(feature = "tls")]
            Some(tls) => opts.ssl_opts(tls.for_mysql()),
            #[cfg(not(feature = "tls"))]
            Some(_) => unreachable!("a URL that wants TLS is refused"),
            None => opts,
        };
        let connect = move || {
            let mut connection = Conn::new(opts)?;
            let most = connection.query_first("SELECT @@max_allowed_packet")?;
            Ok((connection, most.unwrap_or(usize::MAX)))
        };
        let (connection, most) = self.within(times.connect, connect)?;
        Ok(MySql {
            connection,
            place: self.shown.clone(),
            patience: times.answer,
            most,
        })
    }
}

/// What every connection is told first.
fn set_up(patience: Duration) -> Vec<String> {
    let seconds = patience.as_secs().max(1);
    vec![
        format!("SET SESSION innodb_lock_wait_timeout = {seconds}, lock_wait_timeout = {seconds}"),
        "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED".to_owned(),
        // what does not fit is an error, and never cut
        "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'".to_owned(),
    ]
}

/// The URL without the password and the parameters.
fn shown(opts: &Opts) -> String {
    let user = opts
        .get_user()
        .map_or_else(String::new, |user| format!("{user}@"));
    let (host, port) = (opts.get_ip_or_hostname(), opts.get_tcp_port());
    let name = opts.get_db_name().unwrap_or_default();
    format!("mysql://{user}{host}:{port}/{name}")
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}
