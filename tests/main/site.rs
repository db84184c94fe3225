//! A site with several aliases over one store, with a clock that tests move.

use std::{ops::Deref, sync::Arc, time::Duration};

use cachemere::{Caches, base::ManualClock};
use tempfile::TempDir;

pub(crate) struct Site {
    caches: Caches,
    clock: Arc<ManualClock>,
    _folder: TempDir,
}

impl Site {
    pub(crate) fn advance(&self, seconds: f64) {
        self.clock.advance(Duration::from_secs_f64(seconds));
    }
}

impl Deref for Site {
    type Target = Caches;

    fn deref(&self) -> &Caches {
        &self.caches
    }
}

/// The stores that need no server and keep what they are given.
pub(crate) const STORES: &[&str] = &[
    #[cfg(feature = "db")]
    "db",
    "file",
    "locmem",
];

/// Django's test aliases, all over one place of this backend.
pub(crate) fn site(backend: &str) -> Site {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache").display().to_string();
    let (location, databases) = match backend {
        "db" => ("cache", format!("[DATABASES]\ndefault = 'sqlite:{path}'\n")),
        _ => (path.as_str(), String::new()),
    };
    let alias = |name: &str, more: &str| {
        format!("[CACHES.{name}]\nBACKEND = '{backend}'\nLOCATION = '{location}'\n{more}\n")
    };
    let toml = [
        databases,
        alias("default", ""),
        alias("prefix", "KEY_PREFIX = 'cacheprefix'"),
        alias("v2", "VERSION = 2"),
        alias("text_version", "VERSION = 'v-text'"),
        alias("custom_key", "KEY_FUNCTION = 'tests.custom_key'"),
        alias("never", "TIMEOUT = 'never'"),
        alias("at_once", "TIMEOUT = 0"),
        alias("quiet", "OPTIONS.KEY_WARNINGS = false"),
        alias("impatient", "OPTIONS.GET_OR_SET_WAIT = '50ms'"),
    ]
    .concat();
    let clock = Arc::new(ManualClock::default());
    let clock_of_caches: Arc<ManualClock> = Arc::clone(&clock);
    let caches = Caches::builder()
        .toml(&toml)
        .key_function("tests.custom_key", |key, prefix, version| {
            format!("CUSTOM-{prefix}-{version}-{key}")
        })
        .clock(clock_of_caches)
        .build()
        .unwrap();
    Site {
        caches,
        clock,
        _folder: folder,
    }
}

/// Makes each function a test on each store that needs no server.
macro_rules! on_every_store {
    ($($(#[$meta:meta])* fn $name:ident($site:ident) $body:block)*) => {
        $(fn $name($site: &crate::site::Site) $body)*

        #[cfg(feature = "db")]
        mod db {
            $($(#[$meta])* #[test] fn $name() { super::$name(&crate::site::site("db")); })*
        }

        mod locmem {
            $($(#[$meta])* #[test] fn $name() { super::$name(&crate::site::site("locmem")); })*
        }

        mod file {
            $($(#[$meta])* #[test] fn $name() { super::$name(&crate::site::site("file")); })*
        }
    };
}

pub(crate) use on_every_store;
