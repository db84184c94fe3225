use std::{fmt, num::NonZeroUsize, time::Duration};

use bytes::Bytes;
use cachemere_base::{Error, Result, Settings, Wait};
use serde::{Deserialize, de::IgnoredAny};

use crate::{health::Patience, routing::Distribution, wire::Dialect};

/// What OPTIONS may say of memcached, beside MAX_ENTRIES and CULL_FREQUENCY, which have no effect: the names are those of
/// pymemcache and pylibmc.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Options {
    /// How long it may take to connect: a second, if left out.
    pub connect_timeout: Wait,
    /// How long a server may take to answer: 3 seconds, if left out.
    pub timeout: Wait,
    /// Whether small packets are sent at once (TCP_NODELAY): true, if left out.
    pub no_delay: bool,
    /// How many connections there may be to each server: 32, if left out.
    pub max_pool_size: NonZeroUsize,
    /// Has no effect: connections are always pooled.
    pub use_pooling: bool,
    /// Whether keys may have characters beyond ASCII: true, if left out.
    pub allow_unicode_keys: bool,
    /// Has no effect: replies are always waited for.
    pub default_noreply: bool,
    /// Has no effect: SERIALIZER and COMPRESSOR say how values are encoded.
    pub serde: Option<String>,
    /// How often a server that does not answer is tried again before its keys go to the others: twice, if left out.
    pub retry_attempts: u32,
    /// How long it is left alone between two tries: a second, if left out.
    pub retry_timeout: Wait,
    /// How long its keys stay with the others: a minute, if left out.
    pub dead_timeout: Wait,
    /// Whether the binary protocol is spoken, the only one that a server with SASL understands.
    pub binary: bool,
    /// Who authenticates: by SASL with `binary`, else as `memcached --auth-file` wants it.
    pub username: Option<String>,
    /// With what.
    pub password: Option<String>,
    /// What pylibmc calls behaviors.
    pub behaviors: Behaviors,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connect_timeout: Wait::seconds(1),
            timeout: Wait::seconds(3),
            no_delay: true,
            max_pool_size: NonZeroUsize::MIN.saturating_add(31),
            use_pooling: true,
            allow_unicode_keys: true,
            default_noreply: false,
            serde: None,
            retry_attempts: 2,
            retry_timeout: Wait::seconds(1),
            dead_timeout: Wait::seconds(60),
            binary: false,
            username: None,
            password: None,
            behaviors: Behaviors::default(),
        }
    }
}

/// What pylibmc calls behaviors.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Behaviors {
    /// Whether keys are where libmemcached's ketama puts them.
    ///
    /// Else they are where pymemcache puts them, or where libmemcached does by default, if the backend goes by the name
    /// of Django's `PyLibMCCache`.
    pub ketama: bool,
    /// `no_delay`.
    pub tcp_nodelay: Option<bool>,
    /// Whether the system finds out that the other side of an idle connection is gone.
    pub tcp_keepalive: bool,
    /// `connect_timeout`, in milliseconds.
    pub connect_timeout: Option<u64>,
    /// `timeout`, in microseconds.
    pub receive_timeout: Option<u64>,
    /// `retry_timeout`.
    pub retry_timeout: Option<Wait>,
    /// `dead_timeout`.
    pub dead_timeout: Option<Wait>,
    auto_eject: Option<IgnoredAny>,
    buffer_requests: Option<IgnoredAny>,
    cas: Option<IgnoredAny>,
    distribution: Option<IgnoredAny>,
    failure_limit: Option<IgnoredAny>,
    hash: Option<IgnoredAny>,
    ketama_hash: Option<IgnoredAny>,
    ketama_weighted: Option<IgnoredAny>,
    no_block: Option<IgnoredAny>,
    num_replicas: Option<IgnoredAny>,
    pickle_protocol: Option<IgnoredAny>,
    remove_failed: Option<IgnoredAny>,
    send_timeout: Option<IgnoredAny>,
    verify_keys: Option<IgnoredAny>,
    #[serde(rename = "_hash_with_prefix_key")]
    hash_with_prefix_key: Option<IgnoredAny>,
    #[serde(rename = "_io_bytes_watermark")]
    io_bytes_watermark: Option<IgnoredAny>,
    #[serde(rename = "_io_key_prefetch")]
    io_key_prefetch: Option<IgnoredAny>,
    #[serde(rename = "_io_msg_watermark")]
    io_msg_watermark: Option<IgnoredAny>,
    #[serde(rename = "_noreply")]
    noreply: Option<IgnoredAny>,
    #[serde(rename = "_poll_timeout")]
    poll_timeout: Option<IgnoredAny>,
    #[serde(rename = "_socket_recv_size")]
    socket_recv_size: Option<IgnoredAny>,
    #[serde(rename = "_socket_send_size")]
    socket_send_size: Option<IgnoredAny>,
    #[serde(rename = "_sort_hosts")]
    sort_hosts: Option<IgnoredAny>,
}

