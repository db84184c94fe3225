//! `benches/run`: measures everything, or the sections it is told, and writes the page.

mod report;
mod sections;

use std::{
    env, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use cachemere_benches::bench::Bench;

use crate::{
    report::{Measured, Report},
    sections::{SECTIONS, Section, memory},
};

const USAGE: &str = "\
usage: benches/run [--quick] [SECTION…]
       benches/run --page          writes the page anew from the numbers of the last run";

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        [memory::ARGUMENT, store] => {
            memory::fill(store);
            Ok(())
        }
        ["--page"] => Report::read(&docs()).and_then(|report| report.write(&docs())),
        ["--quick", ref names @ ..] => run(true, names),
        ref names => run(false, names),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("benches/run: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures and writes the page, or prints the tables of some sections.
fn run(is_quick: bool, names: &[&str]) -> io::Result<()> {
    let bench = Bench::new(is_quick);
    let measured = wanted(names)?.into_iter().map(|section| {
        eprintln!("== {}", section.name);
        let rows = (section.rows)(&bench);
        Measured { section, rows }
    });
    let report = Report::new(is_quick, measured.collect());
    if names.is_empty() {
        return report.write(&docs());
    }
    print!("{}", report.tables());
    Ok(())
}

/// The sections of these names, or all of them.
fn wanted(names: &[&str]) -> io::Result<Vec<&'static Section>> {
    let known = |name: &str| SECTIONS.iter().any(|section| section.name == name);
    if let Some(name) = names.iter().find(|name| !known(name)) {
        let all: Vec<_> = SECTIONS.iter().map(|section| section.name).collect();
        let message = format!(
            "`{name}` is no section, there are {}\n{USAGE}",
            all.join(", ")
        );
        return Err(io::Error::other(message));
    }
    let is_wanted = |section: &&Section| names.is_empty() || names.contains(&section.name);
    Ok(SECTIONS.iter().filter(is_wanted).collect())
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}
