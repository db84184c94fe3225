//! Bodies pass as the application makes them, and are kept only if they are whole.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::{Router, body::Body};
use bytes::Bytes;
use cachemere::{Caches, http::CachePageLayer};
use http::{HeaderMap, Response};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::site::{LOCMEM, Site, get};

#[derive(Clone, Debug)]
enum Event {
    Data(&'static str),
    Trailers,
    Error,
    /// Pending for ever.
    Silence,
}

use Event::{Data, Error, Silence, Trailers};

/// A body that does what is written.
#[derive(Clone, Debug, Default)]
struct Script {
    events: VecDeque<Event>,
    length: Option<u64>,
    /// Whether it knows its end beforehand.
    ends_early: bool,
}

impl Script {
    fn new(events: &[Event]) -> Self {
        Self {
            events: events.to_vec().into(),
            ..Self::default()
        }
    }

    fn with_length(self, length: u64) -> Self {
        Self {
            length: Some(length),
            ..self
        }
    }
}

impl http_body::Body for Script {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let frame = match self.events.front() {
            None => return Poll::Ready(None),
            Some(Silence) => return Poll::Pending,
            Some(Data(data)) => Ok(Frame::data(Bytes::from_static(data.as_bytes()))),
            Some(Error) => Err(io::Error::other("cut")),
            Some(Trailers) => {
                let trailers = [("x-sum".parse().unwrap(), "1".parse().unwrap())];
                Ok(Frame::trailers(HeaderMap::from_iter(trailers)))
            }
        };
        self.events.pop_front();
        Poll::Ready(Some(frame))
    }