impl Behaviors {
    /// The ones that are given and have no effect.
    fn idle(&self) -> Vec<&'static str> {
        let all = [
            ("auto_eject", &self.auto_eject),
            ("buffer_requests", &self.buffer_requests),
            ("cas", &self.cas),
            ("distribution", &self.distribution),
            ("failure_limit", &self.failure_limit),
            ("hash", &self.hash),
            ("ketama_hash", &self.ketama_hash),
            ("ketama_weighted", &self.ketama_weighted),
            ("no_block", &self.no_block),
            ("num_replicas", &self.num_replicas),
            ("pickle_protocol", &self.pickle_protocol),
            ("remove_failed", &self.remove_failed),
            ("send_timeout", &self.send_timeout),
            ("verify_keys", &self.verify_keys),
            ("_hash_with_prefix_key", &self.hash_with_prefix_key),
            ("_io_bytes_watermark", &self.io_bytes_watermark),
            ("_io_key_prefetch", &self.io_key_prefetch),
            ("_io_msg_watermark", &self.io_msg_watermark),
            ("_noreply", &self.noreply),
            ("_poll_timeout", &self.poll_timeout),
            ("_socket_recv_size", &self.socket_recv_size),
            ("_socket_send_size", &self.socket_send_size),
            ("_sort_hosts", &self.sort_hosts),
        ];
        let given = all.into_iter().filter(|(_, value)| value.is_some());
        given.map(|(name, _)| name).collect()
    }
}

impl Options {
    pub(crate) fn connect_timeout(&self) -> Result<Duration> {
        match self.behaviors.connect_timeout {
            Some(millis) => limit("connect_timeout", Duration::from_millis(millis)),
            None => Ok(self.connect_timeout.duration()),
        }
    }

    pub(crate) fn timeout(&self) -> Result<Duration> {
        match self.behaviors.receive_timeout {
            Some(micros) => limit("receive_timeout", Duration::from_micros(micros)),
            None => Ok(self.timeout.duration()),
        }
    }

    pub(crate) fn patience(&self) -> Patience {
        Patience {
            attempts: self.retry_attempts,
            between: self
                .behaviors
                .retry_timeout
                .unwrap_or(self.retry_timeout)
                .duration(),
            left_out: self
                .behaviors
                .dead_timeout
                .unwrap_or(self.dead_timeout)
                .duration(),
        }
    }

    pub(crate) fn distribution(&self, settings: &Settings) -> Distribution {
        if self.behaviors.ketama {
            Distribution::Ketama
        } else if settings.backend().ends_with(".PyLibMCCache") {
            Distribution::Modula
        } else {
            Distribution::Rendezvous
        }
    }

    pub(crate) fn no_delay(&self) -> bool {
        self.behaviors.tcp_nodelay.unwrap_or(self.no_delay)
    }

    pub(crate) fn dialect(&self) -> Dialect {
        if self.binary {
            Dialect::Binary
        } else {
            Dialect::Meta
        }
    }

    pub(crate) fn credentials(&self) -> Result<Option<Bytes>> {
        let (username, password) = match (&self.username, &self.password) {
            (None, None) => return Ok(None),
            (Some(username), Some(password)) => (username, password),
            (None, Some(_)) => return Err(wrong("username", "`password` is there without it")),
            (Some(_), None) => return Err(wrong("password", "`username` is there without it")),
        };
        let refused = if self.binary { "\0" } else { " \r\n\0" };
        if username.contains(|c| refused.contains(c)) {
            let message = "has a blank or a control character, which memcached cannot take";
            return Err(wrong("username", message));
        }
        Ok(Some(self.dialect().credentials(username, password)))
    }

    /// The options that are given and have no effect.
    pub(crate) fn idle(&self, settings: &Settings) -> Vec<String> {
        let names = [
            "MAX_ENTRIES",
            "CULL_FREQUENCY",
            "use_pooling",
            "default_noreply",
            "serde",
        ];
        let given = names.into_iter().filter(|name| settings.is_given(name));
        let behaviors = self.behaviors.idle().into_iter();
        let behaviors = behaviors.map(|name| format!("behaviors.{name}"));
        given.map(str::to_owned).chain(behaviors).collect()
    }
}

impl fmt::Debug for Options {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("connect_timeout", &self.connect_timeout)
            .field("timeout", &self.timeout)
            .field("no_delay", &self.no_delay)
            .field("max_pool_size", &self.max_pool_size)
            .field("use_pooling", &self.use_pooling)
            .field("default_noreply", &self.default_noreply)
            .field("serde", &self.serde)
            .field("allow_unicode_keys", &self.allow_unicode_keys)
            .field("retry_attempts", &self.retry_attempts)
            .field("retry_timeout", &self.retry_timeout)
            .field("dead_timeout", &self.dead_timeout)
            .field("binary", &self.binary)
            .field("username", &self.username)
            .field("password", &self.password.as_ref().map(|_| "…"))
            .field("behaviors", &self.behaviors)
            .finish()
    }
}

/// A time that a behavior gives in a unit of its own.
fn limit(behavior: &str, time: Duration) -> Result<Duration> {
    const DAY: Duration = Duration::from_secs(86_400);
    if !time.is_zero() && time <= DAY {
        return Ok(time);
    }
    let message = format!("{time:?} is no time to wait; give more than 0 and at most a day");
    Err(wrong(&format!("behaviors.{behavior}"), message))
}

fn wrong(option: &str, message: impl Into<String>) -> Error {
    Error::setting(format!("OPTIONS.{option}"), message)
}
