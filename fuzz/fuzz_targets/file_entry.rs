#![no_main]
//! Whatever stands in the file of an entry, a read is a hit on the very value that was written, or a miss.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use cachemere::Caches;
use libfuzzer_sys::fuzz_target;

const VALUE: &str = "the value that was written";

static CACHES: LazyLock<(Caches, PathBuf)> = LazyLock::new(|| {
    let folder = std::env::temp_dir().join(format!("cachemere-fuzz-{}", std::process::id()));
    let toml = format!("[CACHES.default]\nBACKEND = 'file'\nLOCATION = '{}'", folder.display());
    (Caches::from_toml(&toml).expect("it is valid"), folder)
});

fn the_entry(folder: &Path) -> PathBuf {
    let mut path = folder.join("cachemere/entries");
    while path.is_dir() {
        let mut inside = fs::read_dir(&path).expect("it is a folder");
        path = inside.next().expect("there is one entry").expect("it can be read").path();
    }
    path
}

fuzz_target!(|bytes: &[u8]| {
    let (caches, folder) = &*CACHES;
    let cache = &caches["default"];
    cache.clear().expect("the folder is there");
    cache.set("key", VALUE, None).expect("the disk has room");
    fs::write(the_entry(folder), bytes).expect("the disk has room");
    assert_eq!(cache.get::<String>("key").expect("damage is a miss"), None);
});
