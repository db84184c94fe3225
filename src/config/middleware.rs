use std::time::Duration;

use super::{path::KeyPath, reader::Reader, vocabulary::*};

/// What the middleware of HTTP reads: where pages are stored, for how long, and what their keys are made of.
#[cfg_attr(
    not(feature = "http"),
    allow(dead_code, reason = "the file serves programs without it, too")
)]
#[derive(Clone, Debug)]
pub(crate) struct Middleware {
    /// One of the aliases.
    pub(crate) alias: String,
    pub(crate) seconds: Duration,
    pub(crate) key_prefix: String,
    /// The names of cookies that do not tell pages apart; one that ends in `*` stands for all that begin so.
    pub(crate) ignored_cookies: Vec<String>,
    /// What a request's language is unless it says so itself; `None` if no page depends on it.
    pub(crate) language: Option<String>,
    /// What a request's time zone is unless it says so itself; `None` if no page depends on it.
    pub(crate) time_zone: Option<String>,
    pub(crate) uses_forwarded_host: bool,
    pub(crate) ssl_header: Option<SslHeader>,
}

/// A request header by which a proxy tells of TLS.
#[cfg_attr(
    not(feature = "http"),
    allow(dead_code, reason = "the file serves programs without it, too")
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SslHeader {
    /// In lower case.
    pub(crate) name: String,
    pub(crate) value: String,
}

impl Reader<'_> {
    pub(super) fn middleware(&mut self) -> Middleware {
        let language = self.text(&key(LANGUAGE_CODE));
        let time_zone = self.text(&key(TIME_ZONE));
        let uses_language = self.flag(&key(USE_I18N)).unwrap_or(false);
        let uses_time_zone = self.flag(&key(USE_TZ)).unwrap_or(false);
        Middleware {
            alias: self
                .one_of(&key(MIDDLEWARE_ALIAS), &key(CACHES), "alias")
                .unwrap_or(DEFAULT.to_owned()),
            seconds: self.seconds().unwrap_or(Duration::from_secs(600)),
            key_prefix: self.text(&key(MIDDLEWARE_KEY_PREFIX)).unwrap_or_default(),
            ignored_cookies: self.list(&key(IGNORE_COOKIES)).unwrap_or_default(),
            language: uses_language.then(|| language.unwrap_or("en-us".to_owned())),
            time_zone: uses_time_zone.then(|| time_zone.unwrap_or("UTC".to_owned())),
            uses_forwarded_host: self.flag(&key(USE_X_FORWARDED_HOST)).unwrap_or(false),
            ssl_header: self.ssl_header(),
        }
    }

    /// A lifetime that has an end.
    fn seconds(&mut self) -> Option<Duration> {
        let path = key(MIDDLEWARE_SECONDS);
        match self.ttl(&path)? {
            Some(seconds) => Some(seconds),
            None => self.refuse(
                &path,
                "expected seconds (`600`) or a text such as `\"10m\"`",
            ),
        }
    }

    fn list(&mut self, path: &KeyPath) -> Option<Vec<String>> {
        match self.tree.get(path)?.as_str() {
            Some(_) => self.refuse(path, "expected a list of texts"),
            None => self.texts(path),
        }
    }

    fn ssl_header(&mut self) -> Option<SslHeader> {
        let path = key(SECURE_PROXY_SSL_HEADER);
        match self.list(&path)?.as_slice() {
            [name, value] => Some(SslHeader {
                name: header_name(name),
                value: value.clone(),
            }),
            _ => self.refuse(
                &path,
                "expected a header and what it says of TLS, `[\"X-Forwarded-Proto\", \"https\"]`",
            ),
        }
    }
}

fn key(name: &str) -> KeyPath {
    KeyPath::new([name])
}

/// The name of a header, also as Django has it in its settings: `HTTP_X_FORWARDED_PROTO`.
fn header_name(name: &str) -> String {
    let name = name.strip_prefix("HTTP_").unwrap_or(name);
    name.to_ascii_lowercase().replace('_', "-")
}
