use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::super::frames::poll_bytes;

pin_project! {
    /// The body of a response of [`ConditionalGet`](super::ConditionalGet): what was read of it already, then the rest.
    pub struct ConditionalBody<B: Body> {
        read: VecDeque<Result<Frame<Bytes>, B::Error>>,
        #[pin]
        rest: Option<B>,
    }
}

impl<B: Body> ConditionalBody<B> {
    pub(super) fn unread(body: B) -> Self {
        Self {
            read: VecDeque::new(),
            rest: Some(body),
        }
    }

    /// All of a body, or what it had before an error, and that.
    pub(super) fn read(frames: VecDeque<Result<Frame<Bytes>, B::Error>>) -> Self {
        Self {
            read: frames,
            rest: None,
        }
    }

    pub(super) fn empty() -> Self {
        Self::read(VecDeque::new())
    }
}

impl<B: Body> Body for ConditionalBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.project();
        match (this.read.pop_front(), this.rest.as_pin_mut()) {
            (Some(frame), _) => Poll::Ready(Some(frame)),
            (None, Some(rest)) => poll_bytes(rest, context),
            (None, None) => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.read.is_empty() && self.rest.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.as_ref().map(Body::size_hint);
        let mut hint = rest.unwrap_or_else(|| SizeHint::with_exact(0));
        let data = self.read.iter().flatten().filter_map(Frame::data_ref);
        let read = data.map(|data| data.len() as u64).sum::<u64>();
        // both ends are moved up, the upper one first: it is never below the lower one
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper.saturating_add(read));
        }
        hint.set_lower(hint.lower().saturating_add(read));
        hint
    }
}

impl<B: Body> fmt::Debug for ConditionalBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConditionalBody")
            .field("read", &self.read.len())
            .field("has_rest", &self.rest.is_some())
            .finish()
    }
}
