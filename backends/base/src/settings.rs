use std::{fmt, sync::Arc};

use crate::{Codec, Error, Result};

/// What `caches.toml` says of one alias, as far as it concerns its backend.
#[derive(Clone)]
pub struct Settings {
    alias: Arc<str>,
    backend: Arc<str>,
    location: Vec<String>,
    max_entries: u64,
    cull_frequency: u64,
    codec: Codec,
    forgives: bool,
    given: Vec<String>,
}

impl Settings {
    /// Settings with Django's defaults: MAX_ENTRIES 300, CULL_FREQUENCY 3, no LOCATION.
    ///
    /// `backend` is the name that `BACKEND` used.
    #[must_use]
    pub fn new(alias: &str, backend: &str) -> Self {
        Self {
            alias: alias.into(),
            backend: backend.into(),
            location: Vec::new(),
            max_entries: 300,
            cull_frequency: 3,
            codec: Codec::MessagePack,
            forgives: false,
            given: Vec::new(),
        }
    }

    /// The same settings with this LOCATION.
    #[must_use]
    pub fn with_location(mut self, location: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.location = location.into_iter().map(Into::into).collect();
        self
    }

    /// The same settings with this `OPTIONS.MAX_ENTRIES`.
    #[must_use]
    pub fn with_max_entries(mut self, max_entries: u64) -> Self {
        self.max_entries = max_entries;
        self
    }

    /// The same settings with this `OPTIONS.CULL_FREQUENCY`.
    #[must_use]
    pub fn with_cull_frequency(mut self, cull_frequency: u64) -> Self {
        self.cull_frequency = cull_frequency;
        self
    }

    /// The same settings with this `OPTIONS.SERIALIZER`.
    #[must_use]
    pub fn with_codec(mut self, codec: Codec) -> Self {
        self.codec = codec;
        self
    }

    /// The same settings with this `OPTIONS.ON_ERROR`: see [`forgives`](Self::forgives).
    #[must_use]
    pub fn with_forgiveness(mut self, forgives: bool) -> Self {
        self.forgives = forgives;
        self
    }

    /// The same settings, remembering which options were spelled out: see [`is_given`](Self::is_given).
    #[must_use]
    pub fn with_given(mut self, options: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.given = options.into_iter().map(Into::into).collect();
        self
    }

    /// The alias.
    #[must_use]
    pub fn alias(&self) -> &str {
        &self.alias
    }

    /// The name that `BACKEND` used: one of [`Open::NAMES`](crate::Open::NAMES).
    #[must_use]
    pub fn backend(&self) -> &str {
        &self.backend
    }

    /// LOCATION, where the store has one place: empty if it was left out.
    ///
    /// # Errors
    /// If LOCATION is a list of several.
    pub fn location(&self) -> Result<&str> {
        match self.location.as_slice() {
            [] => Ok(""),
            [location] => Ok(location),
            several => {
                let message = format!("one place was expected, the list has {}", several.len());
                Err(Error::setting("LOCATION", message))
            }
        }
    }

    /// LOCATION as a list: one member if it is a text, none if it was left out.
    #[must_use]
    pub fn locations(&self) -> &[String] {
        &self.location
    }

    /// `OPTIONS.MAX_ENTRIES`: how many entries the store may hold before it culls.
    #[must_use]
    pub fn max_entries(&self) -> u64 {
        self.max_entries
    }

    /// How many of `entries` a cull removes: all of them where CULL_FREQUENCY is 0 or 1, else `1 / CULL_FREQUENCY`,
    /// and at least one.
    #[must_use]
    pub fn cull_size(&self, entries: u64) -> u64 {
        match self.cull_frequency {
            0 => entries,
            frequency => (entries / frequency).max(1).min(entries),
        }
    }

    /// `OPTIONS.SERIALIZER`: how values are encoded that are written. What is read says itself how it is, unless others
    /// wrote it.
    #[must_use]
    pub fn codec(&self) -> Codec {
        self.codec
    }

    /// Whether `OPTIONS.ON_ERROR` takes a fault for a miss.
    ///
    /// That is done for every backend, and is an error of none. One that reaches several servers may use it to give what
    /// some of them have where another fails; it counts and logs the fault then.
    #[must_use]
    pub fn forgives(&self) -> bool {
        self.forgives
    }

    /// Whether the configuration spells out this member of OPTIONS.
    #[must_use]
    pub fn is_given(&self, option: &str) -> bool {
        self.given.iter().any(|given| given == option)
    }
}

impl fmt::Debug for Settings {
    /// Without LOCATION, which may have a password in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("alias", &self.alias)
            .field("backend", &self.backend)
            .field("max_entries", &self.max_entries)
            .field("cull_frequency", &self.cull_frequency)
            .field("given", &self.given)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_does_not_show_the_location() {
        let settings = Settings::new("a", "redis").with_location(["redis://:hunter2@host"]);
        assert!(!format!("{settings:?}").contains("hunter2"));
    }

    #[test]
    fn a_cull_removes_at_least_one_and_never_more_than_there_are() {
        let culls = |frequency, entries| {
            Settings::new("a", "b")
                .with_cull_frequency(frequency)
                .cull_size(entries)
        };
        assert_eq!(
            (
                culls(3, 30),
                culls(0, 30),
                culls(1, 30),
                culls(10, 3),
                culls(3, 0)
            ),
            (10, 30, 30, 1, 0)
        );
    }

    #[test]
    fn a_list_of_several_is_not_one_place() {
        let settings = Settings::new("a", "locmem").with_location(["x", "y"]);
        assert_eq!(
            settings.location().unwrap_err().setting_path(),
            Some("LOCATION")
        );
    }
}
