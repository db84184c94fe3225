use cachemere_base::{Backend, Context, Error, Key, Open, Settings};
use cachemere_file::{File, Options};

use crate::place::{Place, settings};

fn open(settings: &Settings, change: impl FnOnce(&mut Options)) -> Result<File, Error> {
    let mut options = Options::default();
    change(&mut options);
    File::open(settings, options, &Context::default())
}

#[track_caller]
fn refused(settings: &Settings, change: impl FnOnce(&mut Options)) -> String {
    open(settings, change)
        .unwrap_err()
        .setting_path()
        .unwrap()
        .to_owned()
}

#[test]
fn a_location_is_needed() {
    assert_eq!(refused(&settings(), |_| ()), "LOCATION");
}

#[test]
fn opening_touches_nothing() {
    let place = Place::new();
    assert!(place.another().notes().is_empty());
    assert!(!place.root().exists());
}

#[test]
fn reading_creates_nothing() {
    let place = Place::new();
    assert!(!place.has("user:1"));
    assert!(!place.root().exists());
}

#[test]
fn a_relative_location_is_noted() {
    let file = open(&settings().with_location(["cache"]), |_| ()).unwrap();
    assert_eq!(
        file.notes(),
        ["LOCATION is relative: it depends on the directory the process starts in"]
    );
}

#[test]
#[cfg(unix)]
fn a_location_that_others_may_write_into_is_noted() {
    use std::{fs, os::unix::fs::PermissionsExt};
    let place = Place::new();
    fs::set_permissions(place.location(), fs::Permissions::from_mode(0o777)).unwrap();
    let note = format!(
        "others may write into LOCATION (`{}`)",
        place.location().display()
    );
    assert_eq!(place.file.notes(), [note]);
}

#[test]
fn aliases_with_one_location_are_one_store() {
    let place = Place::new();
    let context = Context::default();
    let open =
        |context: &Context| File::open(&place.settings, Options::default(), context).unwrap();
    let (a, b, other) = (
        open(&context),
        open(&context.for_alias()),
        open(&Context::default()),
    );
    assert_eq!(a.identity(), b.identity());
    assert_ne!(a.identity(), other.identity());
}

#[test]
fn aliases_with_one_location_have_limits_of_their_own() {
    let place = Place::new();
    let narrow = Place::with_limits(1, 0).settings;
    let narrow = narrow.with_location([place.location().to_str().unwrap()]);
    let narrow = File::open(&narrow, Options::default(), &Context::default()).unwrap();
    for n in 0..5 {
        place.set(&format!("user:{n}"), "x");
    }
    assert_eq!(place.entries().len(), 5);
    let key = Key::new("user:5");
    narrow.set(&key, crate::place::text("x"), None).unwrap();
    assert_eq!(place.entries().len(), 1);
}
