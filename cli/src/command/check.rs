use std::{io, path::PathBuf, time::Duration};

use cachemere::{Description, ErrorKind, Report, Timeout, Version};
use comfy_table::{Table, presets};
use serde_json::{Map, Value, json};

use crate::{
    configuration,
    outcome::{Outcome, complain},
    output::{Colour, Output},
    seconds::seconds,
};

/// Tries every cache and prints a table of what was seen.
pub(super) fn check(files: &[PathBuf], alias: Option<&str>, output: Output) -> Outcome {
    let caches = configuration::load(files)?;
    let reports = match alias {
        Some(alias) => vec![caches.get(alias)?.check()],
        None => caches.check(),
    };
    let failed = reports
        .iter()
        .filter(|report| report.result.is_err())
        .count();
    if output.is_json() {
        output.json(&reports.iter().map(json).collect::<Vec<_>>())?;
        return Ok((failed == 0).into());
    }
    output.line(table(&reports))?;
    for report in &reports {
        let Description { alias, notes, .. } = &report.description;
        report
            .servers
            .iter()
            .chain(notes)
            .try_for_each(|note| output.line(format!("{alias}: {note}")))?;
    }
    for report in &reports {
        if let Err(error) = &report.result {
            let alias = &report.description.alias;
            let line = format!("{alias}: {}", error.message());
            complain(&Colour::Red.paint(&line, &io::stderr()));
            if let Some(hint) = hint(error.kind()) {
                complain(&format!("{}  {hint}", " ".repeat(alias.chars().count())));
            }
        }
    }
    let (all, place) = (counted(reports.len()), configuration::described(files));
    if failed == 0 {
        output.line(Colour::Green.paint(&format!("{all} in {place}, all good"), &io::stdout()))?;
    } else {
        complain(&Colour::Red.paint(
            &format!("{failed} of {all} in {place} failed"),
            &io::stderr(),
        ));
    }
    Ok((failed == 0).into())
}

fn counted(caches: usize) -> String {
    format!("{caches} {}", if caches == 1 { "cache" } else { "caches" })
}

fn table(reports: &[Report]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header([
        "ALIAS", "BACKEND", "LOCATION", "TIMEOUT", "PREFIX", "VERSION", "RESULT", "LATENCY",
    ]);
    for report in reports {
        let described = &report.description;
        let latency = report
            .result
            .as_ref()
            .map_or_else(|_| String::new(), |latency| latency_shown(*latency));
        table.add_row([
            &described.alias,
            &described.backend,
            or_dash(&described.location),
            &described.timeout.to_string(),
            or_dash(&described.key_prefix),
            &described.version.to_string(),
            result(report),
            or_dash(&latency),
        ]);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt()
}

fn or_dash(text: &str) -> &str {
    if text.is_empty() { "-" } else { text }
}

fn result(report: &Report) -> &'static str {
    match report.result {
        Err(_) => "failed",
        Ok(_) if report.stores => "ok",
        Ok(_) => "ok, stores nothing",
    }
}

/// Milliseconds with about three digits that count.
fn latency_shown(latency: Duration) -> String {
    let milliseconds = milliseconds(latency);
    let decimals = match milliseconds {
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        _ => 3,
    };
    format!("{milliseconds:.decimals$} ms")
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

/// What to try, where the message alone may leave one wondering.
fn hint(kind: ErrorKind) -> Option<&'static str> {
    Some(match kind {
        ErrorKind::Unavailable => "is the server running, and does it listen where the file says?",
        ErrorKind::TimedOut => "is the server overloaded, or is there a firewall in between?",
        ErrorKind::Io => {
            "may this user read and write there, is it a folder, and is the disk full?"
        }
        ErrorKind::Server => {
            "the store was reached and refused: are user, password and limits right?"
        }
        ErrorKind::InvalidKey => {
            "do KEY_PREFIX, VERSION and KEY_FUNCTION make keys that this store takes?"
        }
        ErrorKind::Decode => "does another program write to the same place?",
        ErrorKind::Panicked => "this is a fault in the code of the backend",
        _ => return None,
    })
}

/// What the file says of an alias.
pub(super) fn settings(described: &Description) -> Map<String, Value> {
    let timeout = match described.timeout {
        Timeout::After(duration) => json!(seconds(duration)),
        _ => Value::Null,
    };
    let version = match &described.version {
        Version::Number(number) => json!(number),
        text => json!(text.to_string()),
    };
    Map::from_iter([
        ("alias".to_owned(), json!(described.alias)),
        ("backend".to_owned(), json!(described.backend)),
        ("location".to_owned(), json!(described.location)),
        ("timeout".to_owned(), timeout),
        ("prefix".to_owned(), json!(described.key_prefix)),
        ("version".to_owned(), version),
    ])
}

fn json(report: &Report) -> Value {
    let error = report.result.as_ref().err();
    let latency = report.result.as_ref().ok();
    let latency = latency.map(|latency| (milliseconds(*latency) * 1_000.0).round() / 1_000.0);
    let mut members = settings(&report.description);
    members.extend([
        ("ok".to_owned(), json!(error.is_none())),
        ("result".to_owned(), json!(result(report))),
        ("latency_ms".to_owned(), json!(latency)),
        ("error".to_owned(), json!(error.map(ToString::to_string))),
        (
            "hint".to_owned(),
            json!(error.and_then(|error| hint(error.kind()))),
        ),
        ("servers".to_owned(), json!(report.servers)),
        ("notes".to_owned(), json!(report.description.notes)),
    ]);
    Value::Object(members)
}
