//! No user ever gets what is another's.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{Router, body::Body};
use cachemere::{
    Caches,
    http::{CachePageLayer, FetchFromCacheLayer, UpdateCacheLayer},
};
use http::{Request, Response, StatusCode};
use proptest::{
    collection::vec,
    prelude::*,
    sample::subsequence,
    test_runner::{Config, TestRunner},
};

use super::site::{LOCMEM, Site, get};

/// How a request says whose it is.
const CREDENTIALS: [&str; 3] = ["Cookie", "Authorization", "X-User"];

/// One request, and what the application is going to answer if it is asked.
#[derive(Clone, Debug)]
struct Exchange {
    url: usize,
    user: usize,
    /// Those that the request has.
    credentials: Vec<&'static str>,
    answer: Answer,
    /// Headers that the answer varies on beside those that it has to.
    vary: Vec<&'static str>,
    is_public: bool,
    later: u64,
}

/// What an honest application answers: what is for one user says so in one way.
#[derive(Clone, Debug)]
enum Answer {
    /// The same for everyone.
    Shared,
    /// For who has this credential, and it varies on it.
    ByVary(usize),
    /// For the user, and no cache may store it.
    ByDirective(&'static str),
    /// For the user, and it varies on everything.
    ByStar,
    /// The same for everyone, but a cookie of the user comes along.
    WithCookie,
    /// For the user, who is known by Authorization: that is why no shared cache may store it (RFC 9111, section 3.5).
    ByAuthorization,
    /// An error that names the user.
    Denied,
}

fn exchanges() -> impl Strategy<Value = Vec<Exchange>> {
    let answer = prop_oneof![
        6 => Just(Answer::Shared),
        6 => (0..CREDENTIALS.len()).prop_map(Answer::ByVary),
        1 => prop::sample::select(vec!["private", "no-store", "no-cache", "No-Store, x", "private=\"x\""])
            .prop_map(Answer::ByDirective),
        1 => Just(Answer::ByStar),
        1 => Just(Answer::WithCookie),
        1 => Just(Answer::ByAuthorization),
        1 => Just(Answer::Denied),
    ];
    let credentials = subsequence(CREDENTIALS.to_vec(), 0..=CREDENTIALS.len());
    let vary = subsequence(
        ["Accept", "Cookie", "Authorization", "X-User"].to_vec(),
        0..=2,
    );
    let vary = prop_oneof![3 => Just(Vec::new()), 1 => vary];
    let later = prop_oneof![19 => Just(0_u64), 1 => 1..100_u64];
    let exchange = (
        0..4_usize,
        0..3_usize,
        credentials,
        answer,
        vary,
        any::<bool>(),
        later,
    );
    let exchange =
        exchange.prop_map(
            |(url, user, credentials, answer, vary, is_public, later)| Exchange {
                url,
                user,
                credentials,
                answer,
                vary,
                is_public,
                later,
            },
        );
    vec(exchange, EXCHANGES)
}

impl Exchange {
    fn request(&self) -> http::request::Builder {
        let request = get(&format!("/{}", self.url)).extension(self.clone());
        self.credentials.iter().fold(request, |request, name| {
            request.header(*name, format!("user {}", self.user))
        })
    }

    /// What stands in what is for this user only.
    fn name(&self) -> String {
        format!("user {}", self.user)
    }

    fn answer(&self) -> Response<Body> {
        let has = |name| self.credentials.contains(&name);
        let (mut vary, mut directives) = (self.vary.clone(), Vec::new());
        let (mut status, mut cookie, mut body) = (StatusCode::OK, None, self.name());
        match &self.answer {
            Answer::ByVary(credential) if has(CREDENTIALS[*credential]) => {
                vary.push(CREDENTIALS[*credential])
            }
            Answer::ByDirective(directive) => directives.push(*directive),
            Answer::ByStar => vary.push("*"),
            Answer::ByAuthorization if has("Authorization") => {}
            Answer::Denied => status = StatusCode::FORBIDDEN,
            Answer::WithCookie => {
                cookie = Some(self.name());
                body = "shared".to_owned();
            }
            _ => body = "shared".to_owned(),
        }
        // `public` lets anyone have it: it is not said of what is for one user, unless that varies on who it is
        if self.is_public && (body == "shared" || matches!(self.answer, Answer::ByVary(_))) {
            directives.push("public");
        }
        let mut answer = Response::builder().status(status);
        if !vary.is_empty() {
            answer = answer.header("Vary", vary.join(", "));
        }
        if !directives.is_empty() {
            answer = answer.header("Cache-Control", directives.join(", "));
        }
        if let Some(cookie) = cookie {
            answer = answer.header("Set-Cookie", cookie);
        }
        answer.body(Body::from(body)).unwrap()
    }
}

fn per_view(router: Router, caches: &Caches) -> Router {
    router.layer(CachePageLayer::with_caches(caches, 60))
}

fn per_site(router: Router, caches: &Caches) -> Router {
    router
        .layer(FetchFromCacheLayer::new())
        .layer(UpdateCacheLayer::with_caches(caches))
}

const CASES: u32 = 100;
const EXCHANGES: usize = 100;

#[test]
fn nothing_crosses_in_ten_thousand_exchanges_between_users_and_a_third_of_them_are_hits() {
    let hits = AtomicUsize::new(0);
    let strategy = (
        exchanges(),
        any::<bool>(),
        prop::sample::select(vec!["5.2", "6.1"]),
    );
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&strategy, |(exchanges, is_per_site, django)| {
        let toml = LOCMEM.replace("5.2", django);
        let view =
            |request: &Request<Body>| request.extensions().get::<Exchange>().unwrap().answer();
        let site = Site::new(&toml, view, if is_per_site { per_site } else { per_view });
        for exchange in exchanges {
            site.advance(exchange.later);
            let answer = site.ask(exchange.request());
            let is_hit = answer.is_hit();
            hits.fetch_add(usize::from(is_hit), Ordering::Relaxed);
            prop_assert!(
                answer.body == "shared" || answer.body == exchange.name(),
                "{exchange:?} got {}",
                answer.body
            );
            let cookie = answer.header("set-cookie");
            prop_assert!(
                cookie.is_empty() || (!is_hit && cookie == exchange.name()),
                "{exchange:?} got {cookie}"
            );
        }
        Ok(())
    });
    outcome.unwrap();
    let hits = hits.into_inner();
    let all = CASES as usize * EXCHANGES;
    assert!(hits * 10 >= all * 3, "{hits} of {all} were hits");
    println!("{hits} of {all} were hits");
}
