use std::{fmt, path::PathBuf, time::Duration};

use redis::{Cmd, cmd};

use crate::{request::Batch, tls::Tls};

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Address {
    Tcp { host: String, port: u16 },
    Unix(PathBuf),
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
            Self::Unix(path) => write!(f, "{}", path.display()),
        }
    }
}

/// A server, and how it is to be talked to.
#[derive(Clone)]
pub(crate) struct Server {
    /// For messages: `127.0.0.1:6379`.
    pub(crate) name: String,
    pub(crate) address: Address,
    pub(crate) tls: Option<Tls>,
    pub(crate) db: i64,
    pub(crate) username: Option<String>,
    pub(crate) password: Option<String>,
    pub(crate) client_name: Option<String>,
    pub(crate) protocol: u8,
    pub(crate) socket_timeout: Duration,
    pub(crate) connect_timeout: Duration,
    /// Whether it is of use only while it leads: sentinels end the connections to a server that they demote.
    pub(crate) must_lead: bool,
}

impl Server {
    /// The same server at another address.
    pub(crate) fn at(&self, address: Address) -> Self {
        Self {
            name: address.to_string(),
            address,
            ..self.clone()
        }
    }

    /// What a connection says before all else.
    pub(crate) fn greeting(&self) -> Batch {
        let mut greeting = Vec::new();
        let user = self.username.as_deref();
        if self.protocol == 3 {
            let mut hello = cmd("HELLO");
            hello.arg(3);
            if let Some(password) = &self.password {
                hello
                    .arg("AUTH")
                    .arg(user.unwrap_or("default"))
                    .arg(password);
            }
            greeting.push(hello);
        } else if let Some(password) = &self.password {
            greeting.push(auth(user, password));
        }
        if self.db != 0 {
            let mut select = cmd("SELECT");
            select.arg(self.db);
            greeting.push(select);
        }
        if let Some(name) = &self.client_name {
            let mut rename = cmd("CLIENT");
            rename.arg("SETNAME").arg(name);
            greeting.push(rename);
        }
        if self.must_lead {
            greeting.push(cmd("ROLE"));
        }
        Batch::new(greeting, false)
    }
}

fn auth(user: Option<&str>, password: &str) -> Cmd {
    let mut auth = cmd("AUTH");
    if let Some(user) = user {
        auth.arg(user);
    }
    auth.arg(password);
    auth
}

impl fmt::Debug for Server {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Server")
            .field(&self.name)
            .field(&self.db)
            .finish()
    }
}