    fn is_end_stream(&self) -> bool {
        self.ends_early && self.events.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        self.length
            .map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

fn site(script: Script, headers: &'static [(&str, &str)]) -> Site {
    let view = move |_: &_| {
        let answer = headers
            .iter()
            .fold(Response::builder(), |answer, (name, value)| {
                answer.header(*name, *value)
            });
        answer.body(Body::new(script.clone())).unwrap()
    };
    Site::new(LOCMEM, view, |router: Router, caches: &Caches| {
        router.layer(CachePageLayer::with_caches(caches, 60).max_body(10))
    })
}

/// The events of an answer's body, as they come.
fn events(site: &Site) -> Vec<String> {
    let request = get("/").body(Body::empty()).unwrap();
    pollster::block_on(async {
        let mut body = site.router().oneshot(request).await.unwrap().into_body();
        let mut events = Vec::new();
        while let Some(frame) = body.frame().await {
            events.push(match frame.map(Frame::into_data) {
                Ok(Ok(data)) => String::from_utf8(data.to_vec()).unwrap(),
                Ok(Err(_)) => "trailers".to_owned(),
                Err(_) => "error".to_owned(),
            });
        }
        events
    })
}

/// What the first answer is like, and whether the second comes from the cache.
fn first_and_hit(site: &Site) -> (Vec<String>, bool) {
    let first = events(site);
    events(site);
    (first, site.calls() == 1)
}

#[test]
fn a_body_of_unknown_length_passes_frame_by_frame_and_is_stored_when_it_ends() {
    let site = site(Script::new(&[Data("one "), Data("two")]), &[]);
    assert_eq!(events(&site), ["one ", "two"]);
    assert_eq!(events(&site), ["one two"]);
    assert_eq!(site.calls(), 1);
}

#[test]
fn an_empty_body_is_a_page() {
    for script in [
        Script::default(),
        Script::default().with_length(0),
        Script {
            ends_early: true,
            ..Script::default()
        },
    ] {
        assert_eq!(first_and_hit(&site(script, &[])), (vec![], true));
    }
}

#[test]
fn a_page_is_stored_before_its_last_frame_if_its_length_is_known() {
    let whole = Script::new(&[Data("one "), Data("two")]);
    let scripts = [
        (whole.clone().with_length(7), &[] as &[_]),
        (
            Script {
                ends_early: true,
                ..whole.clone()
            },
            &[],
        ),
        (whole, &[("Content-Length", "7")]),
    ];
    for (script, headers) in scripts {
        let site = site(script, headers);
        let request = get("/").body(Body::empty()).unwrap();
        pollster::block_on(async {
            let mut body = site.router().oneshot(request).await.unwrap().into_body();
            body.frame().await.unwrap().unwrap();
            body.frame().await.unwrap().unwrap();
            drop(body);
        });
        assert!(site.get("/").is_hit());
    }
}

#[test]
fn a_body_that_is_cut_short_is_no_page() {
    let cut = [
        (
            Script::new(&[Data("one "), Error]),
            vec!["one ", "error"],
            &[] as &[_],
        ),
        (
            Script::new(&[Data("one ")]).with_length(7),
            vec!["one "],
            &[],
        ),
        (
            Script::new(&[Data("one ")]),
            vec!["one "],
            &[("Content-Length", "7")],
        ),
        (
            Script::new(&[Data("one two three")]),
            vec!["one two three"],
            &[("Content-Length", "7")],
        ),
        (
            Script::new(&[Data("one")]),
            vec!["one"],
            &[("Content-Length", "3, 3")],
        ),
    ];
    for (script, frames, headers) in cut {
        let (first, is_hit) = first_and_hit(&site(script.clone(), headers));
        assert_eq!(
            (first, is_hit),
            (frames.into_iter().map(str::to_owned).collect(), false),
            "{script:?}"
        );
    }
}

#[test]
fn a_body_that_is_dropped_before_its_end_is_no_page() {
    let site = site(Script::new(&[Data("one "), Data("two")]), &[]);
    let request = get("/").body(Body::empty()).unwrap();
    pollster::block_on(async {
        let mut body = site.router().oneshot(request).await.unwrap().into_body();
        body.frame().await.unwrap().unwrap();
    });
    assert!(!site.get("/").is_hit());
}

#[test]
fn a_body_over_the_limit_passes_and_is_no_page() {
    let large = [
        Script::new(&[Data("0123456789"), Data("x"), Data("y")]),
        Script::new(&[Data("0123456789"), Data("x"), Data("y")]).with_length(12),
    ];
    for script in large {
        assert_eq!(
            first_and_hit(&site(script, &[])),
            (["0123456789", "x", "y"].map(str::to_owned).to_vec(), false)
        );
    }
    let just = Script::new(&[Data("0123456789")]);
    assert!(first_and_hit(&site(just, &[])).1);
}

#[test]
fn server_sent_events_pass_at_once_and_are_no_page() {
    let site = site(
        Script::new(&[Data("data: 1\n\n")]),
        &[("Content-Type", "Text/Event-Stream; charset=utf-8")],
    );
    assert_eq!(
        first_and_hit(&site),
        (vec!["data: 1\n\n".to_owned()], false)
    );
}

#[test]
fn trailers_pass_and_their_answer_is_no_page() {
    for script in [
        Script::new(&[Data("one"), Trailers]),
        Script::new(&[Data("one"), Trailers]).with_length(3),
    ] {
        assert_eq!(
            first_and_hit(&site(script, &[])),
            (vec!["one".to_owned(), "trailers".to_owned()], false)
        );
    }
}

#[test]
fn an_error_after_all_that_was_promised_passes_and_its_answer_is_no_page() {
    let script = Script::new(&[Data("one"), Error]).with_length(3);
    assert_eq!(
        first_and_hit(&site(script, &[])),
        (vec!["one".to_owned(), "error".to_owned()], false)
    );
}

#[test]
fn a_body_that_does_not_end_after_its_length_is_passed_on_in_bounded_time() {
    let site = site(Script::new(&[Data("one"), Silence]).with_length(3), &[]);
    let request = get("/").body(Body::empty()).unwrap();
    let started = Instant::now();
    let frame = pollster::block_on(async {
        let mut body = site.router().oneshot(request).await.unwrap().into_body();
        body.frame().await.unwrap().unwrap().into_data().unwrap()
    });
    assert_eq!(frame, "one");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn neither_a_passing_frame_nor_a_hit_is_copied() {
    let body = Bytes::from(vec![b'x'; 1000]);
    let made = body.clone();
    let view = move |_: &_| Response::new(Body::from(made.clone()));
    let site = Site::new(LOCMEM, view, |router: Router, caches: &Caches| {
        router.layer(CachePageLayer::with_caches(caches, 60))
    });
    let fetch = || {
        let request = get("/").body(Body::empty()).unwrap();
        pollster::block_on(async {
            let mut answer = site.router().oneshot(request).await.unwrap().into_body();
            answer.frame().await.unwrap().unwrap().into_data().unwrap()
        })
    };
    assert_eq!(fetch().as_ptr(), body.as_ptr());
    assert_eq!(fetch().as_ptr(), fetch().as_ptr());
    assert_eq!((site.calls(), fetch().len()), (1, 1000));
}
