use std::{sync::Arc, time::Duration};

use cachemere_base::{Backend, Context, ManualClock, Settings, contract::Fixture};

struct Local {
    clock: Arc<ManualClock>,
    context: Context,
    settings: Settings,
    backend: Arc<dyn Backend>,
}

impl Fixture for Local {
    fn open(settings: Settings) -> Self {
        let clock = Arc::new(ManualClock::default());
        let context = Context::new(Arc::clone(&clock) as _);
        let backend = Arc::new(crate::open(&settings, &context));
        Self {
            clock,
            context,
            settings,
            backend,
        }
    }

    fn backend(&self) -> Arc<dyn Backend> {
        Arc::clone(&self.backend)
    }

    fn another(&self) -> Arc<dyn Backend> {
        Arc::new(crate::open(&self.settings, &self.context.for_alias()))
    }

    fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }
}

cachemere_base::contract!(Local);
