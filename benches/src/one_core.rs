//! One core for who asks and who answers.

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
        let mut allowed = (0..CpuSet::MAX_CPU).rev();
        let core = allowed.find(|core| before.is_set(*core));
        let mut one = CpuSet::new();
        one.set(core.expect("it runs on one"));
        sched_setaffinity(None, &one).expect("it is allowed");
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
