//! How often calls allocate, counted by the other program: this one has the allocator that programs have.

use std::{env, process::Command};

use cachemere_benches::result::{Aim, By, Comparison, Peer, Row, Samples, Unit};

/// The row of a count that should be at most so many. There is nobody beside it.
pub(super) fn row(work: &str, count: f64, most: f64) -> Row {
    let samples = |name: &str| Samples {
        name: name.to_owned(),
        unit: Unit::Allocations,
        values: vec![count],
    };
    let peer = Peer {
        comparison: Comparison::new(By::Count, &[count], &[count]),
        samples: samples("—"),
        aim: Some(Aim::AtMost(most)),
        is_headline: false,
    };
    Row {
        work: work.to_owned(),
        ours: samples("`Cache`"),
        peers: vec![peer],
    }
}

/// Allocations for each call of a path of `benches/instructions`.
pub(super) fn count(path: &str) -> f64 {
    let program = env::current_exe().expect("this program is somewhere");
    let output = Command::new(program.with_file_name("instructions"))
        .args(["--path", path])
        .output()
        .expect("it is built beside this one");
    let said = String::from_utf8_lossy(&output.stdout);
    said.trim().parse().expect("it says a number")
}
