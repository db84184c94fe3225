//! No user ever gets what is another's.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{Router, body::Body};
use cachemere::{
    Caches,
    http::{FetchFromCacheLayer, UpdateCacheLayer},
};
use http::{Method, Request, Response, StatusCode};
use proptest::{
    collection::vec,
    prelude::*,
    sample::subsequence,
    test_runner::{Config, TestRunner},
};

use tower::util::MapRequestLayer;

use super::site::{LOCMEM, Site, get, per_site, per_view};

/// How a request says whose it is.
const CREDENTIALS: [&str; 3] = ["Cookie", "Authorization", "X-User"];

/// One request, and what the application is going to answer if it is asked.
#[derive(Clone, Debug)]
struct Exchange {
    method: Method,
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
    /// What happens to the user, as long as they listen.
    Events,
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
        1 => Just(Answer::Events),
    ];
    let credentials = subsequence(CREDENTIALS.to_vec(), 0..=CREDENTIALS.len());
    let vary = subsequence(
        ["Accept", "Cookie", "Authorization", "X-User"].to_vec(),
        0..=2,
    );
    let vary = prop_oneof![3 => Just(Vec::new()), 1 => vary];
    let later = prop_oneof![19 => Just(0_u64), 1 => 1..100_u64];
    let method =
        prop_oneof![16 => Just(Method::GET), 2 => Just(Method::HEAD), 1 => Just(Method::POST)];
    let exchange = (
        method,
        0..4_usize,
        0..3_usize,
        credentials,
        answer,
        vary,
        any::<bool>(),
        later,
    );
    let exchange = exchange.prop_map(
        |(method, url, user, credentials, answer, vary, is_public, later)| Exchange {
            method,
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
        let request = get(&format!("/{}", self.url)).method(self.method.clone());
        let request = request.extension(self.clone());
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
        let mut content_type = "text/plain";
        match &self.answer {
            // what was done for the user: nobody stores that of a POST
            _ if self.method == Method::POST => {}
            Answer::ByVary(credential) if has(CREDENTIALS[*credential]) => {
                vary.push(CREDENTIALS[*credential])
            }
            Answer::ByDirective(directive) => directives.push(*directive),
            Answer::ByStar => vary.push("*"),
            Answer::ByAuthorization if has("Authorization") => {}
            Answer::Denied => status = StatusCode::FORBIDDEN,
            Answer::Events => content_type = "text/event-stream",
            Answer::WithCookie => {
                cookie = Some(self.name());
                body = "shared".to_owned();
            }
            _ => body = "shared".to_owned(),
        }
        // `public` lets anyone have it: it is not said of what is for one user, unless that varies on who it is
        let is_for_one = body != "shared" && !matches!(self.answer, Answer::ByVary(_));
        if self.is_public && !is_for_one && self.method != Method::POST {
            directives.push("public");
        }
        let answer = Response::builder().status(status);
        let mut answer = answer.header("Content-Type", content_type);
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

type Layers = fn(Router, &Caches) -> Router;

/// A layer between the two knows users by their credentials, and takes these away.
fn per_site_with_login(router: Router, caches: &Caches) -> Router {
    let login = MapRequestLayer::new(|mut request: Request<Body>| {
        request.headers_mut().remove("authorization");
        request.headers_mut().remove("cookie");
        request
    });
    router
        .layer(FetchFromCacheLayer::new())
        .layer(login)
        .layer(UpdateCacheLayer::with_caches(caches))
}

const CASES: u32 = 100;
const EXCHANGES: usize = 100;

#[test]
fn nothing_crosses_in_ten_thousand_exchanges_between_users_and_a_third_of_them_are_hits() {
    let hits = AtomicUsize::new(0);
    let strategy = (
        exchanges(),
        prop::sample::select(vec![per_view as Layers, per_site, per_site_with_login]),
        prop::sample::select(vec!["5.2", "6.1"]),
    );
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&strategy, |(exchanges, layers, django)| {
        let toml = LOCMEM.replace("5.2", django);
        let view =
            |request: &Request<Body>| request.extensions().get::<Exchange>().unwrap().answer();
        let site = Site::new(&toml, view, layers);
        for exchange in exchanges {
            site.advance(exchange.later);
            let answer = site.ask(exchange.request());
            let is_hit = answer.is_hit();
            hits.fetch_add(usize::from(is_hit), Ordering::Relaxed);
            let is_empty = exchange.method == Method::HEAD && answer.body.is_empty();
            prop_assert!(
                answer.body == "shared" || answer.body == exchange.name() || is_empty,
                "{exchange:?} got {}",
                answer.body
            );
            prop_assert!(!is_hit || exchange.method != Method::POST, "{exchange:?}");
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
