//! The binary protocol: a head of 24 bytes, then extras, key and value.

use bytes::{Buf, BufMut, BytesMut};

use super::{Decoded, out_of_step, take};
use crate::{
    fault::Fault,
    request::{Action, Item, Reply, Request, When},
};

const HEAD: usize = 24;
const ASKS: u8 = 0x80;
const ANSWERS: u8 = 0x81;

/// Longer answers there are none.
const LONGEST: usize = (1 << 30) + 1024;

/// The exptime that keeps the server from making a counter that is not there.
const MAKE_NONE: u32 = u32::MAX;

mod opcode {
    pub(super) const GET: u8 = 0x00;
    pub(super) const SET: u8 = 0x01;
    pub(super) const ADD: u8 = 0x02;
    pub(super) const DELETE: u8 = 0x04;
    pub(super) const INCREMENT: u8 = 0x05;
    pub(super) const FLUSH: u8 = 0x08;
    pub(super) const VERSION: u8 = 0x0b;
    pub(super) const TOUCH: u8 = 0x1c;
    pub(super) const SASL: u8 = 0x21;
}

fn opcode(action: &Action) -> u8 {
    match action {
        Action::Look | Action::Get | Action::Inspect => opcode::GET,
        Action::Store {
            when: When::Free, ..
        } => opcode::ADD,
        Action::Store { .. } => opcode::SET,
        Action::Touch { .. } => opcode::TOUCH,
        Action::Delete => opcode::DELETE,
        Action::Count(_) => opcode::INCREMENT,
        Action::Flush => opcode::FLUSH,
        Action::Version => opcode::VERSION,
        Action::Authenticate(_) => opcode::SASL,
    }
}

pub(super) fn encode(request: &Request<'_>, number: u32, output: &mut Vec<u8>) {
    let mut extras = Vec::new();
    let mut unique = 0;
    let mut key = request.key;
    let mut value: &[u8] = &[];
    match &request.action {
        Action::Store {
            when,
            exptime,
            stored,
        } => {
            extras.put_u32(stored.flags);
            extras.put_u32(*exptime);
            value = &stored.data;
            if let When::Unchanged(number) = when {
                unique = *number;
            }
        }
        Action::Touch { exptime } => extras.put_u32(*exptime),
        Action::Count(delta) => {
            extras.put_u64(*delta);
            extras.put_u64(0);
            extras.put_u32(MAKE_NONE);
        }
        Action::Authenticate(credentials) => {
            key = "PLAIN";
            value = credentials;
        }
        _ => {}
    }
    let length = extras.len() + key.len() + value.len();
    output.put_u8(ASKS);
    output.put_u8(opcode(&request.action));
    output.put_u16(u16::try_from(key.len()).expect("keys have at most 250 bytes"));
    output.put_u8(u8::try_from(extras.len()).expect("extras have at most 20 bytes"));
    output.put_u8(0);
    output.put_u16(0);
    output.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
    output.put_u32(number);
    output.put_u64(unique);
    output.put_slice(&extras);
    output.put_slice(key.as_bytes());
    output.put_slice(value);
}

pub(super) fn decode(input: &mut BytesMut, action: &Action, number: u32) -> Result<Decoded, Fault> {
    if input.len() < HEAD {
        return Ok(Decoded::More(HEAD - input.len()));
    }
    let mut head = &input[..HEAD];
    let (magic, code) = (head.get_u8(), head.get_u8());
    let (key, extras) = (usize::from(head.get_u16()), usize::from(head.get_u8()));
    let _ = head.get_u8();
    let status = head.get_u16();
    let (length, repeated, unique) = (head.get_u32() as usize, head.get_u32(), head.get_u64());
    if magic != ANSWERS || length > LONGEST || length < key + extras {
        return Err(unreadable());
    }
    if code != opcode(action) || repeated != number {
        return Err(out_of_step());
    }
    if input.len() < HEAD + length {
        return Ok(Decoded::More(HEAD + length - input.len()));
    }
    input.advance(HEAD);
    let flags = match input.get(..4) {
        Some(mut bytes) if extras >= 4 => bytes.get_u32(),
        _ => 0,
    };
    input.advance(extras + key);
    let data = take(input, length - extras - key);
    let words = || String::from_utf8_lossy(&data).into_owned();
    let reply = match (status, action) {
        (0, Action::Look | Action::Get | Action::Inspect) => Reply::Found(Item {
            flags,
            data,
            unique,
            ..Item::default()
        }),
        (0, Action::Count(_)) if data.len() == 8 => Reply::Number((&data[..]).get_u64()),
        (0, Action::Count(_)) => return Err(unreadable()),
        (0, Action::Version) => Reply::Version(words()),
        (0, _) => Reply::Done,
        (0x01, _) => Reply::NotFound,
        (
            0x02 | 0x05,
            Action::Store {
                when: When::Free, ..
            },
        ) => Reply::NotStored,
        (0x02, _) => Reply::Changed,
        (0x05, _) => Reply::NotStored,
        (0x03, _) => Reply::TooLarge,
        (0x06, _) => Reply::NotANumber,
        (0x20, Action::Authenticate(_)) => Reply::Refused("authentication failure".into()),
        (0x20, _) => return Err(Fault::garbled("the server answers: unauthenticated")),
        (0x81, Action::Authenticate(_)) => Reply::Refused("no authentication is known here".into()),
        _ => Reply::Refused(words()),
    };
    Ok(Decoded::Reply(reply))
}

fn unreadable() -> Fault {
    Fault::garbled("the answer is not one of memcached's binary protocol")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, extras: &[u8], value: &[u8]) -> BytesMut {
        let mut bytes = BytesMut::new();
        bytes.put_slice(&[ANSWERS, opcode::GET, 0, 0, extras.len() as u8, 0]);
        bytes.put_u16(status);
        bytes.put_u32((extras.len() + value.len()) as u32);
        bytes.put_u32(7);
        bytes.put_u64(9);
        bytes.put_slice(extras);
        bytes.put_slice(value);
        bytes
    }

    #[test]
    fn a_value_is_read_when_all_of_it_is_there() {
        let whole = answer(0, &3_u32.to_be_bytes(), b"hello");
        for cut in 0..whole.len() {
            let part = decode(&mut BytesMut::from(&whole[..cut]), &Action::Get, 7);
            assert!(matches!(part, Ok(Decoded::More(1..))), "{cut}: {part:?}");
        }
        let mut input = whole;
        let Ok(Decoded::Reply(Reply::Found(item))) = decode(&mut input, &Action::Get, 7) else {
            panic!("no value");
        };
        assert_eq!((item.flags, item.unique, item.data), (3, 9, "hello".into()));
        assert!(input.is_empty());
    }

    #[test]
    fn answers_to_other_requests_are_errors() {
        assert!(decode(&mut answer(0, &[], b""), &Action::Get, 8).is_err());
        assert!(decode(&mut answer(0, &[], b""), &Action::Delete, 7).is_err());
        assert!(decode(&mut BytesMut::from(&[0; 24][..]), &Action::Get, 7).is_err());
    }
}
