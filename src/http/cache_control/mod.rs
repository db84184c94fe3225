mod directives;
mod syntax;

use std::{borrow::Cow, fmt};

use http::{HeaderMap, HeaderValue, header};

use self::syntax::{closed, quoted, unquoted};

/// The greatest number of seconds that RFC 9111 asks of a cache; greater ones are taken for it.
pub(super) const MAX_SECONDS: u64 = 1 << 31;

/// The directives of a `Cache-Control` header, in their order (RFC 9111, section 5.2).
///
/// - Names are read in any case; arguments as tokens or quoted strings; directives that are not known stay as they are.
/// - Of a directive that is there twice the later one counts, at the place of the first. The fields of `no-cache` and
///   `private` add up, and without fields they stand for all of them.
/// - A `max-age` that is no number is not there.
///
/// ```
/// use cachemere::http::{CacheControl, cache_control};
///
/// let header = CacheControl::parse("Public, MAX-AGE=\"60\", stale-while-revalidate=30");
/// assert!(header.has("public"));
/// assert_eq!(header.seconds("max-age"), Some(60));
/// assert_eq!(header.to_string(), "public, max-age=\"60\", stale-while-revalidate=30");
///
/// let directives = cache_control().private().max_age(3600).set("stale-if-error", 60);
/// assert_eq!(directives.to_string(), "private, max-age=3600, stale-if-error=60");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CacheControl {
    directives: Vec<Directive>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Directive {
    /// In lower case.
    name: Cow<'static, str>,
    /// As it is written.
    argument: Option<String>,
}

/// Directives to be named, for [`patch_cache_control`] and as a layer, which does that to all responses.
///
/// ```
/// use axum::{Router, routing::get};
/// use cachemere::http::cache_control;
///
/// let app: Router = Router::new()
///     .route("/account", get(async || "for you only"))
///     .layer(cache_control().private().max_age(3600));
/// ```
#[must_use]
pub fn cache_control() -> CacheControl {
    CacheControl::default()
}

impl CacheControl {
    /// Reads the value of a header. What is not well-formed is an unknown directive; one with control characters, which
    /// no header has, is left out.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut parsed = Self::default();
        parsed.read(text);
        parsed
    }

    /// Reads the `Cache-Control` of some headers, all lines of it.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        let mut parsed = Self::default();
        for value in headers.get_all(header::CACHE_CONTROL) {
            parsed.read(&String::from_utf8_lossy(value.as_bytes()));
        }
        parsed
    }

    fn read(&mut self, text: &str) {
        let directives = syntax::directives(text);
        let directives = directives
            .filter(|(name, argument)| is_printable(name) && argument.is_none_or(is_printable));
        for (name, argument) in directives {
            let argument = argument.map(closed);
            self.put(name.to_ascii_lowercase().into(), argument);
        }
    }

    /// Whether there is no directive.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.directives.is_empty()
    }

    /// Whether a directive is there, with an argument or without.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The argument of a directive, without quotes; `None` if there is no directive, or no argument.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        self.find(name)?.argument.as_deref().map(unquoted)
    }

    /// The argument of a directive in seconds, 2³¹ at most; `None` if it is not a whole number. One below 0 is 0.
    #[must_use]
    pub fn seconds(&self, name: &str) -> Option<u64> {
        let argument = self.get(name)?;
        let digits = argument.strip_prefix('-').unwrap_or(&argument);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        if digits.len() < argument.len() {
            return Some(0);
        }
        Some(digits.parse().unwrap_or(MAX_SECONDS).min(MAX_SECONDS))
    }

    fn find(&self, name: &str) -> Option<&Directive> {
        self.directives
            .iter()
            .find(|directive| directive.name.eq_ignore_ascii_case(name))
    }

    /// Adds a directive; one of the same name goes, unless both name fields.
    fn put(&mut self, name: Cow<'static, str>, argument: Option<String>) {
        let is_same = |directive: &Directive| directive.name == name;
        let Some(first) = self.directives.iter().position(is_same) else {
            self.directives.push(Directive { name, argument });
            return;
        };
        let takes_fields = matches!(&*name, "no-cache" | "private");
        if takes_fields && argument.is_some() {
            let known = || {
                self.directives
                    .iter()
                    .filter(|directive| is_same(directive))
            };
            let is_covered =
                known().any(|known| known.argument.is_none() || known.argument == argument);
            if !is_covered {
                let after = first + known().count();
                self.directives.insert(after, Directive { name, argument });
            }
            return;
        }
        self.directives[first].argument = argument;
        let mut at = 0..;
        self.directives.retain(|directive| {
            let is_first = at.next() == Some(first);
            is_first || directive.name != name
        });
    }

    /// Adds these directives: see [`patch_cache_control`].
    pub fn patch(&mut self, changes: &Self) {
        let shorter = self.seconds("max-age").min(changes.seconds("max-age"));
        if self.has("private") && changes.has("public") {
            self.remove("private");
        } else if self.has("public") && changes.has("private") {
            self.remove("public");
        }
        for Directive { name, argument } in &changes.directives {
            let argument = match shorter {
                Some(seconds) if name == "max-age" => Some(seconds.to_string()),
                _ => argument.clone(),
            };
            self.put(name.clone(), argument);
        }
    }

    fn remove(&mut self, name: &str) {
        self.directives.retain(|directive| directive.name != name);
    }

    fn to_header(&self) -> HeaderValue {
        HeaderValue::try_from(self.to_string()).expect("there are no control characters in it")
    }
}

/// Whether a header can have this text.
fn is_printable(text: &str) -> bool {
    let is_control = |byte: u8| byte.is_ascii_control() && byte != b'\t';
    !text.bytes().any(is_control)
}

impl fmt::Display for CacheControl {
    /// As the value of a header.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Directive { name, argument }) in self.directives.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{name}")?;
            if let Some(argument) = argument {
                write!(f, "={argument}")?;
            }
        }
        Ok(())
    }
}

/// Adds directives to the `Cache-Control` of a response.
///
/// - What else is there stays, in its order.
/// - `max-age` becomes the smaller one of the two.
/// - `public` takes the place of `private`, and the other way round.
///
/// ```
/// use cachemere::http::{cache_control, patch_cache_control};
/// use http::HeaderMap;
///
/// let mut headers = HeaderMap::new();
/// headers.insert("Cache-Control", "private, max-age=60".parse().unwrap());
/// patch_cache_control(&mut headers, &cache_control().public().max_age(600));
/// assert_eq!(headers["Cache-Control"], "max-age=60, public");
/// ```
pub fn patch_cache_control(headers: &mut HeaderMap, changes: &CacheControl) {
    let mut directives = CacheControl::of(headers);
    directives.patch(changes);
    if !directives.is_empty() {
        headers.insert(header::CACHE_CONTROL, directives.to_header());
    }
}

/// The seconds of `max-age`, 2³¹ at most; `None` if it is not there, or not a whole number. One below 0 is 0.
#[must_use]
pub fn get_max_age(headers: &HeaderMap) -> Option<u64> {
    CacheControl::of(headers).seconds("max-age")
}
