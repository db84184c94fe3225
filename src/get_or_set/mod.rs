//! `get_or_set` and its twins: one computation for all who miss the same key at the same time.

mod asynchronous;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use cachemere_base::{Error, ErrorKind, Key, Result, Timeout, Ttl, Value};

use crate::{
    Cache, Decode, Encode,
    flights::{Flight, Landing, Leader, Mode, Role},
};

/// What stands where a value was looked for.
enum Found<T> {
    Value(T),
    /// Nothing: `add` what is computed, since another process may be first.
    Nothing,
    /// Something that is not a `T`: `set` what is computed over it.
    Other,
}

impl<T> Found<T> {
    fn of(read: Result<Option<T>>) -> Result<Self> {
        match read {
            Ok(Some(value)) => Ok(Self::Value(value)),
            Ok(None) => Ok(Self::Nothing),
            Err(error) if error.kind() == ErrorKind::Decode => Ok(Self::Other),
            Err(error) => Err(error),
        }
    }
}

/// What a caller who found no value does next.
enum Turn {
    /// Compute it, for all who wait.
    Lead(Leader),
    /// Compute it within a computation of the same key.
    Nested,
    /// Look once more, since somebody may have stored it meanwhile, and compute it then.
    LookAgain(Leader),
    /// Wait for who computes it.
    Wait(Arc<Flight>),
}

/// What becomes of a value that is stored within a computation of the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inner {
    /// It was first: it is the value, as with Django's `get_or_set`.
    Stays,
    /// The outer one replaces it, as with Django's `{% cache %}`.
    IsReplaced,
}

/// Who computes.
enum Computer {
    /// For all who wait.
    Leader(Leader),
    /// Within a computation of the same key.
    Nested,
    /// For nobody else, after waiting too long.
    Alone,
}

impl Computer {
    /// Whether what is computed replaces what was stored meanwhile.
    fn replaces(&self, inner: Inner) -> bool {
        let is_nested = match self {
            Self::Leader(leader) => leader.is_nested(),
            Self::Nested => true,
            Self::Alone => false,
        };
        is_nested && inner == Inner::IsReplaced
    }
}

/// What a wait brought.
enum Landed<T> {
    /// Nothing: somebody gave up, and the next one tries.
    Nothing,
    /// Nothing, for too long: the caller computes alone.
    Alone,
    /// A value, or one that is not a `T`.
    With(Found<T>),
}

/// A follower's patience.
#[derive(Default)]
pub(crate) struct Patience(Option<Instant>);

impl Cache {
    /// The value of a key; where there is none, the value of `default`, which is stored and returned.
    ///
    /// - `default` runs once in this process for all threads that miss the key at the same time; the others wait for
    ///   its value, `OPTIONS.GET_OR_SET_WAIT` (5 s) at most, and then compute it themselves. If it panics, the next
    ///   one tries. It runs without any lock held, and may use the cache.
    /// - If another process stored a value meanwhile, that one is returned.
    /// - An entry that is not a `T` is replaced.
    /// - A `Some(None)` that is stored comes back as `None`, as with [`get`](Self::get).
    ///
    /// ```
    /// # fn main() -> cachemere::Result<()> {
    /// # let caches = cachemere::Caches::from_toml("")?;
    /// let answer: u64 = caches["default"].get_or_set("answer", || 6 * 7, 100)?;
    /// assert_eq!(answer, 42);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`get`](Self::get) and [`set`](Self::set), but for an entry of another type.
    pub fn get_or_set<T: Encode + Decode>(
        &self,
        key: &str,
        default: impl FnOnce() -> T,
        timeout: impl Into<Timeout>,
    ) -> Result<T> {
        self.try_get_or_set(key, || Ok(default()), timeout)
    }

    /// [`get_or_set`](Self::get_or_set) with a `default` that may fail: its error is returned, and nothing is stored.
    ///
    /// The error type takes in the cache's own errors: `Box<dyn Error>`, or one of yours with `From<cachemere::Error>`.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    /// # let caches = cachemere::Caches::from_toml("")?;
    /// type Error = Box<dyn std::error::Error + Send + Sync>;
    ///
    /// let port = caches["default"].try_get_or_set("port", || Ok::<u16, Error>("8080".parse()?), 60)?;
    /// assert_eq!(port, 8080);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// The closure's own, and those of `get_or_set`.
    pub fn try_get_or_set<T: Encode + Decode, E: From<Error>>(
        &self,
        key: &str,
        default: impl FnOnce() -> Result<T, E>,
        timeout: impl Into<Timeout>,
    ) -> Result<T, E> {
        self.compute(key, default, timeout.into(), Inner::Stays)
    }

