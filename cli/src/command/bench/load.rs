use std::{
    process,
    time::{Duration, Instant, SystemTime},
};

use cachemere::{Cache, ErrorKind, Raw, Result, Timeout};
use indicatif::ProgressBar;

use super::latencies::Latencies;

/// How many keys there are: few, since a store that is full culls for them as for any entry.
const KEYS: usize = 20;

/// How often the bar moves.
const TICK: Duration = Duration::from_millis(50);

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Set,
    Get,
    GetMissing,
    SetMany,
    GetMany,
    Incr,
}

impl Verb {
    pub(super) const ALL: [Self; 6] = [
        Self::Set,
        Self::Get,
        Self::GetMissing,
        Self::SetMany,
        Self::GetMany,
        Self::Incr,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Set => "set",
            Self::Get => "get",
            Self::GetMissing => "get, missing",
            Self::SetMany => "set_many(20)",
            Self::GetMany => "get_many(20)",
            Self::Incr => "incr",
        }
    }
}

/// Calls on keys of its own, which are removed at the end, and at once where a call fails.
pub(super) struct Load<'a> {
    cache: &'a Cache,
    keys: Vec<String>,
    counter: String,
    missing: String,
    value: Raw,
    time: Duration,
    /// What a killed process leaves behind goes by itself.
    timeout: Timeout,
    bar: &'a ProgressBar,
}

impl<'a> Load<'a> {
    pub(super) fn new(cache: &'a Cache, size: usize, time: Duration, bar: &'a ProgressBar) -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let started = now.map_or(0, |now| now.as_nanos());
        let key = |name: &str| format!("cachemere.bench.{}.{started}.{name}", process::id());
        Self {
            cache,
            keys: (0..KEYS).map(|number| key(&number.to_string())).collect(),
            counter: key("counter"),
            missing: key("missing"),
            value: Raw::from(vec![b'x'; size]),
            time,
            timeout: Timeout::After(60 * Duration::from_secs(1) + 10 * time),
            bar,
        }
    }

    /// Stores what a verb needs.
    pub(super) fn prepare(&self, verb: Verb) -> Result<()> {
        if verb == Verb::Incr {
            self.cache.set(&self.counter, &0, self.timeout)?;
        }
        Ok(())
    }

    /// Calls a verb over and over, and moves the bar if it is told to.
    pub(super) fn run(&self, verb: Verb, moves_bar: bool) -> Result<Latencies> {
        let mut latencies = Latencies::new();
        let (start, mut shown) = (self.bar.position(), Duration::ZERO);
        let mut before = Instant::now();
        for call in 0.. {
            self.call(verb, &self.keys[call % KEYS])?;
            let now = Instant::now();
            latencies.add(now - before);
            before = now;
            let elapsed = latencies.elapsed();
            if moves_bar && elapsed >= shown + TICK {
                self.bar
                    .set_position(start + elapsed.min(self.time).as_millis() as u64);
                shown = elapsed;
            }
            if elapsed >= self.time {
                break;
            }
        }
        Ok(latencies)
    }

    fn call(&self, verb: Verb, key: &str) -> Result<()> {
        let Self { cache, timeout, .. } = self;
        match verb {
            Verb::Set => cache.set(key, &self.value, *timeout),
            Verb::Get => cache.get::<Raw>(key).map(drop),
            Verb::GetMissing => cache.get::<Raw>(&self.missing).map(drop),
            Verb::SetMany => {
                let entries = self.keys.iter().map(|key| (key, self.value.clone()));
                cache.set_many(entries, *timeout).map(drop)
            }
            Verb::GetMany => cache.get_many::<Raw, _>(&self.keys).map(drop),
            Verb::Incr => match cache.incr(&self.counter, 1) {
                // a store that keeps nothing says so
                Err(error) if error.kind() == ErrorKind::KeyNotFound => Ok(()),
                sum => sum.map(drop),
            },
        }
    }

    /// Removes all that was stored.
    pub(super) fn remove(&self) -> Result<()> {
        self.cache
            .delete_many(self.keys.iter().chain([&self.counter]))
    }
}

impl Drop for Load<'_> {
    /// Whatever happened; [`remove`](Load::remove) says whether it worked.
    fn drop(&mut self) {
        let _ = self.remove();
    }
}
