//! The bytes of an asynchronous connection, and who waits for them.
//!
//! The redis crate's `MultiplexedConnection` would do; this takes a quarter fewer instructions for a command, because
//! bytes are written where they are sent from and replies are read by the parser of the blocking connections.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker, ready},
};

use parking_lot::Mutex;
use redis::Value;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::oneshot,
};

use crate::{
    pool::Permit,
    request::{Batch, Few},
    resp::Decoder,
};

/// A buffer above this is given back when all of it is sent.
const KEPT: usize = 64 * 1024;

/// What comes back for a batch.
pub(crate) type Replies = io::Result<Few<Value>>;

/// One end of a connection: where those who ask leave their commands.
#[derive(Debug, Default)]
pub(crate) struct Line {
    is_closed: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// What is to be sent.
    output: Vec<u8>,
    /// Who waits for what is replied to it.
    waiting: Vec<Waiting>,
    /// The mover, when it has sent everything.
    mover: Option<Waker>,
}

/// A batch whose replies have not all come.
#[derive(Debug)]
struct Waiting {
    count: usize,
    replies: Few<Value>,
    /// Nobody listens any more if the future was dropped: the replies are thrown away.
    waiter: oneshot::Sender<Replies>,
}

impl Line {
    /// Leaves commands to be sent; `None` if the connection is closed.
    ///
    /// The receiver hears nothing if it is closed before they are sent.
    pub(crate) fn ask(&self, batch: &Batch) -> Option<oneshot::Receiver<Replies>> {
        let (waiter, receiver) = oneshot::channel();
        let mut state = self.state.lock();
        if self.is_closed() {
            return None;
        }
        batch.write_to(&mut state.output);
        state.waiting.push(Waiting {
            count: batch.len(),
            replies: Few::new(),
            waiter,
        });
        let mover = state.mover.take();
        drop(state);
        if let Some(mover) = mover {
            mover.wake();
        }
        Some(receiver)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Acquire)
    }

    fn close(&self) {
        let mut state = self.state.lock();
        self.is_closed.store(true, Ordering::Release);
        let unsent = std::mem::take(&mut *state);
        drop(state);
        drop(unsent);
    }
}

/// The other end: a task that moves the bytes until the connection ends.
pub(crate) struct Mover<S> {
    stream: S,
    line: Arc<Line>,
    sending: Vec<u8>,
    sent: usize,
    decoder: Decoder,
    /// In the order in which replies come.
    waiting: VecDeque<Waiting>,
    _permit: Permit,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Mover<S> {
    pub(crate) fn new(stream: S, line: Arc<Line>, permit: Permit) -> Self {
        Self {
            stream,
            line,
            sending: Vec::new(),
            sent: 0,
            decoder: Decoder::default(),
            waiting: VecDeque::new(),
            _permit: permit,
        }
    }

    fn send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            if self.sent == self.sending.len() {
                self.sent = 0;
                self.sending.clear();
                self.sending.shrink_to(KEPT);
                let mut state = self.line.state.lock();
                if state.output.is_empty() {
                    state.mover = Some(context.waker().clone());
                    drop(state);
                    return Pin::new(&mut self.stream).poll_flush(context);
                }
                std::mem::swap(&mut self.sending, &mut state.output);
                self.waiting.extend(state.waiting.drain(..));
            }
            let stream = Pin::new(&mut self.stream);
            match ready!(stream.poll_write(context, &self.sending[self.sent..]))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                length => self.sent += length,
            }
        }
    }

    fn receive(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            let mut room = ReadBuf::new(self.decoder.room());
            ready!(Pin::new(&mut self.stream).poll_read(context, &mut room))?;
            let length = room.filled().len();
            if length == 0 {
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
            self.decoder.filled(length);
            while let Some(reply) = self.decoder.reply()? {
                self.deliver(reply)?;
            }
        }
    }

    /// Gives a reply to the first who waits.
    fn deliver(&mut self, reply: Value) -> io::Result<()> {
        let Some(first) = self.waiting.front_mut() else {
            let message = "an answer that nobody asked for";
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        };
        first.replies.push(reply);
        if first.replies.len() == first.count
            && let Some(first) = self.waiting.pop_front()
        {
            let _ = first.waiter.send(Ok(first.replies));
        }
        Ok(())
    }
}

impl<S> Mover<S> {
    /// Tells all who wait.
    fn close(&mut self, error: &io::Error) {
        self.line.close();
        for one in self.waiting.drain(..) {
            let _ = one.waiter.send(Err(same(error)));
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Future for Mover<S> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mover = &mut *self;
        // while nothing more can be sent, replies are read: the server may wait for that
        let sent = mover.send(context);
        match sent {
            Poll::Ready(Err(error)) => mover.close(&error),
            _ => match mover.receive(context) {
                Poll::Ready(Err(error)) => mover.close(&error),
                _ => return Poll::Pending,
            },
        }
        Poll::Ready(())
    }
}

impl<S> Drop for Mover<S> {
    /// Its runtime may end before the connection does.
    fn drop(&mut self) {
        self.close(&io::ErrorKind::UnexpectedEof.into());
    }
}

/// An error is one person's only.
fn same(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::new(error.kind(), error.to_string()),
    }
}
