//! Threads and tasks that use a cache all the time, while something is done to its server.

use std::{
    ops::RangeInclusive,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use cachemere_base::{Backend, Error, Key, Store, Value};
use parking_lot::Mutex;

use crate::until;

/// Workers that write and read, and check that every value is that of its key.
#[derive(Debug)]
pub struct Load {
    is_over: Arc<AtomicBool>,
    seen: Arc<Seen>,
    workers: Vec<thread::JoinHandle<()>>,
}

/// What the workers met.
#[derive(Debug, Default)]
struct Seen {
    done: AtomicU64,
    errors: Mutex<Vec<Error>>,
    slowest: Mutex<Duration>,
    /// Increments that are known to be done, and those that may have been.
    counted: AtomicI64,
    unknown: AtomicI64,
}

/// What is left of it.
#[derive(Debug)]
pub struct Outcome {
    /// What failed.
    pub errors: Vec<Error>,
    /// How long the slowest operation took.
    pub slowest: Duration,
    /// What the counter may be.
    pub counted: RangeInclusive<i64>,
}

/// The key of a number.
#[must_use]
pub fn key(number: usize) -> Key {
    Key::new(&format!("user:{number}"))
}

/// The key of what the threads of a load count, if it is there.
#[must_use]
pub fn counter() -> Key {
    Key::new("count")
}

/// A value that says whose it is, of a length of its own.
#[must_use]
pub fn value(key: &Key, round: usize) -> Value {
    Value::raw(format!("{key}={}", "x".repeat(round * 37 % 3000)))
}

/// Whether this is a value of the key.
#[must_use]
pub fn belongs(key: &Key, value: &Value) -> bool {
    let bytes = value.clone().into_bytes();
    let rest = bytes.strip_prefix(format!("{key}=").as_bytes());
    rest.is_some_and(|rest| rest.iter().all(|byte| *byte == b'x'))
}

#[track_caller]
fn check(key: &Key, found: Option<&Value>) {
    assert!(
        found.is_none_or(|found| belongs(key, found)),
        "{key} has a value of another key"
    );
}

impl Load {
    /// Eight threads.
    pub fn blocking(cache: &Arc<impl Backend>) -> Self {
        Self::start(8, |number, seen, is_over| {
            let cache = Arc::clone(cache);
            thread::spawn(move || {
                for round in 0.. {
                    if is_over.load(SeqCst) {
                        return;
                    }
                    let (own, keys) = (key((number + round) % 32), [1, 2, 3].map(key));
                    seen.time(|| cache.set(&own, value(&own, round), None));
                    check(&own, seen.time(|| cache.get(&own)).flatten().as_ref());
                    let found = seen.time(|| cache.get_many(&keys)).unwrap_or_default();
                    keys.iter()
                        .zip(&found)
                        .for_each(|(key, found)| check(key, found.as_ref()));
                    seen.count(|| cache.incr(&counter(), 1));
                }
            })
        })
    }

    /// Thirty-two tasks on two runtimes.
    pub fn asynchronous(cache: &Arc<impl Backend>) -> Self {
        async fn work(cache: Store, number: usize, seen: Arc<Seen>, is_over: Arc<AtomicBool>) {
            for round in 0.. {
                if is_over.load(SeqCst) {
                    return;
                }
                let own = key((number + round) % 32);
                let set = cache.aset(own.clone(), value(&own, round), None);
                seen.wait(set).await;
                let found = seen.wait(cache.aget(own.clone())).await.flatten();
                check(&own, found.as_ref());
                // what is dropped in mid-flight leaves nothing behind
                let dropped = cache.aset(own.clone(), value(&own, round + 1), None);
                let _ = tokio::time::timeout(Duration::from_micros(50), dropped).await;
            }
        }
        Self::start(2, |number, seen, is_over| {
            let cache = Store::new(Arc::clone(cache) as Arc<dyn Backend>);
            thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .expect("a runtime");
                let worker = |task| {
                    let (seen, is_over) = (Arc::clone(&seen), Arc::clone(&is_over));
                    runtime.spawn(work(cache.clone(), number * 16 + task, seen, is_over))
                };
                let workers: Vec<_> = (0..16).map(worker).collect();
                for worker in workers {
                    runtime.block_on(worker).expect("no task panics");
                }
            })
        })
    }

    fn start(
        workers: usize,
        spawn: impl Fn(usize, Arc<Seen>, Arc<AtomicBool>) -> thread::JoinHandle<()>,
    ) -> Self {
        let (seen, is_over) = (Arc::<Seen>::default(), Arc::<AtomicBool>::default());
        let spawn = |number| spawn(number, Arc::clone(&seen), Arc::clone(&is_over));
        let workers = (0..workers).map(spawn).collect();
        Self {
            is_over,
            seen,
            workers,
        }
    }

    /// Waits until so many operations have succeeded from now on.
    #[track_caller]
    pub fn go_on_for(&self, operations: u64) {
        let start = self.seen.done.load(SeqCst);
        until("work goes on", || {
            self.seen.done.load(SeqCst) >= start + operations
        });
    }

    /// Waits until an operation has failed from now on.
    #[track_caller]
    pub fn wait_for_errors(&self) {
        let before = self.seen.errors.lock().len();
        until("an error", || self.seen.errors.lock().len() > before);
    }

    /// Ends it.
    ///
    /// # Panics
    /// If a worker got what is not its key's.
    pub fn end(self) -> Outcome {
        self.is_over.store(true, SeqCst);
        for worker in self.workers {
            worker.join().expect("no thread panics");
        }
        let counted = self.seen.counted.load(SeqCst);
        Outcome {
            errors: std::mem::take(&mut *self.seen.errors.lock()),
            slowest: *self.seen.slowest.lock(),
            counted: counted..=counted + self.seen.unknown.load(SeqCst),
        }
    }
}

impl Seen {
    fn time<T>(&self, operation: impl FnOnce() -> Result<T, Error>) -> Option<T> {
        let start = Instant::now();
        let outcome = operation();
        self.note(start, outcome)
    }

    async fn wait<T>(&self, operation: impl Future<Output = Result<T, Error>>) -> Option<T> {
        let start = Instant::now();
        let outcome = operation.await;
        self.note(start, outcome)
    }

    fn count(&self, incr: impl FnOnce() -> Result<Option<i64>, Error>) {
        match self.time(incr) {
            Some(Some(_)) => self.counted.fetch_add(1, SeqCst),
            Some(None) => 0,
            None => self.unknown.fetch_add(1, SeqCst),
        };
    }

    fn note<T>(&self, start: Instant, outcome: Result<T, Error>) -> Option<T> {
        let mut slowest = self.slowest.lock();
        *slowest = (*slowest).max(start.elapsed());
        match outcome {
            Ok(value) => {
                self.done.fetch_add(1, SeqCst);
                Some(value)
            }
            Err(error) => {
                self.errors.lock().push(error);
                None
            }
        }
    }
}
