use std::{sync::Arc, time::Duration};

use cachemere_base::{Backend, Settings, contract::Fixture};
use cachemere_file::Options;

use crate::place::Place;

struct Local(Place);

impl Fixture for Local {
    fn open(settings: Settings) -> Self {
        Self(Place::with(settings, Options::default()))
    }

    fn backend(&self) -> Arc<dyn Backend> {
        Arc::clone(&self.0.file) as Arc<dyn Backend>
    }

    fn another(&self) -> Arc<dyn Backend> {
        Arc::new(self.0.another())
    }

    fn advance(&self, by: Duration) {
        self.0.advance(by.as_millis() as u64);
    }
}

cachemere_base::contract!(Local);
