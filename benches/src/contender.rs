//! Ways of doing the same work, each able to do it any number of times and to say how long that took.

use std::{
    fmt,
    future::Future,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use tokio::runtime::Runtime;

use crate::cores::stay_on;

/// One way of doing the work of a row.
pub struct Contender<'a> {
    pub(crate) name: String,
    run: Box<dyn FnMut(u64) -> Duration + 'a>,
}

impl<'a> Contender<'a> {
    /// Does the work so many times and says how long it took.
    pub fn new(name: impl Into<String>, run: impl FnMut(u64) -> Duration + 'a) -> Self {
        Self {
            name: name.into(),
            run: Box::new(run),
        }
    }

    /// The same by another name.
    #[must_use]
    pub fn named(self, name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..self
        }
    }

    /// Calls `operation` in this thread, with the number of the call.
    pub fn each(name: impl Into<String>, mut operation: impl FnMut(u64) + 'a) -> Self {
        let mut done = 0;
        Self::new(name, move |times| {
            let start = Instant::now();
            for call in done..done + times {
                operation(call);
            }
            done += times;
            start.elapsed()
        })
    }

    /// Calls `operation` in so many threads at once, each on a core of its own; what is counted is the calls of all of them.
    pub fn threads(
        name: impl Into<String>,
        threads: u64,
        operation: impl Fn(u64) + Sync + 'a,
    ) -> Self {
        if threads == 1 {
            return Self::each(name, operation);
        }
        Self::new(name, move |times| {
            let (barrier, operation) = (Barrier::new(threads as usize), &operation);
            let each = times.div_ceil(threads);
            let run = |thread: u64| {
                // far apart in the order of use
                let first = thread * 100_003;
                stay_on(thread as usize);
                barrier.wait();
                let start = Instant::now();
                for call in first..first + each {
                    operation(call);
                }
                (start, Instant::now())
            };
            let run = &run;
            thread::scope(|scope| {
                let running: Vec<_> = (0..threads)
                    .map(|thread| scope.spawn(move || run(thread)))
                    .collect();
                let ran = running
                    .into_iter()
                    .map(|thread| thread.join().expect("no thread panics"));
                let (starts, ends): (Vec<_>, Vec<_>) = ran.unzip();
                let start = starts.into_iter().min().expect("there are threads");
                let end = ends.into_iter().max().expect("there are threads");
                (end - start).mul_f64(times as f64 / (each * threads) as f64)
            })
        })
    }

    /// Awaits `operation` in so many tasks at once on the runtime; what is counted is the calls of all of them.
    pub fn tasks<F>(
        name: impl Into<String>,
        runtime: &'a Runtime,
        tasks: u64,
        operation: impl Fn(u64) -> F + Clone + Send + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self::new(name, move |times| {
            let each = times.div_ceil(tasks);
            runtime.block_on(async {
                let start = Instant::now();
                let running: Vec<_> = (0..tasks)
                    .map(|task| {
                        let operation = operation.clone();
                        tokio::spawn(async move {
                            let first = task * 1_009;
                            for call in first..first + each {
                                operation(call).await;
                            }
                        })
                    })
                    .collect();
                for task in running {
                    task.await.expect("no task panics");
                }
                start
                    .elapsed()
                    .mul_f64(times as f64 / (each * tasks) as f64)
            })
        })
    }

    /// Nanoseconds a call, over so many calls.
    pub(crate) fn measure(&mut self, times: u64) -> f64 {
        (self.run)(times).as_secs_f64() * 1e9 / times as f64
    }
}

impl fmt::Debug for Contender<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contender")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
