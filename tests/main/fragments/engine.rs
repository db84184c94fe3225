//! What the tests of all engines have in common.

use std::{ops::Deref, sync::Arc, time::Duration};

use cachemere::{Caches, Remaining, base::ManualClock};
use serde::Serialize;

pub(super) use crate::faults::down;

/// Two aliases, and a clock that stands.
pub(super) struct Site(Caches);

impl Deref for Site {
    type Target = Caches;

    fn deref(&self) -> &Caches {
        &self.0
    }
}

impl Site {
    /// Asserts how many seconds the entry of `default` with this key lives, `None` for ever.
    pub(super) fn lives(&self, key: &str, seconds: Option<u64>) {
        let lives = seconds.map_or(Remaining::Never, |seconds| {
            Remaining::For(Duration::from_secs(seconds))
        });
        assert_eq!(self["default"].ttl(key).unwrap(), Some(lives));
    }
}

pub(super) fn site() -> Site {
    let toml = "[CACHES.default]\nBACKEND = 'locmem'\n\
                [CACHES.local]\nBACKEND = 'locmem'\nLOCATION = 'local'\n";
    let builder = Caches::builder().toml(toml);
    let builder = builder.clock(Arc::new(ManualClock::default()));
    Site(builder.build().unwrap())
}

pub(super) fn key(caches: &Caches, name: &str, vary_on: impl Serialize) -> String {
    let cache = &caches["default"];
    cache.make_template_fragment_key(name, vary_on).unwrap()
}
