//! `cachemere` beside its peers, in one run on one machine: `benches/run` writes `docs/performance.md`.

pub mod bench;
pub mod contender;
pub mod contest;
pub mod cores;
pub mod python;
pub mod result;
pub mod workload;
