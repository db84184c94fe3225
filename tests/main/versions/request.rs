//! The versions in the extensions of a request.

use std::sync::Arc;

use axum::{Extension, Router, body::Body, routing::get};
use cachemere::versions::{CacheVersionsLayer, RequestVersions, Versions};
use http::Request;
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::{copy::Shared, hooked::Hooks};

async fn unread() -> &'static str {
    "nothing"
}

async fn read(Extension(versions): Extension<RequestVersions>) -> String {
    let first = versions.aget("bans").await.unwrap();
    let (second, third) = tokio::join!(versions.aget("bans"), versions.asnapshot());
    let third = third.unwrap().get("bans").cloned().unwrap();
    let fourth = versions.get("bans").unwrap();
    format!("{first} {} {third} {fourth}", second.unwrap())
}

/// Several parts of a handler that ask for the first version at the same time.
async fn together(Extension(versions): Extension<RequestVersions>) -> String {
    let clone = versions.clone();
    let (a, b, c) = tokio::join!(
        versions.aget("bans"),
        clone.aget("bans"),
        versions.aget("bans")
    );
    [a, b, c]
        .map(|version| version.unwrap().to_string())
        .concat()
}

/// Invalidates between two reads of one request.
async fn changed(
    Extension(versions): Extension<RequestVersions>,
    Extension(all): Extension<Versions>,
) -> String {
    let before = versions.aget("bans").await.unwrap();
    all.ainvalidate(["bans"]).await.unwrap();
    format!("{before}{}", versions.aget("bans").await.unwrap())
}

async fn unknown(Extension(versions): Extension<RequestVersions>) -> String {
    versions.aget("bnas").await.unwrap_err().to_string()
}

struct App {
    router: Router,
    hooks: Arc<Hooks>,
    _shared: Shared,
}

impl App {
    fn new() -> Self {
        let shared = Shared::new();
        let versions = shared.started().versions();
        let router = Router::new()
            .route("/unread", get(unread))
            .route("/read", get(read))
            .route("/together", get(together))
            .route("/changed", get(changed))
            .route("/unknown", get(unknown))
            .layer(Extension(versions.clone()))
            .layer(CacheVersionsLayer::new(versions.clone()));
        versions.snapshot().unwrap();
        let hooks = shared.hooks();
        hooks.calls();
        Self {
            router,
            hooks,
            _shared: shared,
        }
    }

    async fn get(&self, path: &str) -> String {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }
}

#[tokio::test]
async fn a_request_that_reads_no_version_makes_no_look_up() {
    let app = App::new();
    assert_eq!(app.get("/unread").await, "nothing");
    assert!(app.hooks.calls().is_empty());
}

#[tokio::test]
async fn a_request_that_reads_versions_makes_one_look_up() {
    let app = App::new();
    assert_eq!(app.get("/read").await, "0 0 0 0");
    assert_eq!(app.hooks.calls(), ["get_many"]);
    assert_eq!(app.get("/together").await, "000");
    assert_eq!(app.hooks.calls(), ["get_many"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_keeps_its_versions_and_the_next_one_has_those_of_then() {
    let app = App::new();
    assert_eq!(app.get("/changed").await, "00");
    assert_eq!(app.get("/changed").await, "11");
    assert_eq!(app.get("/read").await, "2 2 2 2");
}

#[tokio::test]
async fn an_unknown_name_is_an_error_of_the_read_alone() {
    let app = App::new();
    assert!(
        app.get("/unknown")
            .await
            .starts_with("the name `bnas` has no versions")
    );
}

#[tokio::test]
async fn a_look_up_that_fails_is_tried_again() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let place = file.path().join("versions.sqlite3");
    let toml = format!("[DATABASES]\ndefault = 'sqlite:{}'", place.display());
    let versions = cachemere::Caches::from_toml(&toml).unwrap().versions();
    let request = RequestVersions::new(versions.clone());
    request.snapshot().unwrap_err();
    request.asnapshot().await.unwrap_err();
    let path = file.path().to_owned();
    drop(file);
    std::fs::create_dir(&path).unwrap();
    versions.start("bans").unwrap();
    assert!(request.aget("bans").await.is_ok());
    assert!(request.get("bans").is_ok());
    std::fs::remove_dir_all(&path).unwrap();
}
