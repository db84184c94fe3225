//! Which cores work is done on: where the system puts it is not the same from one run to the next.

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Keeps this thread, and what it starts meanwhile, on one core, until it is dropped.
///
/// Who sleeps on another core has to be woken there, which takes longer than a call does. Whether a process is on another
/// core is up to the system, and stays so for a while: of two contenders with a process each, it may be either.
#[derive(Debug)]
pub struct OneCore {
    before: CpuSet,
}

impl OneCore {
    /// Goes to one of the cores that this thread may use.
    ///
    /// # Panics
    /// If the system does not let it.
    #[must_use]
    pub fn new() -> Self {
        let before = sched_getaffinity(None).expect("the system knows");
        stay_on(0);
        Self { before }
    }
}

impl Default for OneCore {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for OneCore {
    fn drop(&mut self) {
        let _ = sched_setaffinity(None, &self.before);
    }
}

/// Keeps this thread on one of the cores that it may use: threads with other numbers are on others, while there are any.
///
/// # Panics
/// If the system does not let it.
pub fn stay_on(number: usize) {
    let allowed = sched_getaffinity(None).expect("the system knows");
    let cores = || (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core));
    let mut one = CpuSet::new();
    one.set(
        cores()
            .cycle()
            .nth(number)
            .expect("it may run on some core"),
    );
    sched_setaffinity(None, &one).expect("it is allowed");
}
