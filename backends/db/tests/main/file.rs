//! What may happen to an SQLite file.

use std::fs;

use cachemere_base::{Backend, ErrorKind, Value};
use cachemere_db::{Database, DatabaseOptions};

use crate::place::{Place, key, settings};

/// One connection, and little time.
fn hasty() -> DatabaseOptions {
    toml::from_str("POOL_SIZE = 1\nTIMEOUT = 0.1").unwrap()
}

fn at(folder: &tempfile::TempDir) -> (String, Place) {
    let url = format!("sqlite:{}", folder.path().join("a.db").display());
    let place = Place::with(&url, &hasty(), settings());
    (url, place)
}

#[test]
fn a_file_that_another_writes_to_all_the_time_is_an_error_in_time_and_can_be_read_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let (url, place) = at(&folder);
    let cache = place.open();
    cache.set(&key("a"), Value::Int(1), None).unwrap();
    let other = Database::open("other", &url, &DatabaseOptions::default()).unwrap();
    let written = other.transaction(|_| {
        for verb in [
            cache.set(&key("a"), Value::Int(2), None),
            cache.incr(&key("a"), 1).map(drop),
            cache.clear(),
        ] {
            let error = verb.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TimedOut);
            let expected = format!("locked by others for 100ms ({url})");
            assert_eq!(error.message(), expected);
        }
        assert_eq!(cache.get(&key("a"))?, Some(Value::Int(1)));
        Ok(())
    });
    written.unwrap();
    assert_eq!(cache.incr(&key("a"), 1).unwrap(), Some(2));
}

#[test]
fn a_file_without_room_refuses_what_is_new_and_the_old_stays_readable() {
    let folder = tempfile::tempdir().unwrap();
    let (url, place) = at(&folder);
    let cache = place.open();
    cache.set(&key("a"), Value::Int(1), None).unwrap();
    let limit = |pages: &str| {
        let pragma = format!("PRAGMA max_page_count = {pages}");
        place.database().query(&pragma, &[]).unwrap();
    };
    limit("20");
    let large = Value::raw(vec![1; 1 << 20]);
    for error in [
        cache.set(&key("b"), large.clone(), None).unwrap_err(),
        cache.add(&key("b"), large.clone(), None).unwrap_err(),
        cache
            .set_many(vec![(key("b"), large.clone())], None)
            .unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Io);
        assert_eq!(error.message(), format!("the disk is full ({url})"));
    }
    assert_eq!(cache.get(&key("a")).unwrap(), Some(Value::Int(1)));
    assert_eq!(cache.get(&key("b")).unwrap(), None);
    // an old value is not to be read once its successor was refused
    cache.set(&key("a"), large.clone(), None).unwrap_err();
    assert_eq!(cache.get(&key("a")).unwrap(), None);
    limit("4294967294");
    cache.set(&key("b"), large.clone(), None).unwrap();
    assert_eq!(cache.get(&key("b")).unwrap(), Some(large));
    place.assert_exact();
}

#[test]
fn what_is_no_database_is_an_error_that_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let (url, place) = at(&folder);
    fs::write(
        folder.path().join("a.db"),
        "something else, long enough to be read".repeat(200),
    )
    .unwrap();
    let error = place.open().get(&key("a")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Server);
    let expected = format!("the file is damaged or no SQLite database ({url})");
    assert_eq!(error.message(), expected);
}

#[test]
fn a_folder_that_is_not_there_is_an_error_that_names_the_file() {
    let place = Place::with("sqlite:/nowhere/a.db", &hasty(), settings());
    let error = place.open().get(&key("a")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(
        error.message(),
        "the file cannot be opened (sqlite:/nowhere/a.db)"
    );
}

#[test]
fn a_file_is_for_its_user_alone() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let (_, place) = at(&folder);
    place.open().set(&key("a"), Value::Int(1), None).unwrap();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
