use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use cachemere_base::BoxFuture;
use http::Response;
use http_body::Body;
use pin_project_lite::pin_project;

use super::PageBody;

pin_project! {
    /// The answer that comes out of a page-cache layer.
    ///
    /// One from the cache is there already, if the store never waits; one that is not cached is the application's.
    pub struct PageFuture<F, A: Body, E> {
        #[pin]
        source: Source<F, A, E>,
    }
}

pin_project! {
    #[project = SourceProjection]
    enum Source<F, A: Body, E> {
        Application { #[pin] answer: F },
        Cache { page: Option<Response<Bytes>> },
        Either { answer: BoxFuture<'static, Result<Response<PageBody<A>>, E>> },
    }
}

impl<F, A: Body, E> PageFuture<F, A, E> {
    pub(super) fn passing(answer: F) -> Self {
        let source = Source::Application { answer };
        Self { source }
    }

    pub(super) fn found(page: Response<Bytes>) -> Self {
        let source = Source::Cache { page: Some(page) };
        Self { source }
    }

    /// What is not known yet.
    pub(super) fn looking(
        answer: impl Future<Output = Result<Response<PageBody<A>>, E>> + Send + 'static,
    ) -> Self {
        let answer = Box::pin(answer);
        Self {
            source: Source::Either { answer },
        }
    }
}

impl<F, A, E> Future for PageFuture<F, A, E>
where
    F: Future<Output = Result<Response<A>, E>>,
    A: Body,
{
    type Output = Result<Response<PageBody<A>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().source.project() {
            SourceProjection::Application { answer } => {
                let answer = ready!(answer.poll(context))?;
                Poll::Ready(Ok(answer.map(PageBody::passing)))
            }
            SourceProjection::Cache { page } => {
                let page = page
                    .take()
                    .expect("a future is not polled after it is ready");
                Poll::Ready(Ok(page.map(PageBody::cached)))
            }
            SourceProjection::Either { answer } => answer.as_mut().poll(context),
        }
    }
}

impl<F, A: Body, E> fmt::Debug for PageFuture<F, A, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageFuture").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, future::Ready, rc::Rc};

    use http_body::Frame;

    use super::*;

    struct Failing;

    impl Body for Failing {
        type Data = Bytes;
        type Error = Rc<()>;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Rc<()>>>> {
            Poll::Ready(Some(Err(Rc::default())))
        }
    }

    #[test]
    fn a_future_goes_to_another_thread_whatever_the_error_of_its_body_is() {
        type Answer = Result<Response<Failing>, Infallible>;
        fn is_send<T: Send>() {}
        is_send::<PageFuture<Ready<Answer>, Failing, Infallible>>();
    }
}
