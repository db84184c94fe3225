//! The local-memory cache through its public face.
#![expect(clippy::unwrap_used, reason = "a test")]

mod clock;
mod contract;
mod limits;
mod options;
mod sharing;

use cachemere_base::{Context, Open, Settings};
use cachemere_locmem::{LocMem, Options};

fn open(settings: &Settings, context: &Context) -> LocMem {
    LocMem::open(settings, Options::default(), context).unwrap()
}

fn settings() -> Settings {
    Settings::new("default", "locmem")
}
