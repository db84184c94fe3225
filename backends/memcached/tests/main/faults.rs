use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use cachemere_base::{Backend, Error, ErrorKind, Key, Store, Value};
use cachemere_memcached::Memcached;
use cachemere_servers::{Fault, Memcached as Server, Proxy, until};
use tokio::runtime::Runtime;

use crate::place::{connect, is_fault_of, is_right, resumes, round, value_of};

/// A server that fails is tried again at once, and answers in this time.
const IMPATIENT: &str =
    "timeout = 0.3\nconnect_timeout = 0.3\nretry_timeout = 0.02\nmax_pool_size = 8";

/// No operation on one key takes longer: the time to wait for a connection, to connect and to be answered, and some
/// more on a busy machine. A round has four operations.
const BOUND: Duration = Duration::from_millis(4 * 900 + 1000);

/// Works with threads and tasks while something happens to the server. Returns how many rounds succeeded and what the
/// errors were; a wrong value or a wait past the bound fails the test.
fn under_load(store: &Arc<Memcached>, happens: impl FnOnce(&Seen)) -> (usize, Vec<Error>) {
    let is_over = AtomicBool::new(false);
    let seen = Seen::default();
    let work = |name: String| {
        while !is_over.load(SeqCst) {
            let begun = Instant::now();
            match round(store, &name) {
                Ok(()) => drop(seen.rounds.fetch_add(1, SeqCst)),
                Err(error) => seen.errors.lock().push(error),
            }
            assert!(begun.elapsed() < BOUND, "it took {:?}", begun.elapsed());
        }
    };
    let runtime = Runtime::new().unwrap();
    let over = Arc::new(AtomicBool::new(false));
    let tasks: Vec<_> = (0..4)
        .map(|n| {
            let (store, over) = (
                Store::new(Arc::clone(store) as Arc<dyn Backend>),
                Arc::clone(&over),
            );
            runtime.spawn(async move {
                let key = Key::new(&format!("task{n}"));
                while !over.load(SeqCst) {
                    let begun = Instant::now();
                    let _ = store.aset(key.clone(), value_of(&key), None).await;
                    is_right(&key, store.aget(key.clone()).await).unwrap_or_default();
                    assert!(begun.elapsed() < BOUND, "it took {:?}", begun.elapsed());
                }
            })
        })
        .collect();
    thread::scope(|scope| {
        for n in 0..4 {
            let work = &work;
            scope.spawn(move || work(format!("thread{n}")));
        }
        seen.go_on();
        happens(&seen);
        is_over.store(true, SeqCst);
        over.store(true, SeqCst);
    });
    for task in tasks {
        runtime.block_on(task).unwrap();
    }
    (seen.rounds.into_inner(), seen.errors.into_inner())
}

/// What the threads of a load have met.
#[derive(Default)]
struct Seen {
    rounds: AtomicUsize,
    errors: parking_lot::Mutex<Vec<Error>>,
}

impl Seen {
    /// Waits until more rounds have succeeded.
    #[track_caller]
    fn go_on(&self) {
        let before = self.rounds.load(SeqCst);
        until("work goes on", || self.rounds.load(SeqCst) > before + 8);
    }

    /// Waits until another one has failed.
    #[track_caller]
    fn fail(&self) {
        let before = self.errors.lock().len();
        until("something fails", || self.errors.lock().len() > before);
    }
}

#[test]
fn killed_and_restarted_in_mid_load() {
    let mut server = Server::start();
    let address = server.address();
    let store = Arc::new(connect(&address, IMPATIENT));
    let (rounds, errors) = under_load(&store, |seen| {
        server.server().kill();
        seen.fail();
        server.server().restart();
        seen.go_on();
    });
    assert!(rounds > 0 && !errors.is_empty());
    errors.iter().for_each(|error| is_fault_of(error, &address));
    resumes(&store);
}

#[test]
fn stopped_and_continued() {
    let server = Server::start();
    let address = server.address();
    let store = Arc::new(connect(&address, IMPATIENT));
    let (rounds, errors) = under_load(&store, |seen| {
        server.stop();
        seen.fail();
        server.cont();
        seen.go_on();
    });
    assert!(rounds > 0 && !errors.is_empty());
    errors.iter().for_each(|error| is_fault_of(error, &address));
    resumes(&store);
}

/// What a proxy does to the replies in the middle of the load.
fn behind_a_proxy(fault: Fault, is_harmless: bool, options: &str) -> Vec<Error> {
    let server = Server::start();
    let proxy = Proxy::before(server.port());
    let address = format!("127.0.0.1:{}", proxy.port());
    let store = Arc::new(connect(&address, options));
    let (rounds, errors) = under_load(&store, |seen| {
        proxy.set(fault);
        match is_harmless {
            true => seen.go_on(),
            false => seen.fail(),
        }
        proxy.set(Fault::None);
        seen.go_on();
    });
    assert!(rounds > 0);
    errors.iter().for_each(|error| is_fault_of(error, &address));
    proxy.cut();
    resumes(&store);
    errors
}

