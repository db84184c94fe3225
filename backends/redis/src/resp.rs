//! Replies of a server, taken out of the bytes as they come.

use std::io;

use redis::{PushKind, Value};

/// Replies nest no deeper than this.
const MAX_DEPTH: u8 = 16;

/// No line is longer.
const LONGEST_LINE: usize = 64 * 1024;

/// How much room there is at least for what is read at once, and at most.
const ROOM: usize = 8 * 1024;
const ROOM_MOST: usize = 1 << 20;

/// A buffer above this is given back when it is empty.
const KEPT: usize = 256 * 1024;

/// A text of which so much is still to come is read to where it stays.
const LARGE: usize = 16 * 1024;

/// Takes replies out of bytes.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    bytes: Vec<u8>,
    /// What is between these has come, and is not taken yet.
    start: usize,
    end: usize,
    scan: Scan,
    large: Option<Large>,
}

/// A reply that is one long text, which is not copied.
#[derive(Debug)]
struct Large {
    /// Room for a part of the text and the end of its line, or for all of it.
    text: Vec<u8>,
    filled: usize,
    length: usize,
}

/// How far the first reply has been looked through.
#[derive(Debug)]
struct Scan {
    /// Where the next value of it begins: that may not have come yet.
    at: usize,
    /// How many values of it are still to come.
    left: usize,
}

impl Default for Scan {
    fn default() -> Self {
        Self { at: 0, left: 1 }
    }
}

impl Decoder {
    /// Where what comes next is to be put: [`filled`](Self::filled) says how much did.
    pub(crate) fn room(&mut self) -> &mut [u8] {
        if let Some(large) = &mut self.large {
            return large.room();
        }
        let length = self.end - self.start;
        if length == 0 {
            (self.start, self.end) = (0, 0);
            if self.bytes.len() > KEPT {
                self.bytes = Vec::new();
            }
        }
        let missing = self.scan.at.saturating_sub(length);
        let room = missing.clamp(ROOM, ROOM_MOST);
        if self.bytes.len() < self.end + room && self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, length);
        }
        if self.bytes.len() < self.end + room {
            let size = (2 * self.end).max(self.end + room);
            self.bytes.resize(size, 0);
        }
        &mut self.bytes[self.end..]
    }

    /// So many bytes have come.
    pub(crate) fn filled(&mut self, length: usize) {
        match &mut self.large {
            Some(large) => large.filled += length,
            None => self.end += length,
        }
    }

    /// The next reply, `None` while not all of it has come; what the server pushes on its own account is passed over.
    pub(crate) fn reply(&mut self) -> io::Result<Option<Value>> {
        if let Some(large) = self.large.take_if(|large| large.is_whole()) {
            return large.reply().map(Some);
        }
        loop {
            let bytes = &self.bytes[self.start..self.end];
            let Some(length) = self.scan.end(bytes)? else {
                if self.scan.left == 0 && self.scan.at - bytes.len() > LARGE {
                    self.large = Large::of(bytes)?;
                }
                if self.large.is_some() {
                    (self.start, self.end, self.scan) = (0, 0, Scan::default());
                }
                return Ok(None);
            };
            let value = value(&mut &bytes[..length], 0)?;
            self.start += length;
            self.scan = Scan::default();
            if !matches!(value, Value::Push { .. }) {
                return Ok(Some(value));
            }
        }
    }

    /// Whether nothing has come that is not taken.
    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.end && self.large.is_none()
    }
}

impl Large {
    /// The beginning of a reply, if it is a text.
    fn of(mut begun: &[u8]) -> io::Result<Option<Self>> {
        let Some([b'$', length @ ..]) = line(&mut begun)? else {
            return Ok(None);
        };
        let length = counted(length)?;
        let mut text = vec![0; (begun.len() + ROOM_MOST).min(length + 2)];
        text[..begun.len()].copy_from_slice(begun);
        Ok(Some(Self {
            text,
            filled: begun.len(),
            length,
        }))
    }

