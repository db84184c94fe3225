use std::{
    os::unix::process::ExitStatusExt,
    path::Path,
    process::{ExitStatus, Stdio},
};

use cachemere_base::{Backend, Key};
use cachemere_processes::{Scenario, content};

use crate::{
    books::{move_queue, segments, settled},
    worker::worker,
};

/// With seven entries, a queue of more records is shortened at the next insertion.
const SHORT_QUEUE: u32 = 1024 + 2 * 7 + 1;

fn run_until(step: u32, scenario: Scenario, location: &Path) -> ExitStatus {
    let mut worker = worker("scenario", location);
    worker.arg(format!("{scenario:?}")).stderr(Stdio::null());
    worker.env("CACHEMERE_KILL_STEP", step.to_string());
    worker.status().unwrap()
}

/// Every key has the value of before or after the write, and if it has none, there was none before or after it.
#[track_caller]
fn is_before_or_after(scenario: Scenario, location: &Path, step: u32) {
    let (before, after) = (scenario.before(), scenario.after());
    let file = scenario.open(location);
    for key in before.keys().chain(after.keys()) {
        let found = file.get(&Key::new(key)).unwrap();
        let expected = [before.get(key).cloned(), after.get(key).cloned()];
        assert!(
            expected.contains(&found),
            "`{key}` at step {step} of {scenario:?}"
        );
    }
}

/// The store goes on, and knows how much it holds.
#[track_caller]
fn goes_on(scenario: Scenario, location: &Path) {
    let file = scenario.open(location);
    for n in 0..20 {
        let name = format!("more:{n}");
        file.set(&Key::new(&name), content(&name, n), None).unwrap();
        assert_eq!(file.get(&Key::new(&name)).unwrap(), Some(content(&name, n)));
        let count = settled(location);
        assert!(count <= scenario.max_entries());
    }
}

/// Kills a worker at each step of a scenario; returns how many there are.
fn kill_at_every_step(scenario: Scenario, prepare: impl Fn(&Path)) -> u32 {
    for step in 1.. {
        let dir = tempfile::tempdir().unwrap();
        prepare(dir.path());
        let status = run_until(step, scenario, dir.path());
        is_before_or_after(scenario, dir.path(), step);
        settled(dir.path());
        is_before_or_after(scenario, dir.path(), step);
        goes_on(scenario, dir.path());
        if status.success() {
            return step - 1;
        }
        assert_eq!(status.signal(), Some(9), "{scenario:?} at step {step}");
    }
    unreachable!("the steps of {scenario:?} end")
}

#[test]
fn a_write_that_is_killed_at_any_step_is_done_or_not_done() {
    for scenario in Scenario::ALL {
        let steps = kill_at_every_step(scenario, |location| scenario.prepare(location));
        let least = match scenario {
            Scenario::Delete | Scenario::SetExpired | Scenario::RemoveDamaged => 4,
            _ => 5,
        };
        assert!(steps >= least, "{scenario:?} has {steps} steps");
    }
}

#[test]
fn a_write_that_is_killed_while_it_removes_a_file_of_the_queue_is_done_or_not_done() {
    let prepare = |location: &Path| {
        move_queue(location, (1 << 16) - 2);
        Scenario::Cull.prepare(location);
        assert_eq!(segments(location).len(), 2);
    };
    let steps = kill_at_every_step(Scenario::Cull, prepare);
    let plain = kill_at_every_step(Scenario::Cull, |location| Scenario::Cull.prepare(location));
    assert_eq!(steps, plain + 1);
}

#[test]
fn a_write_that_is_killed_while_it_drops_the_record_of_a_gone_entry_is_done_or_not_done() {
    let prepare = |location: &Path| {
        move_queue(location, (1 << 16) - 1);
        Scenario::Delete.prepare(location);
        assert_eq!(segments(location).len(), 2);
    };
    let steps = kill_at_every_step(Scenario::Delete, prepare);
    let plain = kill_at_every_step(Scenario::Delete, |location| {
        Scenario::Delete.prepare(location)
    });
    assert_eq!(steps, plain + 1);
}

#[test]
fn a_write_that_is_killed_while_it_shortens_the_queue_is_done_or_not_done() {
    let prepare = |location: &Path| {
        move_queue(location, (1 << 16) - 1);
        Scenario::Insert.prepare(location);
        let file = Scenario::Insert.open(location);
        for _ in 0..SHORT_QUEUE - 7 {
            file.set(&Key::new("gone"), content("gone", 1), None)
                .unwrap();
            file.delete(&Key::new("gone")).unwrap();
        }
        assert_eq!(segments(location).len(), 2);
    };
    let steps = kill_at_every_step(Scenario::Insert, prepare);
    let plain = kill_at_every_step(Scenario::Insert, |location| {
        Scenario::Insert.prepare(location)
    });
    assert_eq!(steps, plain + 3);
}
