//! One run of the benchmark: how thorough it is, and what it says while it runs.

use std::time::Duration;

use crate::{contest::Contest, result::Row};

/// One run.
#[derive(Debug)]
pub struct Bench {
    is_quick: bool,
}

impl Bench {
    /// A run; a quick one takes less time for each row and leaves the largest stores out.
    #[must_use]
    pub fn new(is_quick: bool) -> Self {
        Self { is_quick }
    }

    /// Whether it is a quick one.
    #[must_use]
    pub fn is_quick(&self) -> bool {
        self.is_quick
    }

    /// The row that a contest comes to.
    #[must_use]
    pub fn run(&self, contest: Contest<'_>) -> Row {
        self.say(contest.work());
        contest.run(Duration::from_millis(if self.is_quick {
            1_200
        } else {
            10_000
        }))
    }

    /// Says on stderr what is done.
    pub fn say(&self, what: &str) {
        eprintln!("   {what}");
    }
}
