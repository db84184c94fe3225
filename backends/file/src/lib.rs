//! The file cache of `cachemere`: one file a value, safe under many processes, bounded without listing a directory.
//!
//! ```toml
//! [CACHES.default]
//! BACKEND = "file"
//! LOCATION = "/var/cache/app"
//!
//! [CACHES.default.OPTIONS]
//! MAX_ENTRIES = 10_000
//! MAX_BYTES = 1_000_000_000
//! LOCK_TIMEOUT = 5
//! ```
//!
//! # On disk
//!
//! Everything is in the folder `cachemere` of LOCATION; other files there are left alone.
//!
//! - `entries/ab/…` has the entries. A file is named by a digest of its key and carries the key itself, the expiry, the
//!   value and checksums of all of it. It is written in `tmp` and moved here, so that a reader, which takes no lock,
//!   finds the old value or the new one. A few files that were replaced stay in `tmp` to be written anew, until the
//!   process ends or the cache is closed.
//! - `queue/…` has a record of every insertion, in their order. A cull takes entries from its head; no directory is
//!   listed for it, and it costs the same however many entries there are. What is recorded of entries that are gone
//!   leaves the head again, two records at each write.
//! - `index` has the books (how many entries, how many bytes, where the queue begins and ends) and is what writers lock.
//!   What a writer is about to do is written there first: after a kill at any point the next writer finishes it, and the
//!   books are exact.
//!
//! With `FORMAT = "django"`, LOCATION is the folder of a Django site's file cache instead, with the files that Django
//! writes: see the feature `django` of `cachemere`.
//!
//! # Behavior
//!
//! - When an entry is added to MAX_ENTRIES others, the oldest ones by insertion go: `1 / CULL_FREQUENCY` of them, at most
//!   1,000 at each write.
//! - MAX_BYTES limits the files of the entries together. A value that alone is larger is refused.
//! - A missing or torn index is rebuilt from the entries, which takes the longer the more there are. So it is at the
//!   first write after a restart of the machine, since nothing waits for the disk when it is written.
//! - A write that waits longer than LOCK_TIMEOUT is an error of the kind [`TimedOut`](cachemere_base::ErrorKind::TimedOut).
//! - A `set` that fails leaves no old value: what it can neither replace nor remove in time is marked as given up, and
//!   whoever has the lock next removes it.
//! - A process that was forked while no thread of it used the cache may go on with it: it has locks of its own.
//! - What others may have prepared is not used: the folder `cachemere` must be of the user of the process, with a mode
//!   that lets nobody else write into it, and no symbolic link; in it, links are not followed and only regular files
//!   are read and written.
//! - LOCATION must be on a local disk: locks of a network are not to be relied on.

mod backend;
mod cull;
mod digest;
mod disk;
#[cfg(feature = "django")]
mod django;
mod draft;
mod entry;
mod fault;
mod file;
mod folder;
mod layout;
mod limits;
mod locked;
mod options;
mod queue;
mod rebuild;
mod spare;
mod state;
mod step;
mod store;
mod sweep;

pub use file::File;
pub use options::Options;
