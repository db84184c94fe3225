use std::{fmt, time::Duration};

use cachemere_base::{Error, Result, Wait};
use serde::{
    Deserialize, Deserializer,
    de::{self, Visitor},
};

/// What OPTIONS may say of a Redis cache: the words of Django and of redis-py.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// The number of the database, also as text; the path of the URL if left out, and 0 without one.
    #[serde(deserialize_with = "number")]
    pub db: Option<i64>,
    /// The user, if the URL names none.
    pub username: Option<String>,
    /// The password, if the URL has none.
    pub password: Option<String>,
    /// How the connection is called in `CLIENT LIST`.
    pub client_name: Option<String>,
    /// 2 or 3: the version of the protocol.
    #[serde(deserialize_with = "number")]
    pub protocol: Option<i64>,
    /// How long an answer may take, 2 seconds if left out.
    pub socket_timeout: Wait,
    /// How long a connection may take, 1 second if left out.
    pub socket_connect_timeout: Wait,
    /// How many connections the alias has at most, over all its servers.
    pub max_connections: usize,
    /// What happens when all connections are in use: `ConnectionPool`, an error; `BlockingConnectionPool`, which is
    /// what happens if it is left out, waits up to `timeout`.
    pub pool_class: Option<String>,
    /// How long to wait for a connection of the pool, 5 seconds if left out.
    pub timeout: Wait,
    /// `single`: a leader, and the replicas that follow it in LOCATION; `cluster`: LOCATION has some of its nodes;
    /// `sentinel`: LOCATION has the sentinels.
    pub mode: Option<String>,
    /// What the sentinels call the leader.
    pub service_name: Option<String>,
    /// The user for the sentinels themselves.
    pub sentinel_username: Option<String>,
    /// The password for the sentinels themselves.
    pub sentinel_password: Option<String>,
    /// `required`, or `none`: whether the certificate of the server is checked.
    pub ssl_cert_reqs: Option<String>,
    /// A file with the certificates to trust; those of the system if left out.
    pub ssl_ca_certs: Option<String>,
    /// A file with the certificate to show to the server.
    pub ssl_certfile: Option<String>,
    /// A file with the key of that certificate.
    pub ssl_keyfile: Option<String>,
    /// Whether the certificate must name the host, true if left out.
    pub ssl_check_hostname: Option<bool>,
    /// Has no effect: there is one parser.
    pub parser_class: Option<String>,
    /// Has no effect: what timed out is never sent again.
    pub retry_on_timeout: Option<bool>,
    /// Has no effect: a connection is looked at whenever it is used.
    #[serde(deserialize_with = "number")]
    pub health_check_interval: Option<i64>,
    /// Has no effect: see `health_check_interval`.
    pub socket_keepalive: Option<bool>,
    /// Has no effect: values are bytes.
    pub decode_responses: Option<bool>,
    /// Has no effect: keys are UTF-8.
    pub encoding: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            db: None,
            username: None,
            password: None,
            client_name: None,
            protocol: None,
            socket_timeout: Wait::seconds(2),
            socket_connect_timeout: Wait::seconds(1),
            max_connections: 50,
            pool_class: None,
            timeout: Wait::seconds(5),
            mode: None,
            service_name: None,
            sentinel_username: None,
            sentinel_password: None,
            ssl_cert_reqs: None,
            ssl_ca_certs: None,
            ssl_certfile: None,
            ssl_keyfile: None,
            ssl_check_hostname: None,
            parser_class: None,
            retry_on_timeout: None,
            health_check_interval: None,
            socket_keepalive: None,
            decode_responses: None,
            encoding: None,
        }
    }
}

/// How LOCATION is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Single,
    Cluster,
    Sentinel,
}

impl Options {
    pub(crate) fn mode(&self) -> Result<Mode> {
        match self.mode.as_deref() {
            None | Some("single") => Ok(Mode::Single),
            Some("cluster") => Ok(Mode::Cluster),
            Some("sentinel") => Ok(Mode::Sentinel),
            Some(other) => {
                let message = format!(
                    "unknown mode `{other}`, expected one of `single`, `cluster`, `sentinel`"
                );
                Err(Error::setting("OPTIONS.mode", message))
            }
        }
    }

