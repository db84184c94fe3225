use std::{
    future::Future,
    mem,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use cachemere_base::BoxFuture;
use futures_timer::Delay;
use http_body::{Body, Frame, SizeHint};

use super::{super::frames::poll_bytes, storing::Storing};

/// A body that has brought all it promised has this long to end.
const ENDING: Duration = Duration::from_secs(1);

/// What has been kept of a body so far: references to its frames.
pub(super) struct Draft {
    storing: Storing,
    frames: Vec<Bytes>,
    length: usize,
    /// What Content-Length or the body itself say its length is.
    promised: Option<u64>,
}

impl Draft {
    pub(super) fn new(storing: Storing, promised: Option<u64>) -> Self {
        Self {
            storing,
            frames: Vec::new(),
            length: 0,
            promised,
        }
    }

    /// False if there is more than a page may have.
    fn keep(&mut self, data: &Bytes) -> bool {
        self.length += data.len();
        if !data.is_empty() {
            self.frames.push(data.clone());
        }
        self.length <= self.storing.limit()
            && self
                .promised
                .is_none_or(|promised| self.length as u64 <= promised)
    }

    fn has_all(&self) -> bool {
        self.promised == Some(self.length as u64)
    }

    /// This page is not to be stored: nobody needs to wait for it.
    fn give_up(self) {
        self.storing.give_up();
    }
}

/// A body that is passed on and kept, until it ends or turns out to be no page.
///
/// The page is stored before its last frame is handed out: who has it all can rely on it, and a server that has sent
/// what Content-Length promised does not ask for more.
pub(super) struct Recording<E> {
    step: Step<E>,
    /// A frame that was kept back, and is handed out before anything else.
    held: Option<Bytes>,
}

enum Step<E> {
    Listening(Draft),
    /// All that was promised is here; does the body end now?
    Ending(Draft, Delay),
    Storing(BoxFuture<'static, ()>),
    /// Nothing is kept any more: this comes next, and then what the body still has.
    Passing(Option<Result<Frame<Bytes>, E>>),
    Ended,
}

impl<E> Recording<E> {
    pub(super) fn new(draft: Draft) -> Self {
        Self {
            step: Step::Listening(draft),
            held: None,
        }
    }

    pub(super) fn poll_frame<B: Body<Error = E>>(
        &mut self,
        mut body: Pin<&mut B>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, E>>> {
        loop {
            // Should the body panic, the draft is dropped with it, and the next one may try.
            match mem::replace(&mut self.step, Step::Passing(None)) {
                Step::Listening(draft) => {
                    let Poll::Ready(next) = poll_bytes(body.as_mut(), context) else {
                        self.step = Step::Listening(draft);
                        return Poll::Pending;
                    };
                    self.hear(draft, next, body.is_end_stream());
                    if let Step::Listening(_) = self.step
                        && let Some(data) = self.held.take()
                    {
                        return Poll::Ready(Some(Ok(Frame::data(data))));
                    }
                }
                Step::Ending(draft, mut delay) => match poll_bytes(body.as_mut(), context) {
                    Poll::Ready(next) => self.hear(draft, next, body.is_end_stream()),
                    Poll::Pending if Pin::new(&mut delay).poll(context).is_ready() => {
                        draft.give_up();
                    }
                    Poll::Pending => {
                        self.step = Step::Ending(draft, delay);
                        return Poll::Pending;
                    }
                },
                Step::Storing(mut storing) => {
                    if storing.as_mut().poll(context).is_pending() {
                        self.step = Step::Storing(storing);
                        return Poll::Pending;
                    }
                    self.step = Step::Ended;
                }
                Step::Passing(next) => {
                    if let Some(data) = self.held.take() {
                        self.step = Step::Passing(next);
                        return Poll::Ready(Some(Ok(Frame::data(data))));
                    }
                    return match next {
                        Some(next) => Poll::Ready(Some(next)),
                        None => poll_bytes(body, context),
                    };
                }
                Step::Ended => {
                    self.step = Step::Ended;
                    return Poll::Ready(self.held.take().map(|data| Ok(Frame::data(data))));
                }
            }
        }
    }

    /// What comes after the body said this.
    fn hear(&mut self, mut draft: Draft, next: Option<Result<Frame<Bytes>, E>>, is_last: bool) {
        self.step = match next.map(|next| next.map(Frame::into_data)) {
            None => Step::finishing(draft),
            Some(Ok(Ok(data))) => {
                if !draft.keep(&data) {
                    draft.give_up();
                    Step::Passing(Some(Ok(Frame::data(data))))
                } else {
                    if !data.is_empty() {
                        self.held = Some(data);
                    }
                    match draft.has_all() {
                        _ if is_last => Step::finishing(draft),
                        true => Step::Ending(draft, Delay::new(ENDING)),
                        false => Step::Listening(draft),
                    }
                }
            }
            Some(Ok(Err(trailers))) => {
                draft.give_up();
                Step::Passing(Some(Ok(trailers)))
            }
            Some(Err(error)) => Step::Passing(Some(Err(error))),
        };
    }

    pub(super) fn is_end_stream(&self, body: &impl Body) -> bool {
        match &self.step {
            _ if self.held.is_some() => false,
            Step::Ended => true,
            Step::Passing(None) => body.is_end_stream(),
            _ => false,
        }
    }

    pub(super) fn size_hint(&self, body: &impl Body) -> SizeHint {
        let next = match &self.step {
            Step::Passing(Some(Ok(frame))) => frame.data_ref().map_or(0, Bytes::len),
            _ => 0,
        };
        let kept_back = (next + self.held.as_ref().map_or(0, Bytes::len)) as u64;
        let mut hint = body.size_hint();
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper.saturating_add(kept_back));
        }
        hint.set_lower(hint.lower().saturating_add(kept_back));
        hint
    }
}

impl<E> Step<E> {
    /// The body is at its end: what was kept is stored, unless it is less than was promised.
    fn finishing(draft: Draft) -> Self {
        match draft.promised.is_some() && !draft.has_all() {
            true => Self::Ended,
            false => Self::Storing(Box::pin(draft.storing.store(draft.frames))),
        }
    }
}
