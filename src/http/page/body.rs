use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::{
    super::frames::poll_bytes,
    recording::{Draft, Recording},
};

pin_project! {
    /// The body of an answer that comes out of a page-cache layer.
    ///
    /// - The frames of the application's body pass as they come, and are not copied; so do its trailers and errors.
    /// - The body of a cached page is one frame: a slice of what the store returned.
    pub struct PageBody<B: Body> {
        #[pin]
        source: Source<B>,
    }
}

pin_project! {
    #[project = SourceProjection]
    enum Source<B: Body> {
        Application { #[pin] body: B },
        Recorded { #[pin] body: B, recording: Box<Recording<B::Error>> },
        Cache { page: Option<Bytes> },
    }
}

impl<B: Body> PageBody<B> {
    pub(super) fn passing(body: B) -> Self {
        let source = Source::Application { body };
        Self { source }
    }

    /// Passes on while the draft keeps what passes.
    pub(super) fn recorded(body: B, draft: Draft) -> Self {
        let recording = Box::new(Recording::new(draft));
        let source = Source::Recorded { body, recording };
        Self { source }
    }

    pub(super) fn cached(page: Bytes) -> Self {
        let page = Some(page).filter(|page| !page.is_empty());
        let source = Source::Cache { page };
        Self { source }
    }
}

impl<B: Body> Body for PageBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.project().source.project() {
            SourceProjection::Application { body } => poll_bytes(body, context),
            SourceProjection::Recorded { body, recording } => recording.poll_frame(body, context),
            SourceProjection::Cache { page } => {
                Poll::Ready(page.take().map(|page| Ok(Frame::data(page))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Application { body } => body.is_end_stream(),
            Source::Recorded { body, recording } => recording.is_end_stream(body),
            Source::Cache { page } => page.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Application { body } => body.size_hint(),
            Source::Recorded { body, recording } => recording.size_hint(body),
            Source::Cache { page } => {
                SizeHint::with_exact(page.as_ref().map_or(0, |page| page.len() as u64))
            }
        }
    }
}

impl<B: Body> fmt::Debug for PageBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = match self.source {
            Source::Application { .. } => "Application",
            Source::Recorded { .. } => "Recorded",
            Source::Cache { .. } => "Cache",
        };
        f.debug_tuple("PageBody").field(&source).finish()
    }
}
