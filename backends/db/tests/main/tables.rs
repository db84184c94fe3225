//! How tables are created, and what is said where they are not.

use std::sync::Arc;

use cachemere_base::{Backend, ErrorKind, Value};
use cachemere_db::{CacheRouter, Creation, NewTable};

use crate::place::{Place, key, settings};

fn new(place: &Place) -> NewTable {
    NewTable::for_cache(place.database().dialect(), &place.table).unwrap()
}

#[test]
fn a_missing_table_is_an_error_that_says_which_command_creates_it() {
    for place in Place::each() {
        let cache = place.open_with(|options| options.auto_create = Some(false));
        let errors = [
            cache.get(&key("a")).unwrap_err(),
            cache.has_key(&key("a")).unwrap_err(),
            cache.get_many(&[key("a")]).unwrap_err(),
            cache.set(&key("a"), Value::Int(1), None).unwrap_err(),
            cache.add(&key("a"), Value::Int(1), None).unwrap_err(),
            cache.touch(&key("a"), None).unwrap_err(),
            cache.incr(&key("a"), 1).unwrap_err(),
            cache.delete(&key("a")).unwrap_err(),
            cache.clear().unwrap_err(),
        ];
        let expected = format!(
            "table `{}` is missing in database `default`; create it by `cachemere createcachetable` ({})",
            place.table,
            place.database().place()
        );
        for error in errors {
            assert_eq!(
                (error.kind(), error.message()),
                (ErrorKind::Server, expected.as_str())
            );
        }
    }
}

#[test]
fn a_table_of_another_application_is_an_error_that_says_so_and_stays_as_it_is() {
    for place in Place::each() {
        let create = format!("CREATE TABLE {} (other INTEGER)", place.quoted());
        place.database().execute(&create, &[]).unwrap();
        let cache = place.open_with(|options| options.auto_create = Some(true));
        for error in [
            cache.get(&key("a")).unwrap_err(),
            cache.set(&key("a"), Value::Int(1), None).unwrap_err(),
            cache.incr(&key("a"), 1).unwrap_err(),
        ] {
            let expected = format!(
                "table `{}` in database `default` has other columns than a cache has",
                place.table
            );
            assert_eq!(error.kind(), ErrorKind::Server);
            assert!(error.message().starts_with(&expected), "{error}");
        }
        let count = format!("SELECT COUNT(other) FROM {}", place.quoted());
        assert_eq!(place.ask::<1>(&count), [0]);
    }
}

#[test]
fn sqlite_creates_its_tables_and_servers_do_not_unless_they_are_told_to() {
    for (place, creates) in Place::each().iter().zip([true, false, false]) {
        let cache = place.open_with(|options| options.auto_create = None);
        assert_eq!(cache.get(&key("a")).is_ok(), creates);
        assert_eq!(new(place).exists(&place.database()).unwrap(), creates);
    }
}

#[test]
fn a_table_is_created_once() {
    for place in Place::each() {
        let (database, table) = (place.database(), new(&place));
        let create = |dry_run| {
            place
                .databases
                .create_table(&database, &table, dry_run)
                .unwrap()
        };
        assert_eq!(create(true), Creation::Created);
        assert_eq!(create(false), Creation::Created);
        assert_eq!(create(true), Creation::Exists);
        assert_eq!(create(false), Creation::Exists);
    }
}

#[test]
fn a_dry_run_creates_nothing() {
    for place in Place::each() {
        let (database, table) = (place.database(), new(&place));
        place
            .databases
            .create_table(&database, &table, true)
            .unwrap();
        assert!(!table.exists(&database).unwrap());
    }
}

#[test]
fn the_sql_that_is_shown_is_what_creates_the_table() {
    for place in Place::each() {
        let (database, table) = (place.database(), new(&place));
        for statement in table.sql().split_terminator(";\n") {
            database.execute(statement, &[]).unwrap();
        }
        assert!(table.exists(&database).unwrap());
    }
}

#[test]
fn many_that_create_a_table_at_once_succeed() {
    for place in Place::each() {
        let (database, table) = (place.database(), new(&place));
        let created: usize = std::thread::scope(|scope| {
            let create = || usize::from(table.create(&database).unwrap());
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(create)).collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .sum()
        });
        assert!(created >= 1);
        assert!(table.exists(&database).unwrap());
    }
}

#[test]
fn a_table_that_is_dropped_is_created_again_where_that_is_wanted() {
    for place in Place::each() {
        let cache = place.open();
        cache.set(&key("a"), Value::Int(1), None).unwrap();
        place
            .database()
            .execute(&format!("DROP TABLE {}", place.quoted()), &[])
            .unwrap();
        assert_eq!(cache.get(&key("a")).unwrap(), None);
        cache.set(&key("a"), Value::Int(2), None).unwrap();
        assert_eq!(cache.get(&key("a")).unwrap(), Some(Value::Int(2)));
    }
}

#[test]
fn a_size_that_is_dropped_is_counted_again() {
    for place in Place::each() {
        let cache = place.open();
        for n in 0..5 {
            cache.set(&key(n), Value::Int(n), None).unwrap();
        }
        place
            .database()
            .execute(&format!("DROP TABLE {}", place.sizes()), &[])
            .unwrap();
        cache.set(&key(5), Value::Int(5), None).unwrap();
        place.assert_exact();
        assert_eq!(place.kept()[0], 6);
    }
}

struct Refusing;

impl CacheRouter for Refusing {
    fn allow_migrate(&self, database: &str, table: &str) -> Option<bool> {
        Some(database != "default" || table == "another")
    }
}

#[test]
fn what_the_router_refuses_is_not_created() {
    let place = Place::memory(settings());
    place.databases.set_router(Arc::new(Refusing));
    let (database, table) = (place.database(), new(&place));
    let create = |dry_run| {
        place
            .databases
            .create_table(&database, &table, dry_run)
            .unwrap()
    };
    assert_eq!(create(true), Creation::Refused);
    assert_eq!(create(false), Creation::Refused);
    assert!(!table.exists(&database).unwrap());
    assert!(
        place
            .open()
            .get(&key("a"))
            .unwrap_err()
            .message()
            .contains("is missing")
    );
}
