//! The page of what was measured, its plots, and the numbers behind them.

mod chart;
mod machine;
mod markdown;
mod reasons;

use std::{fs, io, path::Path};

use cachemere_benches::result::Row;
use serde::{Deserialize, Serialize};

use self::{machine::Machine, reasons::Reasons};
use crate::sections::{SECTIONS, Section};

/// All that was measured in one run.
#[derive(Debug)]
pub(crate) struct Report {
    run: Run,
    measured: Vec<Measured>,
    reasons: Reasons,
}

/// A section, with its numbers.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) section: &'static Section,
    pub(crate) rows: Vec<Row>,
}

/// How and where a run was.
#[derive(Debug, Deserialize, Serialize)]
struct Run {
    is_quick: bool,
    machine: Machine,
}

/// The numbers, as they are kept.
#[derive(Debug, Deserialize)]
struct Numbers {
    run: Run,
    rows: Vec<Line>,
}

#[derive(Debug, Deserialize, Serialize)]
struct Line<R = Row> {
    section: String,
    row: R,
}

const NUMBERS: &str = "performance/results.json";

impl Report {
    pub(crate) fn new(is_quick: bool, measured: Vec<Measured>) -> Self {
        let machine = Machine::look();
        Self {
            run: Run { is_quick, machine },
            measured,
            reasons: Reasons::read(),
        }
    }

    /// The run whose page is in this folder.
    pub(crate) fn read(docs: &Path) -> io::Result<Self> {
        let text = fs::read_to_string(docs.join(NUMBERS))?;
        let Numbers { run, mut rows } = serde_json::from_str(&text)?;
        let measured = SECTIONS.iter().map(|section| {
            let of_section = rows.extract_if(.., |line| line.section == section.name);
            let rows = of_section.map(|line| line.row).collect();
            Measured { section, rows }
        });
        Ok(Self {
            run,
            measured: measured.collect(),
            reasons: Reasons::read(),
        })
    }

    /// The sections as Markdown, without plots.
    pub(crate) fn tables(&self) -> String {
        let sections = self.measured.iter();
        sections
            .map(|measured| markdown::section(measured, &self.reasons, false))
            .collect()
    }

    /// Writes `performance.md` and what it shows into a folder.
    pub(crate) fn write(&self, docs: &Path) -> io::Result<()> {
        let folder = docs.join("performance");
        fs::create_dir_all(&folder)?;
        for problem in self.reasons.problems(&self.measured) {
            eprintln!("benches/run: reasons.toml: {problem}");
        }
        for measured in &self.measured {
            if let Some(chart) = chart::of_section(measured) {
                let name = format!("{}.svg", measured.section.name);
                fs::write(folder.join(name), chart)?;
            }
        }
        fs::write(folder.join("overview.svg"), chart::overview(&self.measured))?;
        fs::write(docs.join(NUMBERS), self.numbers()?)?;
        fs::write(docs.join("performance.md"), markdown::page(self))
    }

    /// A line for each row, so that a change of one is a change of one line.
    fn numbers(&self) -> io::Result<String> {
        let mut lines = Vec::new();
        for Measured { section, rows } in &self.measured {
            for row in rows {
                let section = section.name.to_owned();
                lines.push(serde_json::to_string(&Line { section, row })?);
            }
        }
        let run = serde_json::to_string(&self.run)?;
        let lines = lines.join(",\n");
        Ok(format!("{{\"run\": {run}, \"rows\": [\n{lines}\n]}}\n"))
    }
}
