use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use cachemere_base::{Backend, Error, Key, Store, Value};
use cachemere_redis::Redis;
use parking_lot::Mutex;

/// Threads or tasks that write and read all the time, and check that every value is that of its key.
pub(crate) struct Load {
    is_over: Arc<AtomicBool>,
    seen: Arc<Seen>,
    workers: Vec<thread::JoinHandle<()>>,
}

/// What the workers met.
#[derive(Default)]
pub(crate) struct Seen {
    done: AtomicU64,
    errors: Mutex<Vec<Error>>,
    slowest: Mutex<Duration>,
}

pub(crate) fn key(number: usize) -> Key {
    Key::new(&format!("user:{number}"))
}

/// A value that says whose it is, of a length of its own.
pub(crate) fn value(key: &Key, round: usize) -> Value {
    Value::raw(format!("{key}={}", "x".repeat(round * 37 % 3000)))
}

/// Whether this is a value of the key.
pub(crate) fn belongs(key: &Key, value: &Value) -> bool {
    let bytes = value.clone().into_bytes();
    let rest = bytes.strip_prefix(format!("{key}=").as_bytes());
    rest.is_some_and(|rest| rest.iter().all(|byte| *byte == b'x'))
}

impl Load {
    /// Eight threads.
    pub(crate) fn blocking(cache: &Arc<Redis>) -> Self {
        let worker = |cache: Arc<Redis>, worker, seen: Arc<Seen>, is_over: Arc<AtomicBool>| {
            for round in 0.. {
                if is_over.load(SeqCst) {
                    return;
                }
                let key = key((worker + round) % 32);
                seen.time(|| cache.set(&key, value(&key, round), None));
                let found = seen.time(|| cache.get(&key)).flatten();
                assert!(
                    found.is_none_or(|found| belongs(&key, &found)),
                    "a value of another key"
                );
                let keys = [self::key(1), self::key(2), self::key(3)];
                for (key, found) in keys
                    .iter()
                    .zip(seen.time(|| cache.get_many(&keys)).unwrap_or_default())
                {
                    assert!(
                        found.is_none_or(|found| belongs(key, &found)),
                        "a value of another key"
                    );
                }
            }
        };
        Self::start(8, |number, seen, is_over| {
            let cache = Arc::clone(cache);
            thread::spawn(move || worker(cache, number, seen, is_over))
        })
    }

    /// Thirty-two tasks on two runtimes.
    pub(crate) fn asynchronous(cache: &Arc<Redis>) -> Self {
        async fn worker(cache: Store, worker: usize, seen: Arc<Seen>, is_over: Arc<AtomicBool>) {
            for round in 0.. {
                if is_over.load(SeqCst) {
                    return;
                }
                let key = key((worker + round) % 32);
                seen.wait(cache.aset(key.clone(), value(&key, round), None))
                    .await;
                let found = seen.wait(cache.aget(key.clone())).await.flatten();
                assert!(
                    found.is_none_or(|found| belongs(&key, &found)),
                    "a value of another key"
                );
                // what is dropped in mid-flight leaves nothing behind
                let dropped = cache.aget(self::key(round % 32));
                let _ = tokio::time::timeout(Duration::from_micros(50), dropped).await;
            }
        }
        Self::start(2, |number, seen, is_over| {
            let cache = Store::new(Arc::clone(cache) as Arc<dyn Backend>);
            thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .unwrap();
                runtime.block_on(async {
                    let worker = |task| {
                        let (cache, seen, is_over) =
                            (cache.clone(), Arc::clone(&seen), Arc::clone(&is_over));
                        tokio::spawn(worker(cache, number * 16 + task, seen, is_over))
                    };
                    for worker in (0..16).map(worker).collect::<Vec<_>>() {
                        worker.await.unwrap();
                    }
                });
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
    pub(crate) fn go_on_for(&self, operations: u64) {
        let start = self.seen.done.load(SeqCst);
        cachemere_servers::until("work goes on", || {
            self.seen.done.load(SeqCst) >= start + operations
        });
    }

    /// Waits until an operation has failed from now on.
    #[track_caller]
    pub(crate) fn wait_for_errors(&self) {
        let before = self.seen.errors.lock().len();
        cachemere_servers::until("an error", || self.seen.errors.lock().len() > before);
    }

    /// Ends it, and gives the errors and the time of the slowest operation.
    pub(crate) fn end(self) -> (Vec<Error>, Duration) {
        self.is_over.store(true, SeqCst);
        for worker in self.workers {
            worker.join().unwrap();
        }
        let errors = std::mem::take(&mut *self.seen.errors.lock());
        (errors, *self.seen.slowest.lock())
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
