//! The site as a browser sees it.

mod driver;

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::Request,
    middleware::{Next, from_fn},
};
use cachemere::Caches;
use tokio::{net::TcpListener, runtime::Runtime};

use self::driver::Browser;
use crate::{levels::LEVELS, site::router};

const SETTINGS: &str =
    "[DATABASES]\ndefault = 'sqlite::memory:'\n[CACHES.default]\nBACKEND = 'locmem'";

/// The site on a port of its own, which notes what it is asked for, and a browser.
struct Visit {
    browser: Browser,
    address: SocketAddr,
    /// Paths, and the status each was answered with.
    asked: Arc<Mutex<Vec<(String, u16)>>>,
    _runtime: Runtime,
}

impl Visit {
    fn new() -> Self {
        let caches = Caches::from_toml(SETTINGS).unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        let note = from_fn(move |request: Request, next: Next| {
            let (noted, path) = (Arc::clone(&noted), request.uri().path().to_owned());
            async move {
                let answer = next.run(request).await;
                noted.lock().unwrap().push((path, answer.status().as_u16()));
                answer
            }
        });
        let site: Router = router(&caches).unwrap().layer(note);
        let runtime = Runtime::new().unwrap();
        let listener = runtime
            .block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
            .unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async { axum::serve(listener, site).await });
        Self {
            browser: Browser::start(),
            address,
            asked,
            _runtime: runtime,
        }
    }

    fn open(&self, path: &str) {
        self.browser.open(&format!("http://{}{path}", self.address));
    }

    /// What is written below the swatch of a level, when its page is opened.
    fn caption(&self, path: &str) -> String {
        self.open(path);
        self.browser.text("figcaption")
    }

    /// With which status the requests for a path were answered.
    fn answers(&self, path: &str) -> Vec<u16> {
        let asked = self.asked.lock().unwrap();
        let answers = asked.iter().filter(|(asked, _)| asked == path);
        answers.map(|(_, status)| *status).collect()
    }

    /// The levels that the page shows as coming from their caches.
    fn hits(&self) -> Vec<&'static str> {
        let badge = |name: &str| self.browser.text(&format!("#{name} .badge"));
        let names = LEVELS.iter().map(|level| level.name);
        names
            .filter(|name| badge(name) == "from the cache")
            .collect()
    }
}

#[test]
fn a_page_with_max_age_is_not_fetched_again() {
    let visit = Visit::new();
    let first = visit.caption("/per-view/23/");
    visit.open("/caches/");
    assert_eq!(visit.caption("/per-view/23/"), first);
    assert_eq!(visit.answers("/per-view/23/"), [200]);
}

#[test]
fn a_page_that_is_never_cached_is_fetched_each_time() {
    let visit = Visit::new();
    let first = visit.caption("/uncached/");
    visit.open("/caches/");
    assert_ne!(visit.caption("/uncached/"), first);
    assert_eq!(visit.answers("/uncached/"), [200, 200]);
}

#[test]
fn a_page_that_the_browser_has_already_is_not_sent_again() {
    let visit = Visit::new();
    let first = visit.caption("/per-site/");
    visit.browser.reload();
    assert_eq!(visit.browser.text("figcaption"), first);
    assert_eq!(visit.answers("/per-site/"), [200, 304]);
}

#[test]
fn languages_do_not_mix() {
    let visit = Visit::new();
    let captions = |languages: [&str; 3]| {
        languages.map(|language| {
            visit.browser.speak(language);
            visit.caption("/per-site/")
        })
    };
    let first = captions(["en", "de", "fr"]);
    for (caption, hello) in first.iter().zip(["Good day", "Guten Tag", "Bonjour"]) {
        assert!(caption.starts_with(hello), "{caption}");
    }
    assert_eq!(captions(["en", "de", "fr"]), first);
}

#[test]
fn a_level_is_kept_until_its_own_button_purges_it() {
    let visit = Visit::new();
    let cached: Vec<_> = LEVELS[1..].iter().map(|level| level.name).collect();
    visit.open("/");
    assert_eq!(visit.hits(), [] as [&str; 0]);
    visit.browser.click(".intro .button");
    assert_eq!(visit.hits(), cached);
    for name in &cached {
        visit.browser.click(&format!("#{name} button"));
        let others = cached.iter().copied().filter(|other| other != name);
        assert_eq!(visit.hits(), others.collect::<Vec<_>>(), "{name}");
    }
    visit.browser.click(".intro button");
    assert_eq!(visit.hits(), [] as [&str; 0]);
}

#[test]
fn what_the_levels_found_is_counted_by_alias() {
    let visit = Visit::new();
    for _ in 0..2 {
        visit.open("/");
    }
    visit.open("/caches/");
    let count = |of| visit.browser.text(&format!("#default .{of}"));
    assert_eq!((count("hits"), count("misses")), ("5".into(), "5".into()));
}
