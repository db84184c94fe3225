//! The worker: one process of several that use a cache at once.
#![expect(clippy::unwrap_used, reason = "tests")]

mod commands;
mod databases;

use std::{env, path::PathBuf};

fn main() {
    let mut arguments = env::args().skip(1);
    let mut next = || arguments.next().unwrap();
    let (command, place) = (next(), next());
    let location = PathBuf::from(&place);
    match command.as_str() {
        "scenario" => commands::scenario(&location, &next()),
        "count" => commands::count(&location, next().parse().unwrap()),
        "churn" => commands::churn(&location, next().parse().unwrap()),
        "stress" => commands::stress(&location, next().parse().unwrap(), next().parse().unwrap()),
        "full-disk" => commands::full_disk(&location),
        "full-queue" => commands::full_queue(&location),
        "db-count" => databases::count(&place, next().parse().unwrap()),
        "db-load" => databases::load(&place, next().parse().unwrap(), next().parse().unwrap()),
        "db-full-disk" => databases::full_disk(&place),
        other => panic!("unknown command `{other}`"),
    }
}
