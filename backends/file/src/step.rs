//! The points between which a process may be killed, for tests that kill it at each of them.

/// Marks a point after which the disk is in another state than before.
#[cfg(not(feature = "kill-steps"))]
pub(crate) fn step(_name: &str) {}

/// Counts a point, and ends the process at the one that `CACHEMERE_KILL_STEP` has the number of.
#[cfg(feature = "kill-steps")]
pub(crate) fn step(name: &str) {
    use std::{
        env,
        process::{self, Command},
        sync::{
            LazyLock,
            atomic::{AtomicU64, Ordering},
        },
        thread,
    };

    static LAST: LazyLock<Option<u64>> =
        LazyLock::new(|| env::var("CACHEMERE_KILL_STEP").ok()?.parse().ok());
    static COUNT: AtomicU64 = AtomicU64::new(0);

    let Some(last) = *LAST else { return };
    if COUNT.fetch_add(1, Ordering::SeqCst) + 1 < last {
        return;
    }
    eprintln!("killed at step {last}: {name}");
    let kill = format!("kill -9 {}", process::id());
    let _ = Command::new("sh").args(["-c", &kill]).status();
    loop {
        thread::park();
    }
}
