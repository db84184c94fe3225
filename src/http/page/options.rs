use std::sync::atomic::{AtomicU64, Ordering};

use cachemere_base::{DEFAULT_TIMEOUT, Result, Timeout};

use super::{generation, pages::Pages, rules::Lifetime};
use crate::Caches;

/// A page may have this many bytes unless a layer says otherwise: 1 MiB.
const MAX_BODY: usize = 1 << 20;

/// What a page-cache layer was told.
#[derive(Clone, Debug)]
pub(super) struct Options {
    /// A number that no other options have.
    pub(super) id: u64,
    pub(super) caches: Caches,
    /// One of `caches`.
    pub(super) alias: String,
    pub(super) key_prefix: String,
    pub(super) lifetime: Lifetime,
    pub(super) max_body: usize,
    /// Where the generation of the route is stored, if it has a name.
    pub(super) route_key: Option<String>,
    pub(super) route: Option<String>,
}

impl Options {
    /// Those of `cache_page`: the alias `default`, no prefix.
    pub(super) fn per_view(caches: &Caches, timeout: Timeout) -> Result<Self> {
        let page = match timeout {
            DEFAULT_TIMEOUT => None,
            timeout => Some(timeout.resolve(None)?),
        };
        let site = Self::per_site(caches);
        Ok(Self {
            alias: "default".to_owned(),
            key_prefix: String::new(),
            lifetime: Lifetime {
                page,
                ..site.lifetime
            },
            ..site
        })
    }

    /// Those of CACHE_MIDDLEWARE.
    pub(super) fn per_site(caches: &Caches) -> Self {
        let middleware = &caches["default"].handle.middleware;
        Self {
            id: next_id(),
            caches: caches.clone(),
            alias: middleware.alias.clone(),
            key_prefix: middleware.key_prefix.clone(),
            lifetime: Lifetime {
                page: None,
                seconds: middleware.seconds,
            },
            max_body: MAX_BODY,
            route: None,
            route_key: None,
        }
    }

    /// These, changed.
    pub(super) fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut options = Self {
            id: next_id(),
            ..self.clone()
        };
        change(&mut options);
        let route = options.route.as_deref();
        options.route_key = route.map(|name| generation::of_route(&options.key_prefix, name));
        options
    }

    /// The pages that are stored by these.
    pub(super) fn pages(&self) -> Pages {
        Pages::new(&self.caches[self.alias.as_str()]).key_prefix(self.key_prefix.as_str())
    }
}

fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