    fn room(&mut self) -> &mut [u8] {
        if self.filled == self.text.len() {
            let size = (2 * self.filled).min(self.length + 2);
            self.text.resize(size, 0);
        }
        &mut self.text[self.filled..]
    }

    fn is_whole(&self) -> bool {
        self.filled == self.length + 2
    }

    fn reply(mut self) -> io::Result<Value> {
        if !self.text.ends_with(b"\r\n") {
            return Err(broken());
        }
        self.text.truncate(self.length);
        Ok(Value::BulkString(self.text))
    }
}

impl Scan {
    /// The length of the first reply in these bytes, if all of it is there.
    fn end(&mut self, bytes: &[u8]) -> io::Result<Option<usize>> {
        while self.left > 0 {
            let Some(mut rest) = bytes.get(self.at..) else {
                return Ok(None);
            };
            let length = rest.len();
            let (kind, text) = match line(&mut rest)? {
                Some(line) => line.split_first().ok_or_else(broken)?,
                None => return Ok(None),
            };
            self.at += length - rest.len();
            self.left -= 1;
            let more = match kind {
                b'$' | b'!' | b'=' => {
                    if let Some(length) = length_of(text)? {
                        self.at += length + 2;
                    }
                    0
                }
                b'*' | b'~' | b'>' => length_of(text)?.unwrap_or_default(),
                b'%' => 2 * length_of(text)?.unwrap_or_default(),
                b'+' | b'-' | b':' | b'_' | b'#' | b',' | b'(' => 0,
                _ => return Err(broken()),
            };
            self.left = self.left.checked_add(more).ok_or_else(broken)?;
        }
        Ok((self.at <= bytes.len()).then_some(self.at))
    }
}

/// Takes a value that is there as a whole.
fn value(from: &mut &[u8], depth: u8) -> io::Result<Value> {
    if depth > MAX_DEPTH {
        return Err(broken());
    }
    let line = line(from)?.ok_or_else(broken)?;
    let (kind, rest) = line.split_first().ok_or_else(broken)?;
    match kind {
        b'+' if rest == b"OK" => Ok(Value::Okay),
        b'+' => Ok(Value::SimpleString(text(rest))),
        b'-' => Ok(error(rest)),
        b':' => number(rest).map(Value::Int),
        b'$' => Ok(match length_of(rest)? {
            Some(length) => Value::BulkString(bulk(from, length)?.to_vec()),
            None => Value::Nil,
        }),
        b'*' => Ok(match length_of(rest)? {
            Some(length) => Value::Array(values(from, length, depth)?),
            None => Value::Nil,
        }),
        b'_' => Ok(Value::Nil),
        b'#' => Ok(Value::Boolean(rest == b"t")),
        b'~' => values(from, counted(rest)?, depth).map(Value::Set),
        b'>' => values(from, counted(rest)?, depth).map(|data| Value::Push {
            kind: PushKind::Other(String::new()),
            data,
        }),
        b'%' => {
            let length = counted(rest)?.checked_mul(2).ok_or_else(broken)?;
            let mut flat = values(from, length, depth)?.into_iter();
            let pairs = std::iter::from_fn(|| flat.next().zip(flat.next()));
            Ok(Value::Map(pairs.collect()))
        }
        b'!' => bulk(from, counted(rest)?).map(error),
        b'=' => bulk(from, counted(rest)?).map(|text| Value::BulkString(text.to_vec())),
        b',' | b'(' => Ok(Value::SimpleString(text(rest))),
        _ => Err(broken()),
    }
}

fn values(from: &mut &[u8], length: usize, depth: u8) -> io::Result<Vec<Value>> {
    let mut values = Vec::with_capacity(length.min(1024));
    for _ in 0..length {
        values.push(value(from, depth + 1)?);
    }
    Ok(values)
}

