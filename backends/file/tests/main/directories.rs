use std::fs;

use cachemere_base::{Backend, ErrorKind, Key, Value};

use crate::place::{Place, files, text};

#[test]
#[cfg(unix)]
fn every_directory_and_file_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let settings = place.settings.clone().with_location([place
        .location()
        .join("a/b/c")
        .to_str()
        .unwrap()]);
    let file = cachemere_base::Open::open(&settings, Default::default(), &Default::default());
    let file: cachemere_file::File = file.unwrap();
    file.set(&Key::new("user:1"), text("x"), None).unwrap();

    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    let files = files(&place.location().join("a"));
    assert_eq!(files.len(), 3, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{file:?}");
        for dir in file
            .ancestors()
            .skip(1)
            .take_while(|dir| *dir != place.location())
        {
            assert_eq!(mode(dir), 0o700, "{dir:?}");
        }
    }
}

#[test]
#[cfg(unix)]
fn a_directory_that_exists_keeps_its_mode() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    fs::set_permissions(place.location(), fs::Permissions::from_mode(0o755)).unwrap();
    place.set("user:1", "x");
    let mode = fs::metadata(place.location()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o755);
}

#[test]
fn clear_leaves_foreign_files_and_the_directory_alone() {
    let place = Place::new();
    let foreign = place
        .location()
        .join("86faa9ea774c6ce60e4513e14b3c0af9.djcache");
    fs::write(&foreign, "not ours").unwrap();
    place.set("user:1", "x");

    place.file.clear().unwrap();

    assert_eq!(fs::read(&foreign).unwrap(), b"not ours");
    assert!(place.entries().is_empty());
    assert!(!place.has("user:1"));
}

#[test]
fn clear_leaves_nothing_of_the_entries_behind() {
    let place = Place::new();
    for n in 0..100 {
        place.set(&format!("user:{n}"), "x");
    }
    place.file.clear().unwrap();
    assert_eq!(files(&place.root()), [place.index()]);
}

#[test]
fn set_creates_a_removed_directory_again() {
    let place = Place::new();
    place.set("user:1", "x");
    for removed in [
        "",
        "cachemere",
        "cachemere/entries",
        "cachemere/queue",
        "cachemere/tmp",
        "cachemere/index",
    ] {
        let path = place.location().join(removed);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
        place.set("user:2", removed);
        assert_eq!(place.get("user:2"), Some(text(removed)));
    }
}

#[test]
fn a_read_of_a_removed_directory_is_a_miss() {
    let place = Place::new();
    place.set("user:1", "x");
    fs::remove_dir_all(place.root()).unwrap();
    assert_eq!(place.get("user:1"), None);
    assert!(!place.file.delete(&Key::new("user:1")).unwrap());
    assert_eq!(place.file.incr(&Key::new("user:1"), 1).unwrap(), None);
}

#[test]
fn a_file_where_a_directory_should_be_is_an_error_for_every_verb() {
    let place = Place::new();
    place.make_root();
    fs::write(place.root().join("entries"), "").unwrap();
    let key = Key::new("user:1");
    let file = &place.file;
    let errors = [
        file.get(&key).unwrap_err(),
        file.has_key(&key).unwrap_err(),
        file.set(&key, text("x"), None).unwrap_err(),
        file.add(&key, text("x"), None).unwrap_err(),
        file.touch(&key, None).unwrap_err(),
        file.delete(&key).unwrap_err(),
        file.incr(&key, 1).unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(
            error.message().contains(place.location().to_str().unwrap()),
            "{error}"
        );
    }
}

#[test]
#[cfg(unix)]
fn an_error_says_where_it_was_before_what() {
    let place = Place::new();
    place.make_root();
    let entries = place.root().join("entries");
    fs::write(&entries, "").unwrap();
    let error = place.file.get(&Key::new("user:1")).unwrap_err();
    let start = format!("`{}/", entries.display());
    assert!(error.message().starts_with(&start), "{error}");
    let end = "`: could not be opened: not a directory (os error 20)";
    assert!(error.message().ends_with(end), "{error}");
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn a_failed_set_leaves_neither_the_old_value_nor_a_draft() {
    let place = Place::with_max_bytes(1000);
    place.set("user:1", "old");
    let error = place
        .file
        .set(&Key::new("user:1"), text(&"x".repeat(1000)), None);
    assert_eq!(error.unwrap_err().kind(), ErrorKind::TooLarge);
    assert!(place.entries().is_empty());
    assert!(files(&place.root().join("tmp")).is_empty());
}

#[test]
fn an_entry_that_cannot_be_placed_leaves_no_draft_and_counts_nothing() {
    let place = Place::with_limits(2, 3);
    place.set("user:1", "x");
    let path = place.entry();
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    let error = place.file.set(&Key::new("user:1"), text("x"), None);
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Io);
    assert!(files(&place.root().join("tmp")).is_empty());
}

#[test]
fn what_killed_processes_left_is_removed_at_first_use() {
    let place = Place::new();
    let tmp = place.root().join("tmp");
    place.make_root();
    fs::create_dir_all(tmp.join("cleared/ab")).unwrap();
    fs::write(tmp.join("cleared/ab/cd"), "").unwrap();
    fs::write(tmp.join("recent"), "").unwrap();
    let old = fs::File::create(tmp.join("old")).unwrap();
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3700);
    old.set_modified(long_ago).unwrap();

    place.set("user:1", "x");

    assert_eq!(files(&tmp), [tmp.join("recent")]);
    assert!(!tmp.join("cleared").exists());
}

#[test]
fn a_value_of_several_mebibytes_and_a_key_of_one_survive() {
    let place = Place::new();
    let key = Key::new(&"k".repeat(1 << 20));
    let value = Value::raw(vec![7; 5 << 20]);
    place.file.set(&key, value.clone(), None).unwrap();
    assert_eq!(place.file.get(&key).unwrap(), Some(value));
}

#[test]
fn the_file_of_another_key_is_a_miss_and_set_takes_its_place() {
    let place = Place::new();
    place.set("user:1", "one");
    let one = place.entry();
    place.set("user:2", "two");
    let two = place
        .entries()
        .into_iter()
        .find(|path| *path != one)
        .unwrap();
    fs::copy(&one, &two).unwrap();

    assert_eq!(place.get("user:2"), None);
    assert!(!place.file.delete(&Key::new("user:2")).unwrap());
    assert_eq!(place.counters.damaged(), 0);
    assert_eq!(fs::read(&one).unwrap(), fs::read(&two).unwrap());
    place.set("user:2", "two");
    assert_eq!(place.get("user:2"), Some(text("two")));
}
