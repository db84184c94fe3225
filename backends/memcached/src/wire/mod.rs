//! What goes over a connection, without the connection: requests to bytes, bytes to replies.

mod binary;
mod meta;

use bytes::{Bytes, BytesMut};

use crate::{
    fault::Fault,
    request::{Reply, Request},
};

/// Buffers above this are given back after an exchange.
const KEPT: usize = 64 * 1024;

/// Smaller data is copied out of the buffer, so that it does not keep all of it in memory.
const COPIED: usize = 4096;

/// The protocol that is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// The meta commands of the text protocol.
    Meta,
    /// The binary protocol, the only one that a server with SASL speaks.
    Binary,
}

impl Dialect {
    /// What [`Action::Authenticate`](crate::request::Action::Authenticate) has to carry.
    pub(crate) fn credentials(self, username: &str, password: &str) -> Bytes {
        match self {
            Self::Meta => format!("{username} {password}").into(),
            Self::Binary => format!("\0{username}\0{password}").into(),
        }
    }
}

/// One side of a conversation: what is to be sent, and what was received but not yet understood.
///
/// Every request has a number that the server repeats. A reply with another one is an error, so that after a mishap no
/// reply is taken for the one to another request.
#[derive(Debug)]
pub(crate) struct Session {
    dialect: Dialect,
    next: u32,
    awaited: u32,
    output: Vec<u8>,
    input: BytesMut,
}

/// What became of the bytes received so far.
#[derive(Debug)]
enum Decoded {
    Reply(Reply),
    /// At least so many bytes are missing.
    More(usize),
}

impl Session {
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self {
            dialect,
            next: 0,
            awaited: 0,
            output: Vec::new(),
            input: BytesMut::new(),
        }
    }

    /// The bytes of these requests, which are to be sent before any reply is read.
    pub(crate) fn ask(&mut self, requests: &[Request<'_>]) -> Vec<u8> {
        let mut output = std::mem::take(&mut self.output);
        self.awaited = self.next;
        for request in requests {
            match self.dialect {
                Dialect::Meta => meta::encode(request, self.next, &mut output),
                Dialect::Binary => binary::encode(request, self.next, &mut output),
            }
            self.next = self.next.wrapping_add(1);
        }
        output
    }

    /// Takes the buffer back for the next requests.
    pub(crate) fn reuse(&mut self, mut output: Vec<u8>) {
        if output.capacity() <= KEPT {
            output.clear();
            self.output = output;
        }
    }

    /// Gives memory back that was needed for large replies.
    pub(crate) fn rest(&mut self) {
        if self.input.is_empty() && self.input.capacity() > KEPT {
            self.input = BytesMut::new();
        }
    }

    /// The reply to the next of the requests, `Err(n)` in `Ok` while at least `n` more bytes are missing.
    pub(crate) fn reply(&mut self, request: &Request<'_>) -> Result<Result<Reply, usize>, Fault> {
        let decoded = match self.dialect {
            Dialect::Meta => meta::decode(&mut self.input, &request.action, self.awaited),
            Dialect::Binary => binary::decode(&mut self.input, &request.action, self.awaited),
        }?;
        Ok(match decoded {
            Decoded::Reply(reply) => {
                self.awaited = self.awaited.wrapping_add(1);
                Ok(reply)
            }
            Decoded::More(missing) => Err(missing),
        })
    }

    /// Where received bytes are to be appended.
    pub(crate) fn input(&mut self) -> &mut BytesMut {
        &mut self.input
    }

    /// Whether nothing was received that is not understood.
    pub(crate) fn is_quiet(&self) -> bool {
        self.input.is_empty()
    }
}

/// Takes data from the front of the buffer.
fn take(input: &mut BytesMut, length: usize) -> Bytes {
    if length < COPIED {
        let data = Bytes::copy_from_slice(&input[..length]);
        bytes::Buf::advance(input, length);
        data
    } else {
        input.split_to(length).freeze()
    }
}

fn out_of_step() -> Fault {
    Fault::garbled("the answer is one to another request")
}
