//! Every alias of the configuration, with its counters.

use axum::{extract::State, response::Html};
use cachemere::{Report, Timeout};
use minijinja::{Value, context};

use crate::{
    site::{Failure, Site},
    templates::spoken,
};

pub(crate) async fn page(State(site): State<Site>) -> Result<Html<String>, Failure> {
    let caches = site.caches().clone();
    let reports = tokio::task::spawn_blocking(move || caches.check()).await?;
    let aliases: Vec<_> = reports
        .into_iter()
        .map(|report| row(&site, report))
        .collect();
    site.render("aliases.html", context!(aliases))
}

fn row(site: &Site, report: Report) -> Value {
    let (description, result) = (report.description, report.result);
    let counters = site.caches()[description.alias.as_str()].counters();
    let (faults, damaged) = (counters.faults(), counters.damaged());
    let tally = site.tally(&description.alias);
    let asked = tally.hits + tally.misses;
    context! {
        alias => description.alias,
        backend => description.backend,
        location => description.location,
        timeout => timeout(description.timeout),
        prefix => description.key_prefix,
        notes => description.notes,
        round_trip => result.as_ref().ok().map(|took| spoken(took.as_secs_f64() * 1e6)),
        fault => result.as_ref().err().map(ToString::to_string),
        hits => tally.hits,
        misses => tally.misses,
        share => (asked > 0).then(|| tally.hits * 100 / asked),
        faults,
        damaged,
    }
}

fn timeout(timeout: Timeout) -> String {
    match timeout {
        Timeout::After(time) => format!("{} s", time.as_secs_f64()),
        _ => "never".to_owned(),
    }
}