    /// How long to wait for a connection when all are in use; `None` is an error at once.
    pub(crate) fn patience(&self) -> Result<Option<Duration>> {
        let class = self
            .pool_class
            .as_deref()
            .unwrap_or("BlockingConnectionPool");
        let bare = class.strip_prefix("redis.").unwrap_or(class);
        match bare.strip_prefix("connection.").unwrap_or(bare) {
            "ConnectionPool" => Ok(None),
            "BlockingConnectionPool" => Ok(Some(self.timeout.duration())),
            _ => {
                let message = format!(
                    "unknown pool class `{class}`, expected `redis.ConnectionPool` or `redis.BlockingConnectionPool`"
                );
                Err(Error::setting("OPTIONS.pool_class", message))
            }
        }
    }

    /// How the sentinels themselves are talked to.
    pub(crate) fn for_sentinels(&self) -> Self {
        Self {
            db: None,
            protocol: None,
            username: self.sentinel_username.clone(),
            password: self.sentinel_password.clone(),
            ..self.clone()
        }
    }

    pub(crate) fn service_name(&self) -> Result<&str> {
        let message = "what the sentinels call the leader is needed, such as `mymaster`";
        let name = self.service_name.as_deref().filter(|name| !name.is_empty());
        name.ok_or_else(|| Error::setting("OPTIONS.service_name", message))
    }

    pub(crate) fn max_connections(&self) -> Result<usize> {
        match self.max_connections {
            0 => Err(Error::setting(
                "OPTIONS.max_connections",
                "0 leaves no connection; give 1 or more",
            )),
            max => Ok(max),
        }
    }

    /// What was given and has no effect.
    pub(crate) fn idle(&self) -> Vec<&'static str> {
        let given = [
            ("parser_class", self.parser_class.is_some()),
            ("retry_on_timeout", self.retry_on_timeout.is_some()),
            (
                "health_check_interval",
                self.health_check_interval.is_some(),
            ),
            ("socket_keepalive", self.socket_keepalive.is_some()),
            ("decode_responses", self.decode_responses.is_some()),
            ("encoding", self.encoding.is_some()),
        ];
        let mut idle: Vec<_> = given
            .into_iter()
            .filter(|(_, given)| *given)
            .map(|(name, _)| name)
            .collect();
        if self.service_name.is_some() && !matches!(self.mode(), Ok(Mode::Sentinel)) {
            idle.push("service_name");
        }
        idle
    }
}

impl fmt::Debug for Options {
    /// Without the passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden = |password: &Option<String>| password.as_ref().map(|_| "***");
        f.debug_struct("Options")
            .field("db", &self.db)
            .field("username", &self.username)
            .field("password", &hidden(&self.password))
            .field("client_name", &self.client_name)
            .field("protocol", &self.protocol)
            .field("socket_timeout", &self.socket_timeout)
            .field("socket_connect_timeout", &self.socket_connect_timeout)
            .field("max_connections", &self.max_connections)
            .field("pool_class", &self.pool_class)
            .field("timeout", &self.timeout)
            .field("mode", &self.mode)
            .field("service_name", &self.service_name)
            .field("sentinel_username", &self.sentinel_username)
            .field("sentinel_password", &hidden(&self.sentinel_password))
            .field("ssl_cert_reqs", &self.ssl_cert_reqs)
            .field("ssl_ca_certs", &self.ssl_ca_certs)
            .field("ssl_certfile", &self.ssl_certfile)
            .field("ssl_keyfile", &self.ssl_keyfile)
            .field("ssl_check_hostname", &self.ssl_check_hostname)
            .field("parser_class", &self.parser_class)
            .field("retry_on_timeout", &self.retry_on_timeout)
            .field("health_check_interval", &self.health_check_interval)
            .field("socket_keepalive", &self.socket_keepalive)
            .field("decode_responses", &self.decode_responses)
            .field("encoding", &self.encoding)
            .finish()
    }
}

/// A whole number, also as text: Django's documentation writes `"db": "10"`.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    struct Number;

    impl Visitor<'_> for Number {
        type Value = Option<i64>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a whole number")
        }

        fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
            Ok(Some(number))
        }

        fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
            let number = i64::try_from(number);
            number
                .ok()
                .map(Some)
                .ok_or_else(|| E::invalid_value(de::Unexpected::Other("a larger number"), &self))
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            let number = text.parse();
            number
                .ok()
                .map(Some)
                .ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
        }
    }

    deserializer.deserialize_any(Number)
}