/// Takes a line, without its end.
fn line<'a>(from: &mut &'a [u8]) -> io::Result<Option<&'a [u8]>> {
    let searched = &from[..from.len().min(LONGEST_LINE)];
    let Some(end) = searched.iter().position(|byte| *byte == b'\n') else {
        return match searched.len() == LONGEST_LINE {
            true => Err(broken()),
            false => Ok(None),
        };
    };
    let line = searched[..end].strip_suffix(b"\r").ok_or_else(broken)?;
    *from = &from[end + 1..];
    Ok(Some(line))
}

fn bulk<'a>(from: &mut &'a [u8], length: usize) -> io::Result<&'a [u8]> {
    let (bytes, rest) = from.split_at_checked(length).ok_or_else(broken)?;
    *from = rest.strip_prefix(b"\r\n").ok_or_else(broken)?;
    Ok(bytes)
}

fn number(text: &[u8]) -> io::Result<i64> {
    let text = std::str::from_utf8(text).ok();
    text.and_then(|text| text.parse().ok()).ok_or_else(broken)
}

/// A length, which is `None` where it is -1.
fn length_of(text: &[u8]) -> io::Result<Option<usize>> {
    const LARGEST: i64 = 1 << 40;
    match number(text)? {
        -1 => Ok(None),
        length if (0..=LARGEST).contains(&length) => Ok(usize::try_from(length).ok()),
        _ => Err(broken()),
    }
}

fn counted(text: &[u8]) -> io::Result<usize> {
    length_of(text)?.ok_or_else(broken)
}

