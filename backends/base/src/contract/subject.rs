use std::{future::Future, sync::Arc, time::Duration};

use super::Fixture;
use crate::{ErrorKind, Format, Key, KeyCheck, Remaining, Result, Settings, Store, Ttl, Value};

/// The lifetime to outlive where time can be moved.
const SHORT: Duration = Duration::from_secs(10);

/// How a behaviour reaches the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// By the blocking methods.
    Sync,
    /// By the asynchronous ones.
    Asynchronous,
}

/// The store under test: every verb of it, in one [`Mode`], with any error a failure of the test.
#[expect(
    missing_debug_implementations,
    reason = "fixtures need not implement it"
)]
pub struct Subject {
    store: Store,
    mode: Mode,
    open: fn(Settings) -> Arc<dyn Fixture>,
    fixture: Arc<dyn Fixture>,
}

macro_rules! verbs {
    ($($done:ident $verb:ident = $twin:ident($($by_ref:ident: $ref_type:ty = $converted:expr),*; $($by_value:ident: $type:ty),*) -> $output:ty;)*) => {
        $(
            #[doc = concat!("[`Backend::", stringify!($verb), "`](crate::Backend::", stringify!($verb), ").")]
            #[track_caller]
            pub fn $verb(&self, $($by_ref: $ref_type,)* $($by_value: $type),*) -> $output {
                $(let $by_ref = $converted;)*
                self.$done(match self.mode {
                    Mode::Sync => self.store.$verb($(&$by_ref,)* $($by_value),*),
                    Mode::Asynchronous => self.wait(self.store.$twin($($by_ref,)* $($by_value),*)),
                })
            }
        )*
    };
}

impl Subject {
    /// A store fresh from the fixture, with room for all that the behaviours put into it.
    #[must_use]
    pub fn new<F: Fixture>(mode: Mode) -> Self {
        Self::open(mode, |settings| Arc::new(F::open(settings)), 100_000, 3)
    }

    /// Another fresh store of the same kind, with these limits.
    #[must_use]
    pub fn limited(&self, max_entries: u64, cull_frequency: u64) -> Self {
        Self::open(self.mode, self.open, max_entries, cull_frequency)
    }

    fn open(
        mode: Mode,
        open: fn(Settings) -> Arc<dyn Fixture>,
        max_entries: u64,
        cull_frequency: u64,
    ) -> Self {
        let settings = Settings::new("contract", "contract")
            .with_max_entries(max_entries)
            .with_cull_frequency(cull_frequency)
            .with_given(["MAX_ENTRIES", "CULL_FREQUENCY"]);
        let fixture = open(settings);
        Self {
            store: Store::new(fixture.backend()),
            mode,
            open,
            fixture,
        }
    }

    /// The same store, through another backend if the fixture has one.
    #[must_use]
    pub fn another(&self) -> Self {
        Self {
            store: Store::new(self.fixture.another()),
            fixture: Arc::clone(&self.fixture),
            ..*self
        }
    }

    verbs! {
        read get = aget(key: &str = Key::new(key);) -> Option<Value>;
        read has_key = ahas_key(key: &str = Key::new(key);) -> bool;
        read get_with_ttl = aget_with_ttl(key: &str = Key::new(key);) -> Option<(Value, Remaining)>;
        read get_many = aget_many(keys: &[&str] = converted(keys);) -> Vec<Option<Value>>;
        written set = aset(key: &str = Key::new(key); value: Value, ttl: Ttl) -> ();
        written add = aadd(key: &str = Key::new(key); value: Value, ttl: Ttl) -> bool;
        written touch = atouch(key: &str = Key::new(key); ttl: Ttl) -> bool;
        written delete = adelete(key: &str = Key::new(key);) -> bool;
        written incr = aincr(key: &str = Key::new(key); delta: i64) -> Option<i64>;
        written delete_many = adelete_many(keys: &[&str] = converted(keys);) -> ();
        written clear = aclear(;) -> ();
        written close = aclose(;) -> ();
    }

