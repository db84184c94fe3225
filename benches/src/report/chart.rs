//! Bars of ratios on a logarithmic axis, as SVG that is readable on dark and on light.

use std::fmt::Write;

use cachemere_benches::result::{Aim, By, Peer, Row};

use super::Measured;

const WIDTH: f64 = 760.0;
/// Where the bars begin and end.
const LEFT: f64 = 330.0;
const RIGHT: f64 = 690.0;
const BAR: f64 = 20.0;
const TOP: f64 = 34.0;

const STYLE: &str = "\
text{font:12px system-ui,sans-serif;fill:#1f2328}.quiet{fill:#59636e}.end{text-anchor:end}.middle{text-anchor:middle}\
.paper{fill:#fff}.grid{stroke:#d1d9e0}.one{stroke:#59636e}.aim{stroke:#1f2328;stroke-width:2}\
.met{fill:#2da44e}.unmet{fill:#d4a72c}.free{fill:#8c959f}\
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.quiet{fill:#9198a1}.paper{fill:#0d1117}.grid{stroke:#3d444d}\
.one{stroke:#9198a1}.aim{stroke:#f0f6fc}.met{fill:#3fb950}.unmet{fill:#bb8009}.free{fill:#656c76}}";

struct Bar {
    label: String,
    ratio: f64,
    aim: Option<f64>,
    class: &'static str,
}

/// All ratios of a section, if it has any.
pub(super) fn of_section(measured: &Measured) -> Option<String> {
    let bars = pairs(measured).map(|(row, peer)| bar(&row.work, peer));
    let bars: Vec<_> = bars.collect();
    let title = format!(
        "{}: ours ÷ theirs, calls a second; a mark is an aim",
        measured.section.title
    );
    (!bars.is_empty()).then(|| draw(&title, &bars))
}

/// What stands for the whole.
pub(super) fn overview(sections: &[Measured]) -> String {
    let bars = sections.iter().flat_map(|measured| {
        let chosen = pairs(measured).filter(|(_, peer)| peer.is_headline);
        chosen.map(|(row, peer)| bar(&format!("{}: {}", measured.section.title, row.work), peer))
    });
    draw(
        "Ours ÷ theirs, calls a second; a mark is an aim",
        &bars.collect::<Vec<_>>(),
    )
}

fn pairs(measured: &Measured) -> impl Iterator<Item = (&Row, &Peer)> {
    let pairs = measured
        .rows
        .iter()
        .flat_map(|row| row.peers.iter().map(move |peer| (row, peer)));
    pairs.filter(|(_, peer)| peer.comparison.by == By::Speed)
}

fn bar(work: &str, peer: &Peer) -> Bar {
    let class = match (peer.aim, peer.is_met()) {
        (None, _) => "free",
        (_, true) => "met",
        (_, false) => "unmet",
    };
    Bar {
        label: format!("{work} · {}", peer.samples.name).replace('`', ""),
        ratio: peer.comparison.median,
        aim: peer.aim.map(|(Aim::AtLeast(aim) | Aim::AtMost(aim))| aim),
        class,
    }
}

fn draw(title: &str, bars: &[Bar]) -> String {
    let values = || {
        bars.iter()
            .flat_map(|bar| [Some(bar.ratio), bar.aim])
            .flatten()
    };
    let low = values().fold(0.5, f64::min) / 1.1;
    let high = values().fold(2.0, f64::max) * 1.1;
    let x = |value: f64| LEFT + (value / low).ln() / (high / low).ln() * (RIGHT - LEFT);
    let bottom = TOP + bars.len() as f64 * BAR;
    let height = bottom + 24.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         role=\"img\"><title>{0}</title><style>{STYLE}</style>\n\
         <rect class=\"paper\" width=\"100%\" height=\"100%\" rx=\"6\"/>\n<text x=\"12\" y=\"20\">{0}</text>\n",
        escaped(title)
    );
    for tick in ticks(low, high) {
        let class = if tick == 1.0 { "one" } else { "grid" };
        let at = x(tick);
        let _ = writeln!(
            svg,
            "<line class=\"{class}\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{TOP}\" y2=\"{bottom}\"/>\
             <text class=\"quiet middle\" x=\"{at:.1}\" y=\"{:.1}\">{tick}</text>",
            bottom + 16.0
        );
    }
    for (number, bar) in bars.iter().enumerate() {
        let y = TOP + number as f64 * BAR;
        let (from, to) = (x(1.0).min(x(bar.ratio)), x(1.0).max(x(bar.ratio)));
        let _ = writeln!(
            svg,
            "<text class=\"end\" x=\"{:.1}\" y=\"{:.1}\">{}</text>\
             <rect class=\"{}\" x=\"{from:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"12\"/>\
             <text class=\"quiet\" x=\"{:.1}\" y=\"{:.1}\">{:.2}</text>",
            LEFT - 10.0,
            y + 14.0,
            escaped(&bar.label),
            bar.class,
            y + 4.0,
            (to - from).max(1.0),
            RIGHT + 12.0,
            y + 14.0,
            bar.ratio,
        );
        if let Some(aim) = bar.aim {
            let at = x(aim);
            let _ = writeln!(
                svg,
                "<line class=\"aim\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{:.1}\" y2=\"{:.1}\"/>",
                y + 2.0,
                y + 18.0
            );
        }
    }
    svg + "</svg>\n"
}

/// 1, 2, 5, 10 and so on, and below 1.
fn ticks(low: f64, high: f64) -> impl Iterator<Item = f64> {
    let decades = (-3..=5).flat_map(|decade| [1.0, 2.0, 5.0].map(|first| (first, decade)));
    let wide = high / low > 100.0;
    decades
        .filter(move |(first, _)| !wide || *first == 1.0)
        .map(|(first, decade)| {
            if decade < 0 {
                first / 10_f64.powi(-decade)
            } else {
                first * 10_f64.powi(decade)
            }
        })
        .filter(move |tick| (low..high).contains(tick))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
