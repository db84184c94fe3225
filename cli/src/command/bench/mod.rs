//! A small load on a cache.

mod latencies;
mod load;

use std::{thread, time::Duration};

use cachemere::Cache;
use comfy_table::{CellAlignment, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use self::{
    latencies::Latencies,
    load::{Load, Verb},
};
use crate::{
    arguments::Benchmark,
    outcome::{Answer, Outcome},
    output::Output,
};

/// Calls each verb for a while, and prints how many calls a second there were and how long they took.
pub(super) fn bench(cache: &Cache, arguments: &Benchmark, output: Output) -> Outcome {
    let time = arguments.seconds;
    let bar = bar(time);
    let load = Load::new(cache, arguments.size as usize, time, &bar);
    let mut measured = Vec::new();
    for verb in Verb::ALL {
        bar.set_message(verb.name());
        load.prepare(verb)?;
        measured.push((verb, run(&load, verb, arguments.threads)?));
    }
    bar.finish_and_clear();
    load.remove()?;
    if output.is_json() {
        let verbs = measured
            .iter()
            .map(|(verb, latencies)| json(*verb, latencies));
        output.json(&json!({ "alias": cache.alias(), "verbs": verbs.collect::<Vec<_>>() }))?;
    } else {
        output.line(table(&measured))?;
    }
    Ok(Answer::Yes)
}

/// Calls a verb in all threads at once.
fn run(load: &Load<'_>, verb: Verb, threads: u16) -> Outcome<Latencies> {
    thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|number| scope.spawn(move || load.run(verb, number == 0)))
            .collect();
        let joined = running
            .into_iter()
            .map(|thread| thread.join().expect("calls return their errors"));
        let each = joined.collect::<cachemere::Result<Vec<_>>>()?;
        Ok(Latencies::together(each))
    })
}

/// A bar on stderr for the time that all verbs take; there is none where stderr is no terminal.
fn bar(time: Duration) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{msg:14} {wide_bar} {eta}").expect("the template is right");
    let length = time.as_millis() as u64 * Verb::ALL.len() as u64;
    ProgressBar::new(length).with_style(style)
}

fn table(measured: &[(Verb, Latencies)]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["", "CALLS/S", "P50", "P90", "P99", "P99.9", "MAX"]);
    for (verb, latencies) in measured {
        let times = latencies
            .percentiles()
            .map(|(_, microseconds)| shown(microseconds));
        let rate = format!("{:.0}", latencies.calls_per_second());
        table.add_row([verb.name().to_owned(), rate].into_iter().chain(times));
    }
    for (number, column) in table.column_iter_mut().enumerate() {
        column.set_padding((0, 2));
        if number > 0 {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

/// A time with about three digits that count.
fn shown(microseconds: f64) -> String {
    match microseconds {
        100_000.0.. => format!("{:.0} ms", microseconds / 1_000.0),
        1_000.0.. => format!("{:.1} ms", microseconds / 1_000.0),
        100.0.. => format!("{microseconds:.0} µs"),
        10.0.. => format!("{microseconds:.1} µs"),
        _ => format!("{microseconds:.2} µs"),
    }
}

fn json(verb: Verb, latencies: &Latencies) -> Value {
    let times = latencies.percentiles().into_iter();
    let times = times.map(|(name, microseconds)| (name.to_owned(), json!(microseconds)));
    json!({
        "verb": verb.name(),
        "calls": latencies.calls(),
        "calls_per_second": latencies.calls_per_second().round(),
        "microseconds": times.collect::<serde_json::Map<_, _>>(),
    })
}
