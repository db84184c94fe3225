use std::{error::Error as StdError, fmt, sync::Arc};

/// `Result` with this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kind of problem an [`Error`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The alias is not configured.
    UnknownAlias,
    /// The configuration is wrong; the message has one line a problem.
    Config,
    /// The store refuses the key.
    InvalidKey,
    /// The timeout is not a number.
    InvalidTimeout,
    /// The version does not fit the operation.
    InvalidVersion,
    /// The name has no versions.
    UnknownVersion,
    /// The operation needs an entry, and there is none.
    KeyNotFound,
    /// The operation needs an integer, and the entry holds something else.
    NotAnInteger,
    /// A number does not fit: a sum 64 bits with a sign, or a stored integer the type that was asked for.
    Overflow,
    /// The value cannot be encoded.
    Encode,
    /// The entry is intact, but not a value of the type that was asked for.
    Decode,
    /// The value is larger than the store takes.
    TooLarge,
    /// The store does not offer the operation.
    Unsupported,
    /// The store cannot be reached. A fault.
    Unavailable,
    /// The store did not answer in time. A fault.
    TimedOut,
    /// The operating system refused: a full disk, a permission. A fault.
    Io,
    /// The store answered with an error of its own. A fault.
    Server,
    /// The backend panicked. A fault.
    Panicked,
}

impl ErrorKind {
    /// Whether the store is at fault, not the caller: `ON_ERROR = "miss"` turns these into misses.
    #[must_use]
    pub const fn is_fault(self) -> bool {
        matches!(
            self,
            Self::Unavailable | Self::TimedOut | Self::Io | Self::Server | Self::Panicked
        )
    }
}

/// What went wrong: one word wide, cheap to clone.
///
/// - Displayed as one line (one line a problem for [`ErrorKind::Config`]), without values and passwords.
/// - [`source`](StdError::source) has the error of the client or the operating system, where there is one.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    cache: Option<String>,
    setting: Option<String>,
    message: String,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error with a message: lower case, no full stop, names in backticks, and what would work.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            kind,
            cache: None,
            setting: None,
            message: message.into(),
            source: None,
        }))
    }

    /// A setting that a backend cannot work with: `setting` is its path below the alias, `OPTIONS.MAX_BYTES`.
    #[must_use]
    pub fn setting(setting: impl Into<String>, message: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorKind::Config, message);
        Arc::make_mut(&mut error.0).setting = Some(setting.into());
        error
    }

    /// The same error, caused by `source`.
    #[must_use]
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        Arc::make_mut(&mut self.0).source = Some(Arc::new(source));
        self
    }

    /// The same error, naming the cache it came from, unless it already names one.
    #[must_use]
    pub fn with_cache(mut self, alias: &str, backend: &str) -> Self {
        if self.0.cache.is_none() {
            Arc::make_mut(&mut self.0).cache = Some(format!("cache `{alias}` ({backend})"));
        }
        self
    }

    /// The kind of problem.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Whether the store is at fault, not the caller.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        self.0.kind.is_fault()
    }

    /// The message alone, without the name of the cache.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The path of the setting it is about, below the alias, if a backend named one.
    #[must_use]
    pub fn setting_path(&self) -> Option<&str> {
        self.0.setting.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(cache) = &self.0.cache {
            write!(f, "{cache}: ")?;
        }
        if let Some(setting) = &self.0.setting {
            write!(f, "`{setting}`: ")?;
        }
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({self})", self.0.kind)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_ref()
            .map(|source| source.as_ref() as &(dyn StdError + 'static))
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        let kind = match error.kind() {
            std::io::ErrorKind::TimedOut | std::io::ErrorKind::WouldBlock => ErrorKind::TimedOut,
            _ => ErrorKind::Io,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_names_the_cache_once_and_then_the_problem() {
        let error = Error::new(
            ErrorKind::Unavailable,
            "connection refused (127.0.0.1:6379)",
        );
        let error = error
            .with_cache("default", "redis")
            .with_cache("other", "redis");
        assert_eq!(
            error.to_string(),
            "cache `default` (redis): connection refused (127.0.0.1:6379)"
        );
    }

    #[test]
    fn an_error_is_one_word_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }

    #[test]
    fn the_source_is_kept() {
        let error = Error::from(std::io::Error::other("disk on fire"));
        assert_eq!(error.source().unwrap().to_string(), "disk on fire");
    }
}
