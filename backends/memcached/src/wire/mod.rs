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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Action;

    include!("../../../../fuzz/bodies/memcached_reply.rs");

    /// Splitmix: numbers that are the same in every run.
    struct Random(u64);

    impl Random {
        fn below(&mut self, bound: usize) -> usize {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((mixed ^ mixed >> 31) % bound as u64) as usize
        }
    }

    #[test]
    fn damaged_answers_are_answers_or_garbled_and_in_pieces_no_different() {
        let binary = |opcode, status, body: &[u8]| {
            let length = body.len() as u8;
            let mut bytes = vec![0x81, opcode, 0, 0, 4, 0, 0, status, 0, 0, 0, length];
            bytes.extend([0; 12]);
            bytes.extend_from_slice(body);
            bytes
        };
        let answers = [
            b"VA 5 f3 c9 t-1 O0\r\nhe\r\no\r\nHD O1\r\n".to_vec(),
            b"VA 2 O0\r\n17\r\nNF O1\r\nEN\r\n".to_vec(),
            b"SERVER_ERROR out of memory\r\n".to_vec(),
            b"CLIENT_ERROR cannot increment\r\nVERSION 1.6.18\r\nSTORED\r\n".to_vec(),
            binary(0x00, 0, b"\0\0\0\x03hello"),
            binary(0x05, 0, &[0; 12]),
            binary(0x04, 1, b"\0\0\0\0Not found"),
        ];
        let letters = b"\r\n 0123VAHDENFfctO-\x81\x80\0\xff";
        let mut random = Random(20_261_128);
        for _ in 0..20_000 {
            let mut bytes = answers[random.below(answers.len())].clone();
            for _ in 0..random.below(4) {
                let at = random.below(bytes.len());
                let letter = letters[random.below(letters.len())];
                match random.below(3) {
                    0 => bytes[at] = letter,
                    1 => bytes.insert(at, letter),
                    _ if bytes.len() > 1 => drop(bytes.remove(at)),
                    _ => {}
                }
            }
            let head = [2, 8, 40].map(|bound| random.below(bound) as u8);
            memcached_reply_body(&[&head[..], &bytes].concat());
        }
    }
}