    pub(crate) fn compute<T: Encode + Decode, E: From<Error>>(
        &self,
        key: &str,
        default: impl FnOnce() -> Result<T, E>,
        timeout: Timeout,
        inner: Inner,
    ) -> Result<T, E> {
        let ttl = self.handle.ttl(timeout)?;
        let final_key = self.key(key)?;
        let mut seen = self.handle.flights.landed(&final_key);
        let mut found = self.look(&final_key)?;
        if self.handle.store.stores_nothing() {
            return default();
        }
        let mut patience = Patience(None);
        let computer = loop {
            if let Found::Value(value) = found {
                return Ok(value);
            }
            match self.turn(&final_key, Mode::Sync, &mut seen) {
                Turn::Lead(leader) => break Computer::Leader(leader),
                Turn::Nested => break Computer::Nested,
                Turn::LookAgain(leader) => {
                    found = self.look(&final_key)?;
                    if !matches!(found, Found::Value(_)) {
                        break Computer::Leader(leader);
                    }
                }
                Turn::Wait(flight) => {
                    match self.landed(&final_key, flight.wait(patience.left(self))) {
                        Landed::Nothing => {}
                        Landed::Alone => break Computer::Alone,
                        Landed::With(landed) => found = landed,
                    }
                }
            }
        };
        let value = default()?;
        let encoded = self.handle.encode(key, &value)?;
        let stored = self.store_computed(
            &final_key,
            encoded.clone(),
            ttl,
            matches!(found, Found::Other) || computer.replaces(inner),
        )?;
        land(computer, stored.as_ref().unwrap_or(&encoded));
        Ok(self.winner(&final_key, stored).unwrap_or(value))
    }

    fn turn(&self, key: &Key, mode: Mode, seen: &mut u64) -> Turn {
        let flights = &self.handle.flights;
        match flights.join(self.handle.store.identity(), key, mode) {
            Role::Nested => Turn::Nested,
            Role::Follower(flight) => Turn::Wait(flight),
            Role::Leader(leader) => match flights.landed(key) {
                landed if landed == *seen => Turn::Lead(leader),
                landed => {
                    *seen = landed;
                    Turn::LookAgain(leader)
                }
            },
        }
    }

    fn landed<T: Decode>(&self, key: &Key, landing: Landing) -> Landed<T> {
        match landing {
            Landing::GaveUp => Landed::Nothing,
            Landing::TimedOut => Landed::Alone,
            Landing::Value(value) => {
                Landed::With(self.decoded(key, value).map_or(Found::Other, Found::Value))
            }
        }
    }

    fn look<T: Decode>(&self, key: &Key) -> Result<Found<T>> {
        let stored = self.readable(key, self.handle.store.get_for_update(key))?;
        let decoded = stored.map(|value| self.handle.decode(key, value));
        Found::of(decoded.transpose())
    }

    /// Stores what was computed; if another process was first, returns what that one stored.
    fn store_computed(
        &self,
        key: &Key,
        value: Value,
        ttl: Ttl,
        replace: bool,
    ) -> Result<Option<Value>> {
        let store = &self.handle.store;
        if replace {
            return self
                .handle
                .forgive_size(store.set(key, value, ttl), || ())
                .map(|()| None);
        }
        if self
            .handle
            .forgive_size(store.add(key, value, ttl), || true)?
        {
            return Ok(None);
        }
        self.handle.forgive(store.get_for_update(key), || None)
    }

    /// The value that another process stored first, if there is one and it is a `T`.
    fn winner<T: Decode>(&self, key: &Key, stored: Option<Value>) -> Option<T> {
        self.decoded(key, stored?)
    }

    /// The value, if it is a `T`.
    fn decoded<T: Decode>(&self, key: &Key, value: Value) -> Option<T> {
        let readable = self.handle.readable(key, value)?;
        self.handle.decode(key, readable).ok()
    }
}

fn land(computer: Computer, value: &Value) {
    if let Computer::Leader(leader) = computer {
        leader.land(value.clone());
    }
}

impl Patience {
    /// What is left of GET_OR_SET_WAIT since the first wait.
    pub(crate) fn left(&mut self, cache: &Cache) -> Duration {
        let deadline = *self
            .0
            .get_or_insert_with(|| Instant::now() + cache.handle.alias.get_or_set_wait);
        deadline.saturating_duration_since(Instant::now())
    }
}
