//! The `cachemere` command: checks `caches.toml` and works on its caches.

mod arguments;
mod command;
mod configuration;
mod log;
mod outcome;
mod output;
mod seconds;
mod value;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    log::install();
    outcome::report(command::run(arguments))
}