    /// [`Backend::set_many`](crate::Backend::set_many).
    #[track_caller]
    pub fn set_many(&self, entries: &[(&str, Value)], ttl: Ttl) -> Vec<usize> {
        let entries = entries
            .iter()
            .map(|(key, value)| (Key::new(key), value.clone()))
            .collect();
        self.written(match self.mode {
            Mode::Sync => self.store.set_many(entries, ttl),
            Mode::Asynchronous => self.wait(self.store.aset_many(entries, ttl)),
        })
    }

    /// The kind of the error that [`Backend::incr`](crate::Backend::incr) gives.
    #[track_caller]
    #[must_use]
    pub fn incr_error(&self, key: &str, delta: i64) -> ErrorKind {
        let key = Key::new(key);
        let result = match self.mode {
            Mode::Sync => self.store.incr(&key, delta),
            Mode::Asynchronous => self.wait(self.store.aincr(key, delta)),
        };
        match result {
            Err(error) => error.kind(),
            Ok(sum) => panic!("an error was expected, `incr` gave {sum:?}"),
        }
    }

    /// How long a live entry still lives.
    #[track_caller]
    #[must_use]
    pub fn remaining(&self, key: &str) -> Remaining {
        let Some((_, remaining)) = self.get_with_ttl(key) else {
            panic!("{} is gone", Key::new(key).shown());
        };
        remaining
    }

    /// [`Backend::identity`](crate::Backend::identity).
    #[must_use]
    pub fn identity(&self) -> usize {
        self.store.identity()
    }

    /// Whether the store takes this key: [`Backend::check_key`](crate::Backend::check_key) does not refuse it.
    #[must_use]
    pub fn takes(&self, key: &str) -> bool {
        !matches!(self.store.check_key(&Key::new(key)), KeyCheck::Refuse(_))
    }

    /// [`Fixture::culls`].
    #[must_use]
    pub fn culls(&self) -> bool {
        self.fixture.culls()
    }

    /// [`Fixture::formats`].
    #[must_use]
    pub fn formats(&self) -> Vec<Format> {
        self.fixture.formats()
    }

    /// [`Fixture::tells_remaining`].
    #[must_use]
    pub fn tells_remaining(&self) -> bool {
        self.fixture.tells_remaining()
    }

    /// Whether time stands still but for [`advance`](Self::advance).
    #[must_use]
    pub fn travels(&self) -> bool {
        self.fixture.tick().is_none()
    }

    /// Lets time pass.
    pub fn advance(&self, by: Duration) {
        self.fixture.advance(by);
    }

    /// A lifetime short enough to wait for its end.
    #[must_use]
    pub fn short(&self) -> Duration {
        self.fixture.tick().unwrap_or(SHORT)
    }

    /// Waits until an entry that was given this lifetime is gone, to the millisecond where time can be moved.
    pub fn outlive(&self, lifetime: Duration) {
        self.advance(match self.fixture.tick() {
            Some(tick) => (lifetime + tick).max(tick * 2),
            None => lifetime,
        });
    }

    #[track_caller]
    fn read<T>(&self, result: Result<T>) -> T {
        match result {
            Ok(value) => value,
            Err(error) => panic!("the store failed: {error:?}"),
        }
    }

    #[track_caller]
    fn written<T>(&self, result: Result<T>) -> T {
        self.fixture.settle();
        self.read(result)
    }

    fn wait<T: Send>(&self, future: impl Future<Output = T> + Send) -> T {
        let mut output = None;
        self.fixture.block_on(Box::pin(async {
            output = Some(future.await);
        }));
        output.expect("the fixture runs futures to their end")
    }
}

fn converted(keys: &[&str]) -> Vec<Key> {
    keys.iter().copied().map(Key::new).collect()
}
