//! The page of what was measured, its plots, and the numbers behind them.

mod chart;
mod machine;
mod markdown;
mod reasons;

use std::{fs, io, path::Path};

use cachemere_benches::result::Section;
use serde_json::json;

use self::{machine::Machine, reasons::Reasons};

/// All that was measured in one run.
#[derive(Debug)]
pub(crate) struct Report {
    is_quick: bool,
    machine: Machine,
    sections: Vec<Section>,
    reasons: Reasons,
}

impl Report {
    pub(crate) fn new(sections: Vec<Section>, is_quick: bool) -> Self {
        Self {
            is_quick,
            machine: Machine::look(),
            sections,
            reasons: Reasons::read(),
        }
    }

    /// The sections as Markdown, without plots.
    pub(crate) fn tables(&self) -> String {
        let sections = self.sections.iter();
        sections
            .map(|section| markdown::section(section, &self.reasons, false))
            .collect()
    }

    /// Writes `performance.md` and what it shows into a folder.
    pub(crate) fn write(&self, docs: &Path) -> io::Result<()> {
        let folder = docs.join("performance");
        fs::create_dir_all(&folder)?;
        for stale in self.reasons.stale(&self.sections) {
            eprintln!("benches/run: reasons.toml is about what is not measured: {stale}");
        }
        for section in &self.sections {
            let name = format!("{}.svg", section.name);
            fs::write(folder.join(name), chart::of_section(section))?;
        }
        fs::write(folder.join("overview.svg"), chart::overview(&self.sections))?;
        fs::write(folder.join("results.json"), self.json())?;
        fs::write(docs.join("performance.md"), markdown::page(self))
    }

    /// A line for each row: so that a change of one is a change of one line.
    fn json(&self) -> String {
        let Self {
            is_quick,
            machine,
            sections,
            ..
        } = self;
        let rows = sections.iter().flat_map(|section| {
            section
                .rows
                .iter()
                .map(|row| json!({"section": section.name, "row": row}).to_string())
        });
        let head = json!({"is_quick": is_quick, "machine": machine});
        format!(
            "{{\"run\": {head}, \"rows\": [\n{}\n]}}\n",
            rows.collect::<Vec<_>>().join(",\n")
        )
    }
}
