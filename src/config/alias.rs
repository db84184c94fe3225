use std::{fmt, sync::Arc, time::Duration};

use cachemere_base::{Backend, Clock, Codec, Compression, Counters, Settings, Ttl};

use crate::{Version, django::Django, registry::KeyFunction};

/// One alias: its settings, and the backend they open.
#[derive(Clone)]
pub(crate) struct Alias {
    pub(crate) name: String,
    pub(crate) settings: Settings,
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) counters: Arc<Counters>,
    #[cfg_attr(not(feature = "http"), expect(dead_code, reason = "for its layers"))]
    pub(crate) clock: Arc<dyn Clock>,
    /// LOCATION as the file has it, with passwords masked and variables not put in.
    pub(crate) location_shown: String,
    pub(crate) timeout: Ttl,
    pub(crate) key_prefix: String,
    pub(crate) version: Version,
    /// `None` for Django's `prefix:version:key`.
    pub(crate) key_function: Option<KeyFunction>,
    pub(crate) serializer: Codec,
    pub(crate) compressor: Compression,
    pub(crate) compressor_min_size: usize,
    pub(crate) on_error: OnError,
    pub(crate) key_warnings: bool,
    pub(crate) get_or_set_wait: Duration,
    pub(crate) django: Django,
    /// Whether a Django site has the entries, too: FORMAT.
    #[cfg_attr(not(feature = "http"), expect(dead_code, reason = "for its layers"))]
    pub(crate) is_djangos: bool,
    /// What has no effect or is said twice.
    pub(crate) notes: Vec<String>,
}

/// What a fault of the store becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnError {
    /// An error.
    Raise,
    /// A miss, counted and logged.
    Miss,
}

impl fmt::Debug for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alias")
            .field("name", &self.name)
            .field("backend", &self.settings.backend())
            .field("location", &self.location_shown)
            .field("timeout", &self.timeout)
            .field("serializer", &self.serializer)
            .field("compressor", &self.compressor)
            .field("on_error", &self.on_error)
            .field("django", &self.django)
            .finish_non_exhaustive()
    }
}
