//! Purging, level by level.

use axum::{
    Form,
    extract::State,
    http::{HeaderMap, header},
    response::Redirect,
};
use serde::Deserialize;

use crate::{
    levels::{LEVELS, Level, language},
    site::{Failure, SWATCHES, Site},
};

#[derive(Deserialize)]
pub(crate) struct Wish {
    /// The name of one, or `all`.
    level: String,
}

pub(crate) async fn purge(
    State(site): State<Site>,
    headers: HeaderMap,
    Form(wish): Form<Wish>,
) -> Result<Redirect, Failure> {
    for level in &LEVELS {
        if wish.level == "all" || wish.level == level.name {
            purge_level(&site, level, &headers).await?;
        }
    }
    Ok(Redirect::to("/"))
}

async fn purge_level(site: &Site, level: &Level, headers: &HeaderMap) -> Result<(), Failure> {
    let Some(cache) = level.cache(site) else {
        return Ok(());
    };
    match level.name {
        "per-site" => {
            let host = headers
                .get(header::HOST)
                .ok_or("a request without a host")?;
            let url = format!("http://{}{}", host.to_str()?, level.path);
            site.per_site().apurge_url(&url).await?;
        }
        "per-view" => site.per_view().apurge_route(SWATCHES).await?,
        "fragment" => {
            let key = cache.make_template_fragment_key("swatch", [language(headers)])?;
            cache.adelete(&key).await?;
        }
        "versions" => site.caches().versions().ainvalidate([SWATCHES]).await?,
        _ => drop(cache.adelete("swatch").await?),
    }
    Ok(())
}
