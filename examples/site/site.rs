//! What all pages share, and which layers they are under.

use std::{
    collections::HashMap,
    error::Error,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use cachemere::{
    Caches,
    http::{
        CachePageLayer, ConditionalGetLayer, FetchFromCacheLayer, Pages, UpdateCacheLayer,
        cache_control, never_cache, vary_on_headers,
    },
    versions::CacheVersionsLayer,
};
use minijinja::Environment;
use serde::Serialize;

use crate::{
    aliases,
    levels::{self, LEVELS, Level},
    loom::Loom,
    overview, purge, templates,
};

/// The name of the versions that one purge makes unreachable.
pub(crate) const SWATCHES: &str = "swatches";

/// The state of the site.
#[derive(Clone)]
pub(crate) struct Site(Arc<Shared>);

struct Shared {
    caches: Caches,
    templates: Environment<'static>,
    per_site: Pages,
    per_view: Pages,
    /// The levels alone, without the pages that show them.
    levels: Mutex<Router>,
    tally: Mutex<HashMap<String, Tally>>,
}

/// How often an alias had what it was asked for.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Tally {
    pub(crate) hits: u64,
    pub(crate) misses: u64,
}

/// What the answer of a level took, and whether it came out of a cache: an extension of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measure {
    pub(crate) took: Duration,
    pub(crate) is_hit: bool,
}

/// The whole site.
pub(crate) fn router(caches: &Caches) -> Result<Router, Box<dyn Error>> {
    caches.versions().start(SWATCHES)?; // in an application of yours: a migration
    let whole_site = UpdateCacheLayer::with_caches(caches);
    let view = CachePageLayer::with_caches(caches, 600).route(SWATCHES);
    let site = Site(Arc::new(Shared {
        caches: caches.clone(),
        templates: templates::environment(caches)?,
        per_site: whole_site.pages(),
        per_view: view.pages(),
        levels: Mutex::default(),
        tally: Mutex::default(),
    }));

    // a layer is outside of those that were added before it: read from below
    let per_site = Router::new()
        .route("/per-site/", get(levels::greeting))
        .layer(FetchFromCacheLayer::new())
        .layer(vary_on_headers(["Accept-Language"]))
        .layer(whole_site);
    let per_view = Router::new().route("/per-view/{code}/", get(levels::page).layer(view));
    let inside = Router::new()
        .route("/fragment/", get(levels::fragment))
        .route("/low-level/", get(levels::low_level))
        .route("/versions/", get(levels::versions))
        .route("/uncached/", get(levels::page))
        .layer(CacheVersionsLayer::new(caches.versions()))
        .layer(never_cache());
    let levels = per_site
        .merge(per_view)
        .merge(inside)
        .layer(from_fn_with_state(site.clone(), measured))
        .with_state(site.clone());
    *site.lock(&site.0.levels) = levels.clone();

    let style = get(async || {
        let style = include_str!("templates/style.css");
        ([(header::CONTENT_TYPE, "text/css")], style)
    });
    let pages = Router::new()
        .route("/", get(overview::page))
        .route("/caches/", get(aliases::page))
        .route("/purge", post(purge::purge))
        .layer(never_cache())
        .route("/style.css", style.layer(cache_control().max_age(3600)))
        .with_state(site);
    Ok(levels.merge(pages).layer(ConditionalGetLayer::new()))
}

/// Measures a level, and counts.
async fn measured(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let level = LEVELS
        .iter()
        .find(|level| request.uri().path() == level.path);
    let (loom, started) = (Loom::default(), Instant::now());
    request.extensions_mut().insert(loom.clone());
    let mut answer = next.run(request).await;
    let measure = Measure {
        took: started.elapsed(),
        is_hit: !loom.was_used(),
    };
    if let Some(level) = level {
        site.count(level, measure.is_hit);
    }
    let timing = format!(
        "cache;desc={};dur={:.3}",
        if measure.is_hit { "hit" } else { "miss" },
        measure.took.as_secs_f64() * 1000.0
    );
    if let Ok(timing) = HeaderValue::from_str(&timing) {
        answer.headers_mut().insert("server-timing", timing);
    }
    answer.extensions_mut().insert(measure);
    answer
}

impl Site {
    pub(crate) fn caches(&self) -> &Caches {
        &self.0.caches
    }

    /// The pages of the whole site.
    pub(crate) fn per_site(&self) -> &Pages {
        &self.0.per_site
    }

    /// The pages of one view.
    pub(crate) fn per_view(&self) -> &Pages {
        &self.0.per_view
    }

    pub(crate) fn levels(&self) -> Router {
        self.lock(&self.0.levels).clone()
    }

    pub(crate) fn tally(&self, alias: &str) -> Tally {
        let tally = self.lock(&self.0.tally);
        tally.get(alias).copied().unwrap_or_default()
    }

    fn count(&self, level: &Level, is_hit: bool) {
        let Some(cache) = level.cache(self) else {
            return;
        };
        let mut tally = self.lock(&self.0.tally);
        let tally = tally.entry(cache.describe().alias).or_default();
        tally.hits += u64::from(is_hit);
        tally.misses += u64::from(!is_hit);
    }

    fn lock<'a, T>(&self, mutex: &'a Mutex<T>) -> std::sync::MutexGuard<'a, T> {
        mutex.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A page of a template.
    pub(crate) fn render(
        &self,
        name: &str,
        context: minijinja::Value,
    ) -> Result<Html<String>, Failure> {
        let template = self.0.templates.get_template(name)?;
        Ok(Html(template.render(context)?))
    }
}

/// What went wrong, on a page: fit for an example, not for strangers.
pub(crate) struct Failure(Box<dyn Error + Send + Sync>);

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let text = format!("{:#}\n", self.0);
        (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
    }
}
