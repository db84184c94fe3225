//! What happens while a server is not there, and when it is there again.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use cachemere_base::{Backend, Error, ErrorKind, Result, Store, Value};
use cachemere_db::{Database, Db, NewTable};
use cachemere_servers::{Fault, Load, Outcome, Proxy, belongs, counter, key, until, value};

use crate::{
    place::{Place, few, settings},
    server::{ANSWER, LONGEST, Server, hasty, impatient, patient},
};

fn ways() -> [fn(&Arc<Db>) -> Load; 2] {
    [Load::blocking, Load::asynchronous]
}

fn patient_place(url: &str) -> Place {
    Place::with(url, &few(), settings())
}

/// One operation in each way, and how long it took.
fn gets(cache: &Arc<Db>) -> [(Result<Option<Value>>, Duration); 2] {
    let start = Instant::now();
    let first = (cache.get(&key(1)), start.elapsed());
    let store = Store::new(Arc::clone(cache) as Arc<dyn Backend>);
    let start = Instant::now();
    let second = pollster::block_on(store.aget(key(1)));
    [first, (second, start.elapsed())]
}

/// Whether an error says where it comes from, or that it came to no server.
fn is_told(error: &Error) -> bool {
    let message = error.message();
    message.contains("127.0.0.1:") || message.starts_with("others held all threads")
}

/// Errors that say where, in time, and a counter that lost nothing and has nothing twice.
#[track_caller]
fn is_in_order(outcome: Outcome, cache: &Db) {
    for error in outcome.errors {
        let shown = format!("{error} {error:?}");
        assert!(is_told(&error), "{shown}");
        assert!(error.is_fault(), "{shown}");
        assert!(
            !shown.contains("s3cret") && !shown.contains("=xx"),
            "{shown}"
        );
    }
    let Some(Value::Int(counted)) = cache.get(&counter()).unwrap() else {
        panic!("the counter is gone");
    };
    assert!(
        outcome.counted.contains(&counted),
        "{counted} of {:?}",
        outcome.counted
    );
}

#[test]
fn work_goes_on_after_a_kill_and_a_restart_and_what_was_counted_stays() {
    for server in Server::victims().iter_mut() {
        for load in ways() {
            let (cache, _) = patient(server, server.port());
            let load = load(&cache);
            load.go_on_for(200);
            server.process().kill();
            load.wait_for_errors();
            server.process().restart();
            load.go_on_for(200);
            is_in_order(load.end(), &cache);
        }
    }
}

#[test]
fn a_server_that_is_gone_is_an_error_at_once_and_the_first_command_after_it_is_back_succeeds() {
    for server in Server::victims().iter_mut() {
        let (cache, _) = patient(server, server.port());
        assert!(gets(&cache).iter().all(|(got, _)| got.is_ok()));
        server.process().kill();
        for (got, took) in gets(&cache) {
            assert_eq!(got.unwrap_err().kind(), ErrorKind::Unavailable);
            assert!(took < ANSWER, "{took:?}");
        }
        let error = cache.get(&key(1)).unwrap_err();
        let message = error.message();
        assert!(
            message.starts_with("connection refused (") && message.contains(&server.address()),
            "{message}"
        );
        server.process().restart();
        for (got, _) in gets(&cache) {
            assert_eq!(got.unwrap(), None);
        }
    }
}

#[test]
fn what_must_not_be_sent_twice_succeeds_after_a_restart_too() {
    for server in Server::victims().iter_mut() {
        let (cache, database) = patient(server, server.port());
        for round in 0..3 {
            server.process().kill();
            server.process().restart();
            assert_eq!(cache.incr(&counter(), 1).unwrap(), Some(2 * round + 1));
            server.process().kill();
            server.process().restart();
            assert!(cache.touch(&counter(), None).unwrap());
            server.end_connections(&database);
            let value = Value::Int(2 * round + 2);
            cache.set(&counter(), value, None).unwrap();
        }
    }
}

