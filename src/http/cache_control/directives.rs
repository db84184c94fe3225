use std::fmt;

use super::{CacheControl, is_printable, quoted};

impl CacheControl {
    /// How many seconds an answer may be used without asking again.
    #[must_use]
    pub fn max_age(self, seconds: u64) -> Self {
        self.with("max-age", Some(seconds.to_string()))
    }

    /// `max-age` for caches that many users share, in seconds.
    #[must_use]
    pub fn s_maxage(self, seconds: u64) -> Self {
        self.with("s-maxage", Some(seconds.to_string()))
    }

    /// Any cache may store the answer, also one to a request with `Authorization`.
    #[must_use]
    pub fn public(self) -> Self {
        self.with("public", None)
    }

    /// The answer is for one user: no cache that users share may store it.
    #[must_use]
    pub fn private(self) -> Self {
        self.with("private", None)
    }

    /// These headers of the answer are for one user.
    ///
    /// # Panics
    /// If a name is not a token.
    #[must_use]
    #[track_caller]
    pub fn private_fields<N: AsRef<str>>(self, names: impl IntoIterator<Item = N>) -> Self {
        self.with_fields("private", names)
    }

    /// The answer may be stored, and is not used again before the server was asked.
    #[must_use]
    pub fn no_cache(self) -> Self {
        self.with("no-cache", None)
    }

    /// These headers of the answer are not used again before the server was asked.
    ///
    /// # Panics
    /// If a name is not a token.
    #[must_use]
    #[track_caller]
    pub fn no_cache_fields<N: AsRef<str>>(self, names: impl IntoIterator<Item = N>) -> Self {
        self.with_fields("no-cache", names)
    }

    /// No cache may store the answer.
    #[must_use]
    pub fn no_store(self) -> Self {
        self.with("no-store", None)
    }

    /// The content is handed on as it is.
    #[must_use]
    pub fn no_transform(self) -> Self {
        self.with("no-transform", None)
    }

    /// A stale answer is not used before the server was asked, not even if it cannot be reached.
    #[must_use]
    pub fn must_revalidate(self) -> Self {
        self.with("must-revalidate", None)
    }

    /// `must-revalidate` for caches that many users share.
    #[must_use]
    pub fn proxy_revalidate(self) -> Self {
        self.with("proxy-revalidate", None)
    }

    /// Only a cache that knows the rules of the status code may store the answer.
    #[must_use]
    pub fn must_understand(self) -> Self {
        self.with("must-understand", None)
    }

    /// The answer does not change while it is fresh: reloading a page does not ask for it again (RFC 8246).
    #[must_use]
    pub fn immutable(self) -> Self {
        self.with("immutable", None)
    }

    /// For how many seconds a stale answer may be used while a new one is fetched (RFC 5861).
    #[must_use]
    pub fn stale_while_revalidate(self, seconds: u64) -> Self {
        self.with("stale-while-revalidate", Some(seconds.to_string()))
    }

    /// For how many seconds a stale answer may be used instead of an error (RFC 5861).
    #[must_use]
    pub fn stale_if_error(self, seconds: u64) -> Self {
        self.with("stale-if-error", Some(seconds.to_string()))
    }

    /// Any directive with an argument, which is quoted if it has to be.
    ///
    /// # Panics
    /// If the name is not a token, or there are control characters in the value.
    #[must_use]
    #[track_caller]
    pub fn set(self, name: &str, value: impl fmt::Display) -> Self {
        let value = value.to_string();
        assert!(
            is_printable(&value),
            "the value of `{name}` has control characters, which no header can have"
        );
        self.with_token(name, Some(quoted(value)))
    }

    /// Any directive without an argument.
    ///
    /// # Panics
    /// If the name is not a token.
    #[must_use]
    #[track_caller]
    pub fn flag(self, name: &str) -> Self {
        self.with_token(name, None)
    }

    #[track_caller]
    fn with_token(mut self, name: &str, argument: Option<String>) -> Self {
        check_token(name);
        self.put(name.to_ascii_lowercase().into(), argument);
        self
    }

    #[track_caller]
    fn with_fields<N: AsRef<str>>(
        self,
        name: &'static str,
        fields: impl IntoIterator<Item = N>,
    ) -> Self {
        let fields: Vec<_> = fields.into_iter().collect();
        let fields: Vec<_> = fields.iter().map(AsRef::as_ref).collect();
        fields.iter().copied().for_each(check_token);
        self.with(name, Some(format!("\"{}\"", fields.join(", "))))
    }

    fn with(mut self, name: &'static str, argument: Option<String>) -> Self {
        self.put(name.into(), argument);
        self
    }
}

#[track_caller]
fn check_token(name: &str) {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    assert!(
        !name.is_empty() && name.chars().all(is_token),
        "`{}` cannot be a name in Cache-Control; letters, digits and `-` can",
        name.escape_debug()
    );
}
