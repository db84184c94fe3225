use std::{future::Future, sync::Arc, time::Instant};

use http::{HeaderMap, Method, Response, header, request::Parts};
use http_body::Body;

use super::{
    PageBody,
    known::Known,
    recording::Draft,
    rules::{Verdict, judge},
    site::Site,
    storing::Storing,
};
use crate::{
    flights::{Leader, Leading},
    http::key,
};

/// A request that found no page.
pub(super) struct Visit {
    pub(super) site: Arc<Site>,
    /// What keys need of it.
    pub(super) request: Parts,
    pub(super) known: Known,
    pub(super) is_authorized: bool,
    /// Those who wait for the page are let go when this is dropped.
    leader: Option<Leader>,
}

impl Visit {
    pub(super) fn new(
        site: Arc<Site>,
        request: &Parts,
        known: Known,
        leader: Option<Leader>,
    ) -> Self {
        Self {
            site,
            request: key::kept(request),
            known,
            is_authorized: is_authorized(&request.headers),
            leader,
        }
    }

    /// Runs the application. A page layer further in does not wait for this very request.
    pub(super) async fn run<F: Future>(&self, application: F) -> F::Output {
        let Some(leader) = &self.leader else {
            return application.await;
        };
        let flight = Arc::clone(&leader.flight);
        let future = Box::pin(application);
        Leading { flight, future }.await
    }

    /// The answer of the application on its way out: stored if it is a page.
    pub(super) async fn answer<A: Body>(self, answer: Response<A>) -> Response<PageBody<A>> {
        let (mut parts, body) = answer.into_parts();
        let (lifetime, now) = (self.site.options.lifetime, self.site.now());
        let verdict = judge(
            parts.status,
            &mut parts.headers,
            self.is_authorized,
            lifetime,
            now,
        );
        let body = match verdict {
            Verdict::Pass => {
                self.give_up();
                PageBody::passing(body)
            }
            Verdict::Store(ttl) => {
                let length = length(&parts.headers, &body);
                let is_head = self.request.method == Method::HEAD;
                let storing = Storing::new(self, &parts.headers, ttl);
                if is_head || body.is_end_stream() && length.is_none_or(|length| length == 0) {
                    // a server does not ask for a body that is known to be empty
                    storing.store(Vec::new()).await;
                    PageBody::passing(body)
                } else if length.is_some_and(|length| length > storing.limit() as u64) {
                    storing.give_up();
                    PageBody::passing(body)
                } else {
                    PageBody::recorded(body, Draft::new(storing, length))
                }
            }
        };
        Response::from_parts(parts, body)
    }

    /// The answer is no page: who waits for it need not, and for a while nobody does.
    pub(super) fn give_up(self) {
        let url = self.site.keys(&self.request).header_key();
        self.site.unshared.insert(url, Instant::now());
    }
}

/// Whether the answer may be for one user, by `Authorization`.
pub(super) fn is_authorized(request: &HeaderMap) -> bool {
    let mut values = request.get_all(header::AUTHORIZATION).iter();
    values.any(|value| !value.as_bytes().trim_ascii().is_empty())
}

/// How long a body is going to be, as far as that is known. A length that is no number is never reached.
fn length(headers: &HeaderMap, body: &impl Body) -> Option<u64> {
    match headers.get(header::CONTENT_LENGTH) {
        Some(length) => {
            let length = length.to_str().ok().and_then(|length| length.parse().ok());
            Some(length.unwrap_or(u64::MAX))
        }
        None => body.size_hint().exact(),
    }
}