#[test]
fn a_server_that_stands_still_is_an_error_in_time_and_work_goes_on_when_it_does() {
    for server in Server::victims().iter_mut() {
        let cache = impatient(server, server.port());
        // as many connections as there may be
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| cache.set(&key(1), value(&key(1), 1), None).unwrap());
            }
        });
        server.process().stop();
        for _ in 0..2 {
            for (got, took) in gets(&cache) {
                let kind = got.unwrap_err().kind();
                assert!(matches!(kind, ErrorKind::TimedOut | ErrorKind::Unavailable));
                assert!(took < LONGEST, "{took:?}");
            }
        }
        server.process().cont();
        until("work goes on", || cache.get(&key(1)).is_ok());
        assert!(belongs(&key(1), &cache.get(&key(1)).unwrap().unwrap()));
    }
}

#[test]
fn many_wait_no_longer_than_they_may_for_a_server_that_stands_still() {
    for server in Server::victims().iter_mut() {
        for load in ways() {
            let cache = impatient(server, server.port());
            let load = load(&cache);
            load.go_on_for(200);
            server.process().stop();
            load.wait_for_errors();
            server.process().cont();
            load.go_on_for(200);
            let outcome = load.end();
            assert!(outcome.slowest < LONGEST, "{:?}", outcome.slowest);
            is_in_order(outcome, &cache);
        }
    }
}

#[test]
fn late_answers_and_those_that_break_off_are_nobodys() {
    let late = Fault::Delay(ANSWER + Duration::from_millis(100));
    for server in Server::victims().iter_mut() {
        let proxy = Proxy::before(server.port());
        let cache = impatient(server, proxy.port());
        let load = Load::blocking(&cache);
        load.go_on_for(200);
        for fault in [0, 3, 7, 500, 1800]
            .map(Fault::CutAfter)
            .into_iter()
            .chain([late])
        {
            proxy.set(fault);
            load.wait_for_errors();
            proxy.set(Fault::None);
            load.go_on_for(100);
        }
        let outcome = load.end();
        assert!(outcome.slowest < LONGEST, "{:?}", outcome.slowest);
        is_in_order(outcome, &cache);
    }
}

#[test]
fn answers_that_are_garbled_are_nobodys() {
    for server in Server::shared() {
        let proxy = Proxy::before(server.port());
        let cache = impatient(server, proxy.port());
        for load in ways() {
            let load = load(&cache);
            load.go_on_for(200);
            proxy.set(Fault::Garble);
            load.wait_for_errors();
            proxy.set(Fault::None);
            proxy.cut();
            load.go_on_for(200);
            let outcome = load.end();
            for error in outcome.errors {
                let shown = format!("{error} {error:?}");
                assert!(is_told(&error), "{shown}");
                assert!(
                    !shown.contains("=xx") && !shown.contains("s3cret"),
                    "{shown}"
                );
            }
        }
    }
}

#[test]
fn a_network_that_swallows_everything_is_an_error_in_time() {
    for server in Server::victims().iter_mut() {
        let proxy = Proxy::before(server.port());
        let cache = impatient(server, proxy.port());
        proxy.set(Fault::BlackHole);
        for _ in 0..2 {
            for (got, took) in gets(&cache) {
                let kind = got.unwrap_err().kind();
                assert!(matches!(kind, ErrorKind::TimedOut | ErrorKind::Unavailable));
                assert!(took < LONGEST, "{took:?}");
            }
        }
        proxy.set(Fault::None);
        until("work goes on", || cache.get(&key(1)).is_ok());
    }
}

#[test]
fn connections_that_are_cut_or_ended_while_they_are_idle_are_replaced() {
    for server in Server::shared() {
        let proxy = Proxy::before(server.port());
        let (cache, database) = patient(server, proxy.port());
        for _ in 0..3 {
            assert!(gets(&cache).iter().all(|(got, _)| got.is_ok()));
            proxy.cut();
            assert!(gets(&cache).iter().all(|(got, _)| got.is_ok()));
            server.end_connections(&database);
        }
    }
}

#[test]
fn connections_that_are_ended_under_load_cost_errors_and_nothing_else() {
    for server in Server::shared() {
        for load in ways() {
            let (cache, database) = patient(server, server.port());
            let load = load(&cache);
            for _ in 0..5 {
                load.go_on_for(100);
                server.end_connections(&database);
            }
            load.go_on_for(100);
            is_in_order(load.end(), &cache);
        }
    }
}