/// An error of the server, as the redis crate reads it.
fn error(words: &[u8]) -> Value {
    let mut whole = Vec::with_capacity(words.len() + 3);
    whole.push(b'-');
    whole.extend(
        words
            .iter()
            .map(|byte| if byte.is_ascii_control() { b' ' } else { *byte }),
    );
    whole.extend(b"\r\n");
    redis::parse_redis_value(&whole).unwrap_or_else(|_| Value::SimpleString(text(words)))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn broken() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "an answer that is not of the protocol of redis",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    include!("../../../fuzz/bodies/redis_reply.rs");

    /// What a decoder makes of bytes that come in pieces of this size: replies, and whether an error ended them.
    fn decoded(bytes: &[u8], piece: usize) -> (Vec<Value>, bool) {
        let mut decoder = Decoder::default();
        let mut replies = Vec::new();
        for mut piece in bytes.chunks(piece) {
            while !piece.is_empty() {
                let room = decoder.room();
                let length = room.len().min(piece.len());
                room[..length].copy_from_slice(&piece[..length]);
                decoder.filled(length);
                piece = &piece[length..];
                loop {
                    match decoder.reply() {
                        Ok(Some(reply)) => replies.push(reply),
                        Ok(None) => break,
                        Err(error) => {
                            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
                            return (replies, true);
                        }
                    }
                }
            }
        }
        (replies, false)
    }

    #[track_caller]
    fn read(bytes: &[u8]) -> Value {
        let (mut replies, is_broken) = decoded(bytes, usize::MAX);
        assert!(!is_broken && replies.len() == 1, "{replies:?}");
        replies.remove(0)
    }

    #[test]
    fn replies_are_read() {
        assert_eq!(read(b"+OK\r\n"), Value::Okay);
        assert_eq!(read(b":-5\r\n"), Value::Int(-5));
        assert_eq!(read(b"$-1\r\n"), Value::Nil);
        let line_break = Value::BulkString(b"\r\n".to_vec());
        assert_eq!(read(b"$2\r\n\r\n\r\n"), line_break);
        let array = Value::Array(vec![Value::Nil, Value::BulkString(Vec::new())]);
        assert_eq!(read(b"*2\r\n_\r\n$0\r\n\r\n"), array);
        let pairs = vec![(Value::Int(1), Value::Array(vec![Value::Boolean(true)]))];
        assert_eq!(read(b"%1\r\n:1\r\n*1\r\n#t\r\n"), Value::Map(pairs));
        let Value::ServerError(error) = read(b"-OOM no memory\r\n") else {
            panic!()
        };
        assert_eq!((error.code(), error.details()), ("OOM", Some("no memory")));
    }

    #[test]
    fn what_is_pushed_is_passed_over() {
        assert_eq!(read(b">1\r\n$1\r\nx\r\n:1\r\n"), Value::Int(1));
    }

    #[test]
    fn replies_that_come_in_pieces_are_the_same() {
        let long = format!("$3000000\r\n{}\r\n", "x".repeat(3_000_000));
        let bytes = [
            b"*2\r\n:1\r\n*1\r\n$5\r\nhe\r\no\r\n>1\r\n+x\r\n",
            long.as_bytes(),
            b"-ERR x\r\n%1\r\n+a\r\n_\r\n",
        ]
        .concat();
        let (whole, is_broken) = decoded(&bytes, usize::MAX);
        assert!(whole.len() == 4 && !is_broken);
        for piece in [7, 1000, 8192, 65_536, 1 << 20] {
            assert_eq!(decoded(&bytes, piece), (whole.clone(), false), "{piece}");
        }
    }

    #[test]
    fn what_breaks_off_is_no_reply() {
        for whole in [
            &b"$5\r\nhello\r\n"[..],
            b"*2\r\n:1\r\n:2\r\n",
            b"+OK\r\n",
            b"-ERR x\r\n",
        ] {
            for end in 0..whole.len() {
                let part = &whole[..end];
                assert_eq!(decoded(part, usize::MAX), (vec![], false), "{part:?}");
            }
        }
    }

    #[test]
    fn what_is_garbled_is_broken() {
        let nested = b"*1\r\n".repeat(1000);
        let nested = [&nested[..], b":1\r\n"].concat();
        let endless = vec![b'+'; LONGEST_LINE];
        let garbled: [&[u8]; 10] = [
            b"hello\r\n",
            b"$4\r\nhello\r\n",
            b"$x\r\n",
            b"$-2\r\n",
            b":\r\n",
            b"+OK\n",
            b"*99999999999999999999\r\n",
            b"\r\n",
            &nested,
            &endless,
        ];
        for bytes in garbled {
            assert!(decoded(bytes, usize::MAX).1, "{bytes:?}");
        }
    }

    #[test]
    fn a_length_that_is_announced_takes_no_memory() {
        let mut decoder = Decoder::default();
        let announced = b"*1099511627776\r\n$1099511627776\r\n";
        decoder.room()[..announced.len()].copy_from_slice(announced);
        decoder.filled(announced.len());
        assert_eq!(decoder.reply().unwrap(), None);
        assert!(decoder.room().len() <= ROOM_MOST);
        let mut decoder = Decoder::default();
        decoder.room()[..16].copy_from_slice(b"$1099511627776\r\n");
        decoder.filled(16);
        assert_eq!(decoder.reply().unwrap(), None);
        assert!(decoder.room().len() <= ROOM_MOST);
    }

    #[test]
    fn a_long_text_that_does_not_end_where_it_should_is_broken() {
        let bytes = format!("$100000\r\n{}\n\r", "x".repeat(100_000));
        assert!(decoded(bytes.as_bytes(), 1000).1);
    }

    /// Bytes at random, of those that replies are made of.
    #[test]
    fn anything_is_replies_or_broken_and_in_pieces_no_different() {
        let mut random = fastrand::Rng::with_seed(20_261_128);
        for _ in 0..5_000 {
            let letters = b"\r\n\r\n\r\n+-:$*_#~>%!=,(0123t \xff";
            let mut bytes = vec![random.u8(0..60)];
            for _ in 0..random.usize(1..60) {
                bytes.push(letters[random.usize(..letters.len())]);
            }
            redis_reply_body(&bytes);
        }
    }
}
