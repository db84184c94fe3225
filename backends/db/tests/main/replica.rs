//! A cache that reads from another database than it writes to: here they are two, so that it shows which one was asked.

use std::sync::Arc;

use cachemere_base::{Backend, ErrorKind, Value};
use cachemere_db::{CacheRouter, Db};

use crate::{
    place::{Place, few, key, settings},
    server::Server,
};

/// A cache that reads what was replicated up to a moment ago, and one of each database alone.
struct Site {
    both: Db,
    primary: Db,
    replica: Db,
    place: Place,
}

fn sites() -> [Site; 3] {
    let [postgres, mariadb] = Server::shared().each_ref();
    let of = |server: &Server| server.url(server.port(), &server.database());
    [
        ("sqlite::memory:".to_owned(), "sqlite::memory:".to_owned()),
        (of(postgres), of(postgres)),
        (of(mariadb), of(mariadb)),
    ]
    .map(|(primary, replica)| {
        let place = Place::with(&primary, &few(), settings());
        place.databases.open("replica", &replica, &few()).unwrap();
        let at = |database: &str| {
            let cache = place.open_with(|options| options.database = Some(database.to_owned()));
            cache
                .set(&key("creates the table"), Value::Int(0), None)
                .unwrap();
            cache
        };
        Site {
            primary: at("default"),
            replica: at("replica"),
            both: place.open_with(|options| options.read_database = Some("replica".to_owned())),
            place,
        }
    })
}

#[test]
fn reads_come_from_the_replica_and_writes_go_to_the_primary() {
    for site in sites() {
        site.both.set(&key("a"), Value::Int(1), None).unwrap();
        assert_eq!(site.primary.get(&key("a")).unwrap(), Some(Value::Int(1)));
        assert_eq!(site.both.get(&key("a")).unwrap(), None);
        site.replica.set(&key("a"), Value::Int(7), None).unwrap();
        assert_eq!(site.both.get(&key("a")).unwrap(), Some(Value::Int(7)));
        assert_eq!(
            site.both.get_many(&[key("a"), key("b")]).unwrap(),
            [Some(Value::Int(7)), None]
        );
        assert!(site.both.has_key(&key("a")).unwrap());
        assert!(site.both.delete(&key("a")).unwrap());
        assert_eq!(site.primary.get(&key("a")).unwrap(), None);
        assert_eq!(site.replica.get(&key("a")).unwrap(), Some(Value::Int(7)));
    }
}

#[test]
fn what_decides_on_a_write_is_asked_of_the_primary() {
    for site in sites() {
        site.replica.set(&key("a"), Value::Int(7), None).unwrap();
        assert!(site.both.add(&key("a"), Value::Int(1), None).unwrap());
        assert!(!site.both.add(&key("a"), Value::Int(2), None).unwrap());
        assert_eq!(site.both.incr(&key("a"), 1).unwrap(), Some(2));
        let found = site.both.get_for_update(&key("a")).unwrap();
        assert_eq!(found, Some(Value::Int(2)));
        let (found, _) = site.both.get_with_ttl(&key("a")).unwrap().unwrap();
        assert_eq!(found, Value::Int(2));
        site.replica.set(&key("b"), Value::Int(7), None).unwrap();
        assert!(!site.both.touch(&key("b"), None).unwrap());
        assert_eq!(site.both.incr(&key("b"), 1).unwrap(), None);
    }
}

#[test]
fn a_check_names_both() {
    for site in sites() {
        assert_eq!(site.both.servers().unwrap().len(), 2);
        assert_eq!(site.primary.servers().unwrap().len(), 1);
    }
}

#[test]
fn a_database_that_speaks_another_language_is_no_replica() {
    let [postgres, _] = Server::shared();
    let place = Place::memory(settings());
    let url = postgres.url(postgres.port(), "test0");
    place.databases.open("replica", &url, &few()).unwrap();
    let error = place
        .try_open(|options| options.read_database = Some("replica".to_owned()))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(
        error.message().contains("they speak different SQL"),
        "{error}"
    );
}

/// Django's example: reads from the replica, writes to the primary.
struct Router;

impl CacheRouter for Router {
    fn db_for_read(&self, _: &str) -> Option<String> {
        Some("replica".to_owned())
    }

    fn db_for_write(&self, _: &str) -> Option<String> {
        Some("default".to_owned())
    }
}

#[test]
fn a_router_may_say_the_same() {
    for site in sites() {
        site.place.databases.set_router(Arc::new(Router));
        let routed = site.place.open();
        site.replica.set(&key("a"), Value::Int(7), None).unwrap();
        routed.set(&key("a"), Value::Int(1), None).unwrap();
        assert_eq!(routed.get(&key("a")).unwrap(), Some(Value::Int(7)));
        assert_eq!(routed.incr(&key("a"), 1).unwrap(), Some(2));
    }
}
