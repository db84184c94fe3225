use std::sync::Arc;

use cachemere_base::{Asynchrony, Backend, Context, Key, Open, Result, Settings, Ttl, Value};

use crate::Options;

/// A cache that keeps nothing: every key is free, and missing.
#[derive(Debug)]
pub struct Dummy {
    notes: Vec<String>,
}

impl Open for Dummy {
    const NAMES: &'static [&'static str] =
        &["dummy", "django.core.cache.backends.dummy.DummyCache"];

    type Options = Options;

    fn open(settings: &Settings, _: Options, _: &Context) -> Result<Self> {
        let notes = ["MAX_ENTRIES", "CULL_FREQUENCY"]
            .into_iter()
            .filter(|option| settings.is_given(option))
            .map(|option| format!("`{option}` has no effect: the dummy cache keeps nothing"))
            .collect();
        Ok(Self { notes })
    }

    /// As [`open`](Self::open), so that BACKEND alone can be swapped: nobody shares it.
    fn open_django(
        settings: &Settings,
        options: Options,
        context: &Context,
    ) -> Result<Arc<dyn Backend>> {
        Ok(Arc::new(Self::open(settings, options, context)?))
    }
}

impl Backend for Dummy {
    fn get(&self, _: &Key) -> Result<Option<Value>> {
        Ok(None)
    }

    fn set(&self, _: &Key, _: Value, _: Ttl) -> Result<()> {
        Ok(())
    }

    fn add(&self, _: &Key, _: Value, _: Ttl) -> Result<bool> {
        Ok(true)
    }

    fn touch(&self, _: &Key, _: Ttl) -> Result<bool> {
        Ok(false)
    }

    fn delete(&self, _: &Key) -> Result<bool> {
        Ok(false)
    }

    fn incr(&self, _: &Key, _: i64) -> Result<Option<i64>> {
        Ok(None)
    }

    fn clear(&self) -> Result<()> {
        Ok(())
    }

    fn asynchronous(&self) -> Asynchrony<'_> {
        Asynchrony::Inline
    }

    fn is_lasting(&self) -> bool {
        false
    }

    fn stores_nothing(&self) -> bool {
        true
    }

    fn notes(&self) -> Vec<String> {
        self.notes.clone()
    }
}
