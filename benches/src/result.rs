//! What was measured, as it is kept in JSON and shown on the page.

use serde::{Deserialize, Serialize, Serializer};

/// One kind of work, done by this library and by others.
#[derive(Debug, Deserialize, Serialize)]
pub struct Row {
    /// What is done.
    pub work: String,
    /// This library.
    pub ours: Samples,
    /// The others.
    pub peers: Vec<Peer>,
}

/// What one of them took, in each round.
#[derive(Debug, Deserialize, Serialize)]
pub struct Samples {
    /// Who.
    pub name: String,
    /// Of what.
    pub unit: Unit,
    /// In the order of the rounds.
    #[serde(serialize_with = "short")]
    pub values: Vec<f64>,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// Time for a call.
    Nanoseconds,
    /// Memory for an entry.
    Bytes,
    /// Allocations for a call.
    Allocations,
}

/// Another one, compared.
#[derive(Debug, Deserialize, Serialize)]
pub struct Peer {
    /// What it took.
    pub samples: Samples,
    /// This library against it.
    pub comparison: Comparison,
    /// What the comparison should come to.
    pub aim: Option<Aim>,
    /// Whether the plot of the README has it.
    pub is_headline: bool,
}

/// Ours against another, pair by pair of the rounds.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
pub struct Comparison {
    /// How it was compared.
    pub by: By,
    /// The median.
    pub median: f64,
    /// Three quarters are above it.
    pub low: f64,
    /// Three quarters are below it.
    pub high: f64,
}

/// How two are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// Calls a second: ours ÷ theirs.
    Speed,
    /// Nanoseconds: ours − theirs.
    Added,
    /// Bytes: ours ÷ theirs.
    Size,
    /// Ours alone.
    Count,
}

/// What a comparison should come to.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Aim {
    /// This, or more.
    AtLeast(f64),
    /// This, or less.
    AtMost(f64),
}

impl Peer {
    /// Whether the aim is met; none is.
    #[must_use]
    pub fn is_met(&self) -> bool {
        // as the page shows it
        let shown = (self.comparison.median * 100.0).round() / 100.0;
        match self.aim {
            None => true,
            Some(Aim::AtLeast(least)) => shown >= least,
            Some(Aim::AtMost(most)) => shown <= most,
        }
    }
}

impl Samples {
    /// The one in the middle.
    #[must_use]
    pub fn median(&self) -> f64 {
        quantile(&self.values, 0.5)
    }
}

impl Comparison {
    /// Compares round by round.
    #[must_use]
    pub fn new(by: By, ours: &[f64], theirs: &[f64]) -> Self {
        let pairs = ours.iter().zip(theirs);
        let values: Vec<f64> = pairs
            .map(|(ours, theirs)| match by {
                By::Speed => theirs / ours,
                By::Added => ours - theirs,
                By::Size => ours / theirs,
                By::Count => *ours,
            })
            .collect();
        Self {
            by,
            median: quantile(&values, 0.5),
            low: quantile(&values, 0.25),
            high: quantile(&values, 0.75),
        }
    }
}

/// The value that this part of the values lies below, between neighbours where it must be.
fn quantile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = part * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    below + (above - below) * at.fract()
}

/// Four digits are more than are certain.
fn short<S: Serializer>(values: &[f64], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(values.iter().map(|value| {
        let digits = 3 - value.abs().max(1e-9).log10().floor() as i32;
        let scale = 10_f64.powi(digits);
        (value * scale).round() / scale
    }))
}
