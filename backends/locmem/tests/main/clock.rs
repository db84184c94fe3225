use std::{sync::Arc, time::Duration};

use cachemere_base::{Backend, Clock, Context, Key, LAG, ManualClock, Value};

use crate::{open, settings};

/// One whose cheaper time is as late as it may be.
#[derive(Debug, Default)]
struct Late(ManualClock);

impl Clock for Late {
    fn now(&self) -> u64 {
        self.0.now()
    }

    fn lately(&self) -> u64 {
        self.0.now() - LAG
    }
}

#[test]
fn an_entry_is_gone_at_its_instant_where_the_cheaper_time_is_late() {
    let clock = Arc::new(Late::default());
    let cache = open(&settings(), &Context::new(Arc::clone(&clock) as _));
    let key = Key::new("key");
    let ttl = Duration::from_millis(1500);
    cache.set(&key, Value::Int(1), Some(ttl)).unwrap();
    clock.0.advance(ttl - Duration::from_millis(1));
    assert_eq!(cache.get(&key).unwrap(), Some(Value::Int(1)));
    clock.0.advance(Duration::from_millis(1));
    assert_eq!(cache.get(&key).unwrap(), None);
}
