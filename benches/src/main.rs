//! `benches/run`: measures everything, or the sections it is told, and writes the page.

mod report;
mod sections;

use std::{env, path::Path, process::ExitCode};

use cachemere_benches::bench::Bench;

use crate::{
    report::Report,
    sections::{SECTIONS, memory},
};

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    if let [argument, store] = &arguments[..]
        && argument == memory::ARGUMENT
    {
        memory::fill(store);
        return ExitCode::SUCCESS;
    }
    let mut is_quick = false;
    let mut wanted = Vec::new();
    for argument in arguments {
        match argument.as_str() {
            "--quick" => is_quick = true,
            name if SECTIONS.iter().any(|(known, _)| *known == name) => wanted.push(argument),
            other => {
                let known: Vec<_> = SECTIONS.iter().map(|(name, _)| *name).collect();
                eprintln!(
                    "benches/run: `{other}` is no section: there are {}, and the option --quick",
                    known.join(", ")
                );
                return ExitCode::from(2);
            }
        }
    }
    let bench = Bench::new(is_quick);
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
    let sections = SECTIONS
        .iter()
        .filter(|(name, _)| is_wanted(name))
        .map(|(name, section)| {
            eprintln!("== {name}");
            section(&bench)
        });
    let report = Report::new(sections.collect(), is_quick);
    if !wanted.is_empty() {
        print!("{}", report.tables());
        return ExitCode::SUCCESS;
    }
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    if let Err(error) = report.write(&docs) {
        eprintln!("benches/run: the page cannot be written: {error}");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
