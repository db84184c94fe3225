use std::{ops::Deref, path::PathBuf, sync::Arc};

use cachemere_base::{
    Error, ErrorKind, Key, KeyCheck, KeyProblem, Remaining, Result, Shown, Store, Timeout, Ttl,
    Value,
};

use crate::{
    Version,
    codec::{Decode, Encode, Encoding, decompress},
    config::{Alias, Middleware, OnError},
    flights::Flights,
};

/// One thread's hold on an alias: its own allocation, so that cloning it does not contend with other threads.
#[derive(Debug)]
pub(crate) struct Handle {
    shared: Arc<Shared>,
    on_error: OnError,
}

/// What all threads share of an alias.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) alias: Alias,
    pub(crate) store: Store,
    pub(crate) flights: Arc<Flights>,
    /// The folders that a web server may hand out, by the setting that names them.
    pub(crate) served: Arc<[(&'static str, PathBuf)]>,
    #[cfg_attr(not(feature = "http"), expect(dead_code, reason = "for its layers"))]
    pub(crate) middleware: Arc<Middleware>,
    encoding: Encoding,
    /// `prefix:version:` of the alias' own version.
    head: String,
}

impl Shared {
    pub(crate) fn new(
        alias: Alias,
        flights: Arc<Flights>,
        served: Arc<[(&'static str, PathBuf)]>,
        middleware: Arc<Middleware>,
    ) -> Self {
        Self {
            store: Store::new(Arc::clone(&alias.backend)),
            flights,
            served,
            middleware,
            encoding: Encoding {
                codec: alias.serializer,
                compression: alias.compressor,
                min_size: alias.compressor_min_size,
            },
            head: format!("{}:{}:", alias.key_prefix, alias.version),
            alias,
        }
    }

    pub(crate) fn named(&self, error: Error) -> Error {
        error.with_cache(&self.alias.name, self.alias.settings.backend())
    }
}

impl Deref for Handle {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

impl Handle {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let on_error = shared.alias.on_error;
        Self { shared, on_error }
    }

    /// The same, with `ON_ERROR = "miss"` whatever the alias says.
    pub(crate) fn forgiving(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            on_error: OnError::Miss,
        }
    }

    #[inline]
    pub(crate) fn make_key(&self, key: &str, version: Option<&Version>) -> Key {
        if let Some(key_function) = &self.alias.key_function {
            let version = version.unwrap_or(&self.alias.version);
            return Key::new(&key_function(key, &self.alias.key_prefix, version));
        }
        let prefix = self.alias.key_prefix.as_str();
        match version {
            None => Key::concat(&[&self.head, key]),
            Some(Version::Number(number)) => {
                Key::concat(&[prefix, ":", itoa::Buffer::new().format(*number), ":", key])
            }
            Some(Version::Text(text)) => Key::concat(&[prefix, ":", text, ":", key]),
        }
    }

    /// Lets the store have its say on a final key.
    #[inline]
    pub(crate) fn check(&self, key: &Key) -> Result<()> {
        match self.store.check_key(key) {
            KeyCheck::Good => Ok(()),
            KeyCheck::Warn(problems) => {
                self.warn(key, &problems);
                Ok(())
            }
            KeyCheck::Refuse(problems) => Err(self.refused(key, &problems)),
        }
    }

    #[cold]
    fn warn(&self, key: &Key, problems: &[KeyProblem]) {
        if self.alias.key_warnings {
            for problem in problems {
                tracing::warn!(target: "cachemere::keys", alias = self.alias.name, "the key {} {problem}", key.shown());
            }
        }
    }

    #[cold]
    fn refused(&self, key: &Key, problems: &[KeyProblem]) -> Error {
        let problems: Vec<_> = problems.iter().map(ToString::to_string).collect();
        let message = format!("the key {} {}", key.shown(), problems.join(", and "));
        self.named(Error::new(ErrorKind::InvalidKey, message))
    }

    pub(crate) fn ttl(&self, timeout: Timeout) -> Result<Ttl> {
        timeout
            .resolve(self.alias.timeout)
            .map_err(|error| self.named(error))
    }

    /// Encodes; `key` is the user's, for the message.
    pub(crate) fn encode<T: Encode + ?Sized>(&self, key: &str, value: &T) -> Result<Value> {
        value.encode(&self.encoding).map_err(|error| {
            self.named(Error::new(
                error.kind(),
                format!("key {}: {}", Shown::new(key), error.message()),
            ))
        })
    }

    /// What a store gave back, ready to be decoded; `None` if it is damaged and to be removed.
    #[inline]
    pub(crate) fn readable(&self, key: &Key, value: Value) -> Option<Value> {
        let readable = decompress(value);
        if readable.is_none() {
            self.damaged(key);
        }
        readable
    }

    #[cold]
    fn damaged(&self, key: &Key) {
        self.alias.counters.count_damaged();
        tracing::warn!(
            alias = self.alias.name,
            "the key {} held damaged bytes and is removed",
            key.shown()
        );
    }

    /// Decodes what is [`readable`](Self::readable).
    ///
    /// # Errors
    /// For a value that is intact but not a `T`.
    pub(crate) fn decode<T: Decode>(&self, key: &Key, value: Value) -> Result<T> {
        T::decode(value).map_err(|error| self.undecodable(key, &error))
    }

    pub(crate) fn undecodable(&self, key: &Key, error: &Error) -> Error {
        self.named(Error::new(
            error.kind(),
            format!("key {} {}", key.shown(), error.message()),
        ))
    }

    /// The result, or what `ON_ERROR` makes of a fault of the store.
    #[inline]
    pub(crate) fn forgive<T>(&self, result: Result<T>, miss: impl FnOnce() -> T) -> Result<T> {
        match result {
            Ok(found) => Ok(found),
            Err(error) => self.forgiven(error).map(|()| miss()),
        }
    }

    #[cold]
    fn forgiven(&self, error: Error) -> Result<()> {
        if !error.is_fault() || self.on_error != OnError::Miss {
            return Err(self.named(error));
        }
        self.alias.counters.count_fault();
        tracing::warn!(
            alias = self.alias.name,
            "a fault is taken for a miss: {error}"
        );
        Ok(())
    }

    pub(crate) fn not_found(&self, key: &Key) -> Error {
        let message = format!(
            "key {} not found; `incr` and `incr_version` need one that exists",
            key.shown()
        );
        self.named(Error::new(ErrorKind::KeyNotFound, message))
    }

    /// The result of storing what was computed: a value that is too large is not stored, but it is a value.
    pub(crate) fn forgive_size<T>(
        &self,
        result: Result<T>,
        unstored: impl FnOnce() -> T,
    ) -> Result<T> {
        match result {
            Err(error) if error.kind() == ErrorKind::TooLarge => {
                tracing::warn!(
                    alias = self.alias.name,
                    "a computed value is not stored: {error}"
                );
                Ok(unstored())
            }
            other => self.forgive(other, unstored),
        }
    }

    /// `-delta`, for `decr`.
    pub(crate) fn negated(&self, delta: i64) -> Result<i64> {
        delta.checked_neg().ok_or_else(|| {
            self.named(Error::new(
                ErrorKind::Overflow,
                format!("a delta of {delta} has no opposite in 64 bits"),
            ))
        })
    }

    /// The numbers of the two versions that `incr_version` moves between.
    pub(crate) fn next_version(&self, version: Option<&Version>, delta: i64) -> Result<(i64, i64)> {
        let problem = match version.unwrap_or(&self.alias.version) {
            Version::Number(number) => match number.checked_add(delta) {
                Some(next) => return Ok((*number, next)),
                None => Error::new(
                    ErrorKind::Overflow,
                    format!("version {number} plus {delta} does not fit 64 bits"),
                ),
            },
            Version::Text(text) => Error::new(
                ErrorKind::InvalidVersion,
                format!(
                    "version {} is text; only a version that is a number can be counted on",
                    Shown::new(text)
                ),
            ),
        };
        Err(self.named(problem))
    }

    /// The lifetime that an entry takes along to another version.
    pub(crate) fn kept(&self, remaining: Remaining) -> Ttl {
        match remaining {
            Remaining::Never => None,
            Remaining::For(duration) => Some(duration),
            _ => self.alias.timeout,
        }
    }
}
