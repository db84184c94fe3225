//! What was worked out of a request or of a page, remembered by each thread under all the bytes that it was made of.

use std::{cell::RefCell, sync::Arc, thread::LocalKey};

/// A thread remembers no more of one kind.
const MOST: usize = 256;

/// What is made of more bytes is not remembered.
const LONGEST: usize = 1024;

/// A table in which each thing has one slot, where it makes way for the next one that has the same.
#[derive(Debug)]
pub(super) struct Memo<T>(RefCell<Vec<Slot<T>>>);

type Slot<T> = Option<(Box<[u8]>, Arc<T>)>;

impl<T: 'static> Memo<T> {
    pub(super) const fn new() -> Self {
        Self(RefCell::new(Vec::new()))
    }

    /// What was made of these bytes before, else what `make` makes.
    pub(super) fn recall<E>(
        memo: &'static LocalKey<Self>,
        identity: &[u8],
        make: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        if let Some(known) = memo.with(|memo| memo.get(identity)) {
            return Ok(known);
        }
        let made = Arc::new(make()?);
        if identity.len() <= LONGEST {
            memo.with(|memo| memo.put(identity, Arc::clone(&made)));
        }
        Ok(made)
    }

    fn get(&self, identity: &[u8]) -> Option<Arc<T>> {
        let slots = self.0.borrow();
        let (known, thing) = slots.get(slot(identity))?.as_ref()?;
        (**known == *identity).then(|| Arc::clone(thing))
    }

    fn put(&self, identity: &[u8], thing: Arc<T>) {
        let mut slots = self.0.borrow_mut();
        slots.resize_with(MOST, || None);
        slots[slot(identity)] = Some((identity.into(), thing));
    }
}

/// Where something can be: a matter of speed only, so that no hash has to withstand anybody.
fn slot(identity: &[u8]) -> usize {
    let (words, rest) = identity.as_chunks::<8>();
    let last = rest
        .iter()
        .fold(0, |word, byte| word << 8 | u64::from(*byte));
    let words = words.iter().map(|word| u64::from_ne_bytes(*word));
    let hash = words.chain([last]).fold(0_u64, |hash, word| {
        (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    });
    (hash >> 32) as usize % MOST
}

#[cfg(test)]
mod tests {
    use super::*;

    thread_local! {
        static LENGTHS: Memo<usize> = const { Memo::new() };
    }

    /// The length of a text, and whether it was counted anew.
    fn length(text: &str) -> (usize, bool) {
        let mut is_new = false;
        let length = Memo::recall(&LENGTHS, text.as_bytes(), || {
            is_new = true;
            Ok::<_, ()>(text.len())
        });
        (*length.unwrap(), is_new)
    }

    #[test]
    fn something_is_made_once_until_its_slot_is_taken() {
        assert_eq!([length("one"), length("one")], [(3, true), (3, false)]);
        for n in 0..100 * MOST {
            let text = n.to_string();
            assert_eq!(length(&text), (text.len(), true));
        }
        assert_eq!([length("one"), length("one")], [(3, true), (3, false)]);
    }

    #[test]
    fn what_is_made_of_many_bytes_is_made_each_time() {
        let long = "x".repeat(LONGEST + 1);
        assert_eq!([length(&long), length(&long)], [(LONGEST + 1, true); 2]);
    }
}
