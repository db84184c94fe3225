use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use parking_lot::Mutex;

/// For so long after an answer that was not stored, nobody waits for a page of its URL.
const WHILE: Duration = Duration::from_secs(10);

/// No more URLs than this are remembered.
const MOST: usize = 1024;

/// The URLs whose answers are not pages: their requests are not made to wait for one another.
#[derive(Debug, Default)]
pub(super) struct Unshared(Mutex<HashMap<String, Instant>>);

impl Unshared {
    pub(super) fn insert(&self, url: String, now: Instant) {
        let mut known = self.0.lock();
        if known.len() >= MOST && !known.contains_key(&url) {
            known.retain(|_, until| *until > now);
            if known.len() >= MOST {
                return;
            }
        }
        known.insert(url, now + WHILE);
    }

    pub(super) fn contains(&self, url: &str, now: Instant) -> bool {
        self.0.lock().get(url).is_some_and(|until| *until > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_remembered_for_a_while() {
        let (unshared, now) = (Unshared::default(), Instant::now());
        unshared.insert("a".to_owned(), now);
        assert!(unshared.contains("a", now));
        assert!(!unshared.contains("b", now));
        assert!(!unshared.contains("a", now + WHILE));
    }

    #[test]
    fn a_flood_of_urls_is_forgotten_with_time_and_bounded_until_then() {
        let (unshared, now) = (Unshared::default(), Instant::now());
        for n in 0..=MOST {
            unshared.insert(n.to_string(), now);
        }
        assert_eq!(unshared.0.lock().len(), MOST);
        unshared.insert("later".to_owned(), now + WHILE);
        assert_eq!(unshared.0.lock().len(), 1);
    }
}
