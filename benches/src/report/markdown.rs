use std::fmt::Write;

use cachemere_benches::result::{Aim, By, Comparison, Peer, Samples, Unit};

use super::{Measured, Report, chart, reasons::Reasons};

const INTRODUCTION: &str = "\
<!-- Written by benches/run: change what it measures, or benches/reasons.toml. -->
# Performance

`cachemere` beside what one would take instead: in one run, on one machine, in turns of a few milliseconds, so that what else
the machine did hit all of them. A ratio is *ours ÷ theirs*, calls a second, in each round; the table has the median of the
rounds, and in brackets the quarter of them below and above. Times are medians too, for one call. An aim is what this project
set itself beforehand; where it is not met, the reason stands below the table. Peers are used as their authors advise.
";

pub(super) fn page(report: &Report) -> String {
    let machine = &report.run.machine;
    let aims = || {
        report
            .measured
            .iter()
            .flat_map(|measured| &measured.rows)
            .flat_map(|row| &row.peers)
            .filter(|peer| peer.aim.is_some())
    };
    let (all, met) = (aims().count(), aims().filter(|peer| peer.is_met()).count());
    let mode = if report.run.is_quick {
        "benches/run --quick"
    } else {
        "benches/run"
    };
    let mut page = format!(
        "{INTRODUCTION}\n\
         `{mode}` of {} at {}: {} of {} aims are met. {}, {} cores; {}; {}.\n\n\
         Measured beside: {}. The numbers of every round are in [results.json](performance/results.json).\n\n\
         ![ours ÷ theirs, a selection](performance/overview.svg)\n",
        machine.date,
        machine.commit,
        met,
        all,
        machine.processor,
        machine.cores,
        machine.system,
        machine.rustc,
        machine.peers.join(", "),
    );
    for part in &report.measured {
        page.push_str(&section(part, &report.reasons, true));
    }
    page
}

/// A section with its table.
pub(super) fn section(measured: &Measured, reasons: &Reasons, has_plot: bool) -> String {
    let Measured { section, rows } = measured;
    let mut text = format!("\n## {}\n\n{}\n\n", section.title, section.note);
    if has_plot && chart::of_section(measured).is_some() {
        let _ = writeln!(
            text,
            "![{}](performance/{}.svg)\n",
            section.title, section.name
        );
    }
    text.push_str("| work | ours | beside | theirs | ours ÷ theirs | aim | met |\n|---|--:|---|--:|--:|--:|---|\n");
    let mut notes = Vec::new();
    for row in rows {
        for (number, peer) in row.peers.iter().enumerate() {
            let (work, ours) = if number == 0 {
                (row.work.as_str(), amount(&row.ours))
            } else {
                ("", String::new())
            };
            let reason = reasons.of(section.name, row, peer);
            let met = match (peer.aim, peer.is_met(), reason) {
                (None, ..) => String::new(),
                (Some(_), true, _) => "yes".to_owned(),
                (Some(_), false, None) => "no".to_owned(),
                (Some(_), false, Some(reason)) => {
                    let known = notes.iter().position(|note| *note == reason);
                    let at = known.unwrap_or_else(|| {
                        notes.push(reason);
                        notes.len() - 1
                    });
                    format!("no ({})", at + 1)
                }
            };
            let theirs = if peer.comparison.by == By::Count {
                String::new()
            } else {
                amount(&peer.samples)
            };
            let _ = writeln!(
                text,
                "| {work} | {ours} | {} | {theirs} | {} | {} | {met} |",
                peer.samples.name,
                compared(&peer.comparison),
                aim(peer),
            );
        }
    }
    for (number, note) in notes.iter().enumerate() {
        let _ = write!(text, "\n({}) {note}\n", number + 1);
    }
    text
}

/// A median with its unit and about three digits.
fn amount(samples: &Samples) -> String {
    let median = samples.median();
    match samples.unit {
        Unit::Nanoseconds => time(median),
        Unit::Bytes => format!("{median:.0} B"),
        Unit::Allocations => median.to_string(),
    }
}

fn time(nanoseconds: f64) -> String {
    match nanoseconds.abs() {
        1e9.. => format!("{} s", number(nanoseconds / 1e9)),
        1e6.. => format!("{} ms", number(nanoseconds / 1e6)),
        1e3.. => format!("{} µs", number(nanoseconds / 1e3)),
        _ => format!("{} ns", number(nanoseconds)),
    }
}

fn number(value: f64) -> String {
    match value.abs() {
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

fn compared(comparison: &Comparison) -> String {
    let Comparison {
        by,
        median,
        low,
        high,
    } = *comparison;
    match by {
        By::Speed => format!(
            "**{}** ({} – {})",
            number(median),
            number(low),
            number(high)
        ),
        By::Added => format!("**{}** ({} – {})", time(median), time(low), time(high)),
        By::Size => format!("**{}**", number(median)),
        By::Count => String::new(),
    }
}

fn aim(peer: &Peer) -> String {
    let shown = |value: f64| match peer.comparison.by {
        By::Added => time(value),
        _ => value.to_string(),
    };
    match peer.aim {
        None => String::new(),
        Some(Aim::AtLeast(least)) => format!("≥ {}", shown(least)),
        Some(Aim::AtMost(most)) => format!("≤ {}", shown(most)),
    }
}
