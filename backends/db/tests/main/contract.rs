use std::{sync::Arc, time::Duration};

use cachemere_base::{Backend, Settings};

use crate::place::Place;

/// Writes the fixture of a database, and its tests.
macro_rules! databases {
    ($($name:ident: $open:path;)*) => {$(
        mod $name {
            use super::*;

            struct Fixture {
                place: Place,
                backend: Arc<dyn Backend>,
            }

            impl cachemere_base::contract::Fixture for Fixture {
                fn open(settings: Settings) -> Self {
                    let place = $open(settings);
                    let backend = Arc::new(place.open());
                    Self { place, backend }
                }

                fn backend(&self) -> Arc<dyn Backend> {
                    Arc::clone(&self.backend)
                }

                fn another(&self) -> Arc<dyn Backend> {
                    Arc::new(self.place.open())
                }

                fn advance(&self, by: Duration) {
                    self.place.clock.advance(by);
                }
            }

            cachemere_base::contract!(Fixture);
        }
    )*};
}

databases! {
    file: Place::file;
    memory: Place::memory;
    postgres: Place::postgres;
    mariadb: Place::mariadb;
}
