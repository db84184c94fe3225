//! The folder of a Django site: the suite, and what is in the folder.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use cachemere_base::{
    Backend, Clock, Codec, Context, Format, Key, ManualClock, Open, Settings, Value,
    contract::Fixture,
};
use cachemere_file::{File, Options};
use tempfile::TempDir;

struct Site {
    dir: TempDir,
    clock: Arc<ManualClock>,
    settings: Settings,
    store: Arc<dyn Backend>,
}

impl Site {
    fn new() -> Self {
        <Self as Fixture>::open(Settings::new("default", "file"))
    }

    fn file_of(&self, name: &str) -> PathBuf {
        self.dir.path().join("cache").join(name)
    }
}

fn opened(settings: &Settings, clock: &Arc<ManualClock>) -> Arc<dyn Backend> {
    let context = Context::new(Arc::clone(clock) as Arc<dyn Clock>);
    File::open_django(settings, Options::default(), &context).unwrap()
}

impl Fixture for Site {
    fn open(settings: Settings) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let location = dir.path().join("cache").to_str().unwrap().to_owned();
        let settings = settings.with_location([location]).with_codec(Codec::Pickle);
        let clock = Arc::new(ManualClock::default());
        let store = opened(&settings, &clock);
        Self {
            dir,
            clock,
            settings,
            store,
        }
    }

    fn backend(&self) -> Arc<dyn Backend> {
        Arc::clone(&self.store)
    }

    fn another(&self) -> Arc<dyn Backend> {
        opened(&self.settings, &self.clock)
    }

    fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    fn formats(&self) -> Vec<Format> {
        vec![Format::RAW]
    }
}

cachemere_base::contract!(Site);

const FILE: &str = "86faa9ea774c6ce60e4513e14b3c0af9.djcache";

#[test]
fn an_entry_is_a_file_that_django_would_name_so() {
    let site = Site::new();
    let key = Key::new(":1:k");
    site.store.set(&key, Value::Int(42), None).unwrap();
    assert!(site.file_of(FILE).is_file());
    assert!(site.store.delete(&key).unwrap());
    assert!(!site.file_of(FILE).exists());
}

#[test]
fn what_is_no_entry_stays() {
    let site = Site::new();
    site.store
        .set(&Key::new(":1:k"), Value::Int(1), None)
        .unwrap();
    fs::write(site.file_of("notes.txt"), "mine").unwrap();
    site.store.clear().unwrap();
    assert!(!site.file_of(FILE).exists());
    assert!(site.file_of("notes.txt").exists());
}

#[test]
fn an_empty_file_is_expired_and_one_that_cannot_be_read_is_a_miss_and_stays() {
    let site = Site::new();
    let key = Key::new(":1:k");
    site.store.set(&key, Value::Int(1), None).unwrap();
    fs::write(site.file_of(FILE), "no pickle").unwrap();
    assert_eq!(site.store.get(&key).unwrap(), None);
    assert!(site.file_of(FILE).exists());
    fs::write(site.file_of(FILE), "").unwrap();
    assert_eq!(site.store.get(&key).unwrap(), None);
    assert!(!site.file_of(FILE).exists());
}

#[test]
fn settings_that_django_does_not_have_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let settings = Settings::new("default", "file").with_location([dir.path().to_str().unwrap()]);
    let error = File::open_django(&settings, Options::default(), &Context::default()).unwrap_err();
    assert_eq!(error.setting_path(), Some("OPTIONS.SERIALIZER"));
}
