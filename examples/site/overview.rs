//! The levels side by side: each is asked as a visitor would ask it, through its layers.

use axum::{
    body::{Body, to_bytes},
    extract::State,
    http::{HeaderMap, Request, header},
    response::Html,
};
use cachemere::http::get_max_age;
use minijinja::{Value, context};
use tower::ServiceExt;

use crate::{
    levels::{LEVELS, Level},
    loom::WORK,
    site::{Failure, Measure, Site},
    templates::spoken,
};

pub(crate) async fn page(
    State(site): State<Site>,
    headers: HeaderMap,
) -> Result<Html<String>, Failure> {
    let mut cards = Vec::new();
    for level in &LEVELS {
        cards.push(card(&site, level, &headers).await?);
    }
    let work = spoken(WORK.as_secs_f64() * 1e6);
    site.render("overview.html", context!(cards, work))
}

/// What a level answers, what that took, and where it came from.
async fn card(site: &Site, level: &Level, visitor: &HeaderMap) -> Result<Value, Failure> {
    let mut request = Request::get(level.path);
    for name in [header::HOST, header::ACCEPT_LANGUAGE] {
        if let Some(value) = visitor.get(&name) {
            request = request.header(name, value);
        }
    }
    let answer = site.levels().oneshot(request.body(Body::empty())?).await?;
    let measure = answer.extensions().get::<Measure>().copied();
    let measure = measure.ok_or("a level that nobody measured")?;
    let max_age = get_max_age(answer.headers()).filter(|seconds| *seconds > 0);
    let lives = max_age.map(|seconds| format!("for {seconds} seconds"));
    let page = to_bytes(answer.into_body(), usize::MAX).await?;
    let took = measure.took.as_secs_f64() * 1e6;
    Ok(context! {
        level,
        figure => Value::from_safe_string(figure(std::str::from_utf8(&page)?).to_owned()),
        alias => level.cache(site).map(|cache| cache.describe().alias),
        lives => lives.unwrap_or_else(|| level.lives.to_owned()),
        is_hit => measure.is_hit,
        took => spoken(took),
        // of a scale on which each tenth of the time is a fifth of the length
        share => (took.max(1.0).log10() * 19.0).clamp(2.0, 100.0),
    })
}

/// What a page shows.
fn figure(page: &str) -> &str {
    let start = page.find("<figure").unwrap_or(0);
    let end = page
        .rfind("</figure>")
        .map_or(page.len(), |end| end + "</figure>".len());
    page.get(start..end).unwrap_or(page)
}
