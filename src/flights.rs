//! Who computes a missing value, and who waits for it.

use std::{
    cell::RefCell,
    collections::HashMap,
    future::Future,
    hash::{BuildHasher, RandomState},
    pin::{Pin, pin},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
    thread::{self, ThreadId},
    time::Duration,
};

use cachemere_base::{Key, Value};
use event_listener::{Event, Listener};
use futures_timer::Delay;
use parking_lot::Mutex;

/// Blocking callers wait for blocking leaders only, asynchronous for asynchronous: a blocked thread might be the one
/// that the leader's task needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Mode {
    Sync,
    Async,
}

type Name = (usize, Key, Mode);

/// The values being computed right now in this process, by store and final key.
#[derive(Debug, Default)]
pub(crate) struct Flights {
    flying: Mutex<HashMap<Name, Arc<Flight>>>,
    landed: [AtomicU64; 16],
    hasher: RandomState,
}

/// How many computations had ended at some time, of the keys of each slot.
#[cfg(feature = "http")]
pub(crate) struct Landed([u64; 16]);

/// One computation: the leader's outcome, and the event that says it is there.
#[derive(Debug)]
pub(crate) struct Flight {
    leader: ThreadId,
    mode: Mode,
    done: Event,
    outcome: OnceLock<Option<Value>>,
    /// Whether the leader called for the same key while it computed.
    is_nested: AtomicBool,
}

/// What a caller is to do about a missing value.
pub(crate) enum Role {
    /// Compute it. Dropping the leader without an outcome lets the next one try.
    Leader(Leader),
    /// Wait for who computes it.
    Follower(Arc<Flight>),
    /// Compute it alone: this very caller is already computing it, further out.
    Nested,
}

pub(crate) struct Leader {
    flights: Arc<Flights>,
    name: Name,
    pub(crate) flight: Arc<Flight>,
}

impl Flights {
    /// A number that changes whenever a computation of this key may have ended.
    pub(crate) fn landed(&self, key: &Key) -> u64 {
        self.landed[self.slot(key)].load(Ordering::Acquire)
    }

    /// These numbers of all keys, for who does not know yet which one will be computed.
    #[cfg(feature = "http")]
    pub(crate) fn all_landed(&self) -> Landed {
        let number = |slot: usize| self.landed[slot].load(Ordering::Acquire);
        Landed(std::array::from_fn(number))
    }

    /// Whether a computation of this key may have ended since then.
    #[cfg(feature = "http")]
    pub(crate) fn has_landed(&self, key: &Key, since: &Landed) -> bool {
        self.landed(key) != since.0[self.slot(key)]
    }

    fn slot(&self, key: &Key) -> usize {
        let slot = self.hasher.hash_one(key) % self.landed.len() as u64;
        usize::try_from(slot).unwrap_or_default()
    }

    pub(crate) fn join(self: &Arc<Self>, store: usize, key: &Key, mode: Mode) -> Role {
        let name = (store, key.clone(), mode);
        let mut flying = self.flying.lock();
        if let Some(flight) = flying.get(&name) {
            return if flight.is_led_by_caller() {
                flight.is_nested.store(true, Ordering::Relaxed);
                Role::Nested
            } else {
                Role::Follower(Arc::clone(flight))
            };
        }
        let flight = Arc::new(Flight {
            leader: thread::current().id(),
            mode,
            done: Event::new(),
            outcome: OnceLock::new(),
            is_nested: AtomicBool::new(false),
        });
        flying.insert(name.clone(), Arc::clone(&flight));
        Role::Leader(Leader {
            flights: Arc::clone(self),
            name,
            flight,
        })
    }
}

impl Flight {
    fn is_led_by_caller(self: &Arc<Self>) -> bool {
        match self.mode {
            Mode::Sync => self.leader == thread::current().id(),
            Mode::Async => LEADING
                .with_borrow(|leading| leading.iter().any(|flight| Arc::ptr_eq(flight, self))),
        }
    }

    /// The leader's value, `None` if it gave up or `wait` is over.
    pub(crate) fn wait(&self, wait: Duration) -> Landing {
        let listener = self.done.listen();
        if let Some(outcome) = self.outcome.get() {
            return Landing::from(outcome);
        }
        listener.wait_timeout(wait);
        self.outcome.get().map_or(Landing::TimedOut, Landing::from)
    }

    /// [`wait`](Self::wait), asynchronously and in any runtime.
    pub(crate) async fn await_landing(&self, wait: Duration) -> Landing {
        let mut listener = self.done.listen();
        if let Some(outcome) = self.outcome.get() {
            return Landing::from(outcome);
        }
        let mut delay = Delay::new(wait);
        std::future::poll_fn(|context| {
            if Pin::new(&mut listener).poll(context).is_ready() {
                return Poll::Ready(());
            }
            pin!(&mut delay).poll(context)
        })
        .await;
        self.outcome.get().map_or(Landing::TimedOut, Landing::from)
    }
}

/// How a wait ended.
pub(crate) enum Landing {
    Value(Value),
    GaveUp,
    TimedOut,
}

impl From<&Option<Value>> for Landing {
    fn from(outcome: &Option<Value>) -> Self {
        outcome.clone().map_or(Self::GaveUp, Self::Value)
    }
}

impl Leader {
    /// Whether there was a call for the same key within the computation.
    pub(crate) fn is_nested(&self) -> bool {
        self.flight.is_nested.load(Ordering::Relaxed)
    }

    /// Gives the value to all who wait.
    pub(crate) fn land(self, value: Value) {
        let _ = self.flight.outcome.set(Some(value));
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        let slot = self.flights.slot(&self.name.1);
        self.flights.landed[slot].fetch_add(1, Ordering::Release);
        self.flights.flying.lock().remove(&self.name);
        let _ = self.flight.outcome.set(None);
        self.flight.done.notify(usize::MAX);
    }
}

thread_local! {
    /// The flights whose leaders' closures are being polled on this thread right now, the outermost first.
    static LEADING: RefCell<Vec<Arc<Flight>>> = const { RefCell::new(Vec::new()) };
}

/// A leader's closure at work: while it is polled, calls within it know that they are.
pub(crate) struct Leading<F> {
    pub(crate) flight: Arc<Flight>,
    pub(crate) future: Pin<Box<F>>,
}

impl<F: Future> Future for Leading<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        struct Polling;
        impl Drop for Polling {
            fn drop(&mut self) {
                LEADING.with_borrow_mut(|leading| drop(leading.pop()));
            }
        }
        LEADING.with_borrow_mut(|leading| leading.push(Arc::clone(&self.flight)));
        let _polling = Polling;
        self.future.as_mut().poll(context)
    }
}
