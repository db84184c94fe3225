use std::{
    future::Future,
    sync::atomic::{AtomicBool, Ordering},
};

use event_listener::Event;
use once_cell::sync::OnceCell;

/// A value that is made once, whether by blocking callers or by asynchronous ones.
///
/// Where both kinds ask at the same time, it may be made once by each; the first one counts.
pub(super) struct Once<T> {
    value: OnceCell<T>,
    is_being_made: AtomicBool,
    made: Event,
}

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self {
            value: OnceCell::new(),
            is_being_made: AtomicBool::new(false),
            made: Event::new(),
        }
    }
}

/// One caller's turn to make it; the others go on when it is over, however it ends.
struct Turn<'a, T>(&'a Once<T>);

impl<T> Drop for Turn<'_, T> {
    fn drop(&mut self) {
        self.0.is_being_made.store(false, Ordering::Release);
        self.0.made.notify(usize::MAX);
    }
}

impl<T> Once<T> {
    pub(super) fn get(&self) -> Option<&T> {
        self.value.get()
    }

    pub(super) fn get_or_try_init<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        self.value.get_or_try_init(make)
    }

    pub(super) async fn aget_or_try_init<E, F: Future<Output = Result<T, E>>>(
        &self,
        make: impl FnOnce() -> F,
    ) -> Result<&T, E> {
        let _turn = loop {
            if let Some(value) = self.value.get() {
                return Ok(value);
            }
            let over = self.made.listen();
            if !self.is_being_made.swap(true, Ordering::Acquire) {
                break Turn(self);
            }
            over.await;
        };
        // made since the look above
        if let Some(value) = self.value.get() {
            return Ok(value);
        }
        let value = make().await?;
        Ok(self.value.get_or_init(|| value))
    }
}
