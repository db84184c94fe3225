//! The levels: one page each, which shows a swatch, and is as slow as the loom where nothing is cached.

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, header},
    response::Html,
};
use cachemere::{Cache, versions::RequestVersions};
use minijinja::{Value, context};

use crate::{
    loom::{Loom, Swatch},
    site::{Failure, SWATCHES, Site},
};

/// What is said of a level.
#[derive(Debug)]
pub(crate) struct Level {
    pub(crate) name: &'static str,
    pub(crate) path: &'static str,
    title: &'static str,
    says: &'static str,
    pub(crate) lives: &'static str,
    code: &'static str,
}

pub(crate) const LEVELS: [Level; 6] = [
    Level {
        name: "uncached",
        path: "/uncached/",
        title: "No cache",
        says: "The page is made for every visitor, and nobody may keep it.",
        lives: "for this moment",
        code: ".layer(never_cache())",
    },
    Level {
        name: "per-site",
        path: "/per-site/",
        title: "The per-site cache",
        says: "Two layers around the whole site. What lies between them may add to Vary: here, each language has a page.",
        lives: "for CACHE_MIDDLEWARE_SECONDS",
        code: ".layer(FetchFromCacheLayer::new())\n.layer(vary_on_headers([\"Accept-Language\"]))\n.layer(UpdateCacheLayer::new())",
    },
    Level {
        name: "per-view",
        path: "/per-view/23/",
        title: "The per-view cache",
        says: "One layer on one route. Every URL has a page of its own, and the name of the route purges them all.",
        lives: "for 600 seconds",
        code: "let cached = CachePageLayer::new(600)\n    .route(\"swatches\");\nrouter.route(path, get(view).layer(cached))",
    },
    Level {
        name: "fragment",
        path: "/fragment/",
        title: "A template fragment",
        says: "The page is rendered each time; the slow part of it is not.",
        lives: "for 600 seconds",
        code: "{% call cache(600, \"swatch\", language) %}\n    {{ weave() }}\n{% endcall %}",
    },
    Level {
        name: "low-level",
        path: "/low-level/",
        title: "The low-level API",
        says: "A value under a key. However many ask at once, one of them weaves.",
        lives: "for 600 seconds",
        code: "let weave = async || loom.weave().await;\nlet swatch: Swatch = cache\n    .aget_or_set(\"swatch\", weave, 600).await?",
    },
    Level {
        name: "versions",
        path: "/versions/",
        title: "Named versions",
        says: "The version of a name is part of the key. One change of it, and every entry of that kind is out of reach.",
        lives: "for ever",
        code: "let tag = versions.aget(\"swatches\").await?;\nlet swatch: Swatch = cache.version(tag)\n    .aget_or_set(\"swatch\", weave, None).await?",
    },
];

impl From<&Level> for Value {
    fn from(level: &Level) -> Self {
        let Level {
            name,
            path,
            title,
            says,
            lives: _,
            code,
        } = *level;
        context!(name, path, title, says, code)
    }
}

impl Level {
    /// Where it keeps what it has.
    pub(crate) fn cache(&self, site: &Site) -> Option<Cache> {
        let alias = match self.name {
            "per-site" => return Some(site.per_site().cache().clone()),
            "per-view" => return Some(site.per_view().cache().clone()),
            "fragment" => "template_fragments",
            "low-level" => "products",
            "versions" => "sessions",
            _ => return None,
        };
        Some(site.caches().get_or_default(alias))
    }
}

fn level(name: &str) -> &'static Level {
    let mut all = LEVELS.iter();
    all.find(|level| level.name == name).unwrap_or(&LEVELS[0])
}

/// The language of a visitor, of those that the site speaks.
pub(crate) fn language(headers: &HeaderMap) -> &'static str {
    let wanted = headers.get(header::ACCEPT_LANGUAGE);
    let wanted = wanted
        .and_then(|wanted| wanted.to_str().ok())
        .unwrap_or_default();
    match wanted.get(..2) {
        Some("de") => "de",
        Some("fr") => "fr",
        Some("ja") => "ja",
        _ => "en",
    }
}

fn hello(language: &str) -> &'static str {
    match language {
        "de" => "Guten Tag",
        "fr" => "Bonjour",
        "ja" => "こんにちは",
        _ => "Good day",
    }
}

/// A page that says the same to everyone.
pub(crate) async fn page(
    State(site): State<Site>,
    Extension(loom): Extension<Loom>,
    uri: axum::extract::OriginalUri,
) -> Result<Html<String>, Failure> {
    let name = uri.path().split('/').nth(1).unwrap_or_default();
    let swatch = loom.weave().await;
    site.render("level.html", context!(level => level(name), swatch))
}

/// A page in the language of the visitor.
pub(crate) async fn greeting(
    State(site): State<Site>,
    Extension(loom): Extension<Loom>,
    headers: HeaderMap,
) -> Result<Html<String>, Failure> {
    let language = language(&headers);
    let (hello, swatch) = (hello(language), loom.weave().await);
    site.render(
        "level.html",
        context!(level => level("per-site"), language, hello, swatch),
    )
}

/// A page whose template has a part that is cached.
pub(crate) async fn fragment(
    State(site): State<Site>,
    Extension(loom): Extension<Loom>,
    headers: HeaderMap,
) -> Result<Html<String>, Failure> {
    let language = language(&headers);
    let hello = hello(language);
    let weave = Value::from_function(move || Value::from(loom.weave_blocking()));
    let render = move || {
        let context = context!(level => level("fragment"), language, hello, weave);
        site.render("level.html", context)
    };
    tokio::task::spawn_blocking(render).await?
}

/// A page of a value that is cached.
pub(crate) async fn low_level(
    State(site): State<Site>,
    Extension(loom): Extension<Loom>,
) -> Result<Html<String>, Failure> {
    let level = level("low-level");
    let cache = site.caches().get_or_default("products");
    let weave = async move || loom.weave().await;
    let swatch: Swatch = cache.aget_or_set("swatch", weave, 600).await?;
    site.render("level.html", context!(level, swatch))
}

/// A page of a value that is cached under the version of a name.
pub(crate) async fn versions(
    State(site): State<Site>,
    Extension(loom): Extension<Loom>,
    Extension(versions): Extension<RequestVersions>,
) -> Result<Html<String>, Failure> {
    let level = level("versions");
    let cache = site.caches().get_or_default("sessions");
    let cache = cache.version(versions.aget(SWATCHES).await?);
    let weave = async move || loom.weave().await;
    let swatch: Swatch = cache.aget_or_set("swatch", weave, None).await?;
    site.render("level.html", context!(level, swatch))
}
