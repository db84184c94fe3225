//! What a value owns may use the cache when it is dropped: no lock is held then.

use std::{
    sync::{
        Arc,
        mpsc::{Sender, channel},
    },
    thread,
    time::Duration,
};

use bytes::Bytes;
use cachemere_base::{Backend, Context, Key, ManualClock, Open, Settings, Value};

use crate::{LocMem, Options};

struct Last {
    cache: Arc<LocMem>,
    dropped: Sender<()>,
}

impl AsRef<[u8]> for Last {
    fn as_ref(&self) -> &[u8] {
        b"value"
    }
}

impl Drop for Last {
    fn drop(&mut self) {
        for n in 0..100 {
            self.cache.has_key(&Key::new(&format!("key{n}"))).unwrap();
        }
        self.dropped.send(()).unwrap();
    }
}

/// How many of the values of key0 to key9 are dropped by what `remove` does on another thread.
fn dropped_by(remove: impl FnOnce(&LocMem, &ManualClock) + Send + 'static) -> usize {
    let clock = Arc::new(ManualClock::default());
    let context = Context::new(Arc::clone(&clock) as _);
    let settings = Settings::new("default", "locmem")
        .with_max_entries(10)
        .with_cull_frequency(2);
    let cache = Arc::new(LocMem::open(&settings, Options::default(), &context).unwrap());
    let (dropped, drops) = channel();
    for n in 0..10 {
        let (cache, dropped) = (Arc::clone(&cache), dropped.clone());
        let value = Value::raw(Bytes::from_owner(Last {
            cache: Arc::clone(&cache),
            dropped,
        }));
        let key = Key::new(&format!("key{n}"));
        cache
            .set(&key, value, Some(Duration::from_secs(1)))
            .unwrap();
    }
    let (done, end) = channel();
    thread::spawn(move || {
        remove(&cache, &clock);
        done.send(()).unwrap();
    });
    end.recv_timeout(Duration::from_secs(30))
        .expect("it waits for its own lock");
    drops.try_iter().count()
}

#[test]
fn a_deleted_value_is_dropped_without_a_lock() {
    assert_eq!(
        dropped_by(|cache, _| drop(cache.delete(&Key::new("key1")))),
        1
    );
}

#[test]
fn an_expired_value_is_dropped_without_a_lock() {
    let read = |cache: &LocMem, clock: &ManualClock| {
        clock.advance(Duration::from_secs(1));
        drop(cache.get(&Key::new("key1")));
    };
    assert_eq!(dropped_by(read), 10);
}

#[test]
fn replaced_and_culled_values_are_dropped_without_a_lock() {
    let replace = |cache: &LocMem, _: &ManualClock| {
        cache.set(&Key::new("key9"), Value::Int(1), None).unwrap();
    };
    assert_eq!(dropped_by(replace), 6);
}

#[test]
fn cleared_values_are_dropped_without_a_lock() {
    assert_eq!(dropped_by(|cache, _| cache.clear().unwrap()), 10);
}
