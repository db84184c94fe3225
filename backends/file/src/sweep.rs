use std::{
    fs,
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
    time::{Duration, SystemTime},
};

/// A draft of this age belongs to a process that was killed.
pub(crate) const STALE: Duration = Duration::from_secs(3600);

/// Nobody waits longer for what is being removed.
const PATIENCE: Duration = Duration::from_secs(1);

/// Removes what was cleared, and drafts of killed processes: in a thread of its own, since it may be very many files.
/// What is not removed when the process ends, another one removes.
pub(crate) fn sweep(tmp: &Path) {
    let leftovers = leftovers(tmp);
    if leftovers.is_empty() {
        return;
    }
    let (sender, done) = mpsc::channel::<()>();
    let spawned = thread::Builder::new()
        .name("cachemere-sweep".into())
        .spawn(move || {
            leftovers.iter().for_each(|path| remove(path));
            drop(sender);
        });
    if spawned.is_ok() {
        let _ = done.recv_timeout(PATIENCE);
    }
}

fn leftovers(tmp: &Path) -> Vec<PathBuf> {
    if fs::symlink_metadata(tmp).is_ok_and(|tmp| tmp.is_symlink()) {
        return Vec::new();
    }
    let files = fs::read_dir(tmp).into_iter().flatten().flatten();
    let leftovers = files.filter(|file| file.metadata().is_ok_and(|file| is_leftover(&file)));
    leftovers.map(|file| file.path()).collect()
}

fn is_leftover(file: &fs::Metadata) -> bool {
    let is_stale = |written: SystemTime| written.elapsed().is_ok_and(|age| age > STALE);
    file.is_dir() || file.modified().is_ok_and(is_stale)
}

fn remove(path: &Path) {
    let _ = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
}