#[test]
fn many_threads_never_have_more_connections_than_there_may_be() {
    for server in Server::shared() {
        let (cache, database) = patient(server, server.port());
        let load = Load::blocking(&cache);
        for _ in 0..10 {
            load.go_on_for(50);
            let connections = server.connections(&database).len();
            assert!((1..=4).contains(&connections), "{connections} connections");
        }
        is_in_order(load.end(), &cache);
        cache.close().unwrap();
        until("they are closed", || {
            server.connections(&database).is_empty()
        });
    }
}

#[test]
fn a_server_that_takes_no_more_connections_is_an_error_that_says_so() {
    for server in Server::each_for(10) {
        let url = server.url(server.port(), &server.database());
        let open = || {
            let cache = patient_place(&url).open();
            let outcome = cache.get(&key(1));
            (cache, outcome)
        };
        assert_eq!(open().1.unwrap(), None);
        let caches: Vec<_> = (0..14).map(|_| open()).collect();
        let errors = caches
            .iter()
            .filter_map(|(_, outcome)| outcome.as_ref().err());
        let errors: Vec<_> = errors.collect();
        assert!(!errors.is_empty());
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
            assert!(error.message().contains(&server.address()), "{error}");
        }
        drop(caches);
        until("there is room again", || open().1.is_ok());
    }
}

#[test]
fn what_others_have_locked_is_an_error_in_time_and_can_be_read_meanwhile() {
    for server in Server::victims().iter_mut() {
        let url = server.url(server.port(), &server.database());
        let place = Place::with(&url, &hasty(), settings());
        let cache = place.open();
        cache.set(&counter(), Value::Int(7), None).unwrap();
        let other = Database::open("other", &url, &hasty()).unwrap();
        let all = format!("SELECT number FROM {} FOR UPDATE", place.quoted());
        let locked = other.transaction(|statements| {
            statements.query(&all, &[])?;
            for _ in 0..2 {
                let start = Instant::now();
                let error = cache.incr(&counter(), 1).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::TimedOut, "{error}");
                let error = cache.set(&counter(), Value::Int(1), None).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::TimedOut, "{error}");
                assert!(start.elapsed() < LONGEST, "{:?}", start.elapsed());
            }
            assert_eq!(cache.get(&counter())?, Some(Value::Int(7)));
            Ok(())
        });
        locked.unwrap();
        assert_eq!(cache.incr(&counter(), 1).unwrap(), Some(8));
    }
}

#[test]
fn a_table_that_is_dropped_under_load_is_an_error_or_is_created_again() {
    for server in Server::shared() {
        for creates in [false, true] {
            let url = server.url(server.port(), &server.database());
            let place = patient_place(&url);
            let cache = Arc::new(place.open_with(|options| options.auto_create = Some(creates)));
            let table = NewTable::for_cache(place.database().dialect(), &place.table).unwrap();
            table.create(&place.database()).unwrap();
            let load = Load::blocking(&cache);
            let drop = format!("DROP TABLE {}", place.quoted());
            // one that is dropped again while it is created is an error, too
            for _ in 0..if creates { 1 } else { 3 } {
                load.go_on_for(100);
                place.database().execute(&drop, &[]).unwrap();
                if !creates {
                    load.wait_for_errors();
                    table.create(&place.database()).unwrap();
                }
            }
            load.go_on_for(100);
            let outcome = load.end();
            for error in outcome.errors {
                let message = error.message();
                assert!(
                    !creates && message.contains("`cachemere createcachetable`"),
                    "{message}"
                );
            }
            place.assert_exact();
        }
    }
}

#[test]
fn a_wrong_password_is_an_error_that_does_not_show_it() {
    for server in Server::shared() {
        let url = server.url(server.port(), &server.database());
        let place = patient_place(&url.replace("s3cret", "hunter2"));
        let error = place.open().get(&key(1)).unwrap_err();
        let shown = format!("{error} {error:?} {place:?}");
        assert!(shown.contains(&server.address()), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