#[test]
fn answers_that_come_late_but_in_time_are_no_errors() {
    assert_eq!(
        behind_a_proxy(Fault::Delay(Duration::from_millis(20)), true, "timeout = 5").len(),
        0
    );
}

#[test]
fn answers_that_come_too_late_are_errors_and_nobodys() {
    let errors = behind_a_proxy(Fault::Delay(Duration::from_millis(450)), false, IMPATIENT);
    assert!(
        errors
            .iter()
            .any(|error| error.kind() == ErrorKind::TimedOut)
    );
}

#[test]
fn answers_that_are_cut_are_errors() {
    for bytes in [3, 30] {
        let errors = behind_a_proxy(Fault::CutAfter(bytes), false, IMPATIENT);
        assert!(
            errors
                .iter()
                .any(|error| error.kind() == ErrorKind::Unavailable)
        );
    }
}

#[test]
fn answers_that_are_garbled_are_errors() {
    let errors = behind_a_proxy(Fault::Garble, false, IMPATIENT);
    assert!(errors.iter().any(|error| error.kind() == ErrorKind::Server));
}

#[test]
fn a_server_that_answers_nothing_costs_the_timeout_once_and_then_nothing() {
    let server = Server::start();
    let proxy = Proxy::before(server.port());
    let address = format!("127.0.0.1:{}", proxy.port());
    let store = connect(&address, "timeout = 1\nretry_timeout = 60");
    resumes(&store);
    proxy.set(Fault::BlackHole);
    let begun = Instant::now();
    let first = store.get(&Key::new("key")).unwrap_err();
    assert_eq!(first.kind(), ErrorKind::TimedOut);
    assert_eq!(first.message(), format!("no answer within 1s ({address})"));
    assert!(begun.elapsed() < Duration::from_secs(3));

    let begun = Instant::now();
    for _ in 0..100 {
        let error = store.get(&Key::new("key")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        is_fault_of(&error, &address);
    }
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn every_method_of_an_unreachable_server_is_an_error_that_names_it() {
    let mut server = Server::start();
    let address = server.address();
    server.server().kill();
    let store = connect(&address, "retry_timeout = 0.001");
    let key = Key::new("key");
    let value = || Value::Int(1);
    let errors = [
        store.get(&key).unwrap_err(),
        store.set(&key, value(), None).unwrap_err(),
        store.add(&key, value(), None).unwrap_err(),
        store.touch(&key, None).unwrap_err(),
        store.delete(&key).unwrap_err(),
        store.incr(&key, 1).unwrap_err(),
        store.clear().unwrap_err(),
        store.has_key(&key).unwrap_err(),
        store.get_many(std::slice::from_ref(&key)).unwrap_err(),
        store
            .set_many(vec![(key.clone(), value())], None)
            .unwrap_err(),
        store.delete_many(std::slice::from_ref(&key)).unwrap_err(),
        store.get_with_ttl(&key).unwrap_err(),
        store.servers().unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        let start = format!("connection refused ({address})");
        assert!(error.message().starts_with(&start), "{error}");
    }
    server.server().restart();
    assert_eq!(store.get(&key).unwrap(), None);
}

#[test]
fn a_server_that_is_away_longer_than_any_patience_is_used_when_it_is_back() {
    let mut server = Server::start();
    let store = connect(
        &server.address(),
        "retry_attempts = 1\nretry_timeout = 0.05\ndead_timeout = 60",
    );
    resumes(&store);
    server.server().kill();
    let mut tries = 0;
    until("it was tried often", || {
        let error = store.get(&Key::new("key")).unwrap_err();
        tries += usize::from(!error.message().contains("it is tried again in"));
        tries > 4
    });
    server.server().restart();
    resumes(&store);
}

/// Takes what is logged.
#[derive(Clone, Default)]
struct Log(Arc<parking_lot::Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().clone()).unwrap()
    }
}

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_server_that_fails_is_dead_and_comes_back_is_logged_and_no_value_is() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // A subscriber of one thread only would miss what another thread came by first.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let mut server = Server::with_password();
    let options = "username = 'user'\npassword = 'pass'\nretry_attempts = 1\nretry_timeout = 0.01";
    let store = connect(&server.address(), options);
    let key = Key::new("key");
    let value = || Value::raw("a secret");
    store.set(&key, value(), None).unwrap();
    server.server().kill();
    until("it is taken for dead", || {
        store.set(&key, value(), None).unwrap_err();
        log.text().contains("taken for dead")
    });
    server.server().restart();
    resumes(&store);
    let log = log.text();
    let address = server.address();
    let told: Vec<_> = [
        ("DEBUG", "the server closed an idle connection"),
        ("WARN", "the server does not answer"),
        ("WARN", "the server is taken for dead"),
        ("INFO", "the server answers again"),
    ]
    .into_iter()
    .map(|(level, text)| {
        let lines = log
            .lines()
            .filter(|line| line.contains(level) && line.contains(text));
        lines.filter(|line| line.contains(&address)).count()
    })
    .collect();
    assert_eq!(told, [1; 4], "{log}");
    assert!(!log.contains("secret") && !log.contains("pass "), "{log}");
}
