//! Replies of a server, read from a blocking stream.

use std::io::{self, BufRead, Read};

use redis::Value;

/// Replies nest no deeper than this.
const MAX_DEPTH: u8 = 16;

/// The next reply; what the server pushes on its own account is passed over.
pub(crate) fn reply(from: &mut impl BufRead) -> io::Result<Value> {
    loop {
        match value(from, 0)? {
            Value::Push { .. } => {}
            reply => return Ok(reply),
        }
    }
}

fn value(from: &mut impl BufRead, depth: u8) -> io::Result<Value> {
    if depth > MAX_DEPTH {
        return Err(broken());
    }
    let line = line(from)?;
    let (kind, rest) = line.split_first().ok_or_else(broken)?;
    match kind {
        b'+' if rest == b"OK" => Ok(Value::Okay),
        b'+' => Ok(Value::SimpleString(text(rest))),
        b'-' => Ok(error(rest)),
        b':' => number(rest).map(Value::Int),
        b'$' => Ok(match length(rest)? {
            Some(length) => Value::BulkString(bulk(from, length)?),
            None => Value::Nil,
        }),
        b'*' => Ok(match length(rest)? {
            Some(length) => Value::Array(values(from, length, depth)?),
            None => Value::Nil,
        }),
        b'_' => Ok(Value::Nil),
        b'#' => Ok(Value::Boolean(rest == b"t")),
        b'~' => values(from, counted(rest)?, depth).map(Value::Set),
        b'>' => values(from, counted(rest)?, depth).map(|data| Value::Push {
            kind: redis::PushKind::Other(String::new()),
            data,
        }),
        b'%' => {
            let length = counted(rest)?.checked_mul(2).ok_or_else(broken)?;
            let mut flat = values(from, length, depth)?.into_iter();
            let pairs = std::iter::from_fn(|| flat.next().zip(flat.next()));
            Ok(Value::Map(pairs.collect()))
        }
        b'!' => bulk(from, counted(rest)?).map(|words| error(&words)),
        b'=' => bulk(from, counted(rest)?).map(Value::BulkString),
        b',' | b'(' => Ok(Value::SimpleString(text(rest))),
        _ => Err(broken()),
    }
}

fn values(from: &mut impl BufRead, length: usize, depth: u8) -> io::Result<Vec<Value>> {
    let mut values = Vec::with_capacity(length.min(1024));
    for _ in 0..length {
        values.push(value(from, depth + 1)?);
    }
    Ok(values)
}

/// A line without its end.
fn line(from: &mut impl BufRead) -> io::Result<Vec<u8>> {
    const LONGEST: u64 = 64 * 1024;
    let mut line = Vec::new();
    from.take(LONGEST).read_until(b'\n', &mut line)?;
    match line.strip_suffix(b"\r\n") {
        Some(whole) => {
            line.truncate(whole.len());
            Ok(line)
        }
        None if line.ends_with(b"\n") || line.len() as u64 == LONGEST => Err(broken()),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

fn bulk(from: &mut impl BufRead, length: usize) -> io::Result<Vec<u8>> {
    const AT_ONCE: usize = 1 << 20;
    let mut bytes = Vec::with_capacity(length.min(AT_ONCE));
    from.take(length as u64).read_to_end(&mut bytes)?;
    if bytes.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let mut end = [0; 2];
    from.read_exact(&mut end)?;
    if &end == b"\r\n" {
        Ok(bytes)
    } else {
        Err(broken())
    }
}

fn number(text: &[u8]) -> io::Result<i64> {
    let text = std::str::from_utf8(text).ok();
    text.and_then(|text| text.parse().ok()).ok_or_else(broken)
}

/// A length, which is `None` where it is -1.
fn length(text: &[u8]) -> io::Result<Option<usize>> {
    const LARGEST: i64 = 1 << 40;
    match number(text)? {
        -1 => Ok(None),
        length if (0..=LARGEST).contains(&length) => Ok(usize::try_from(length).ok()),
        _ => Err(broken()),
    }
}

fn counted(text: &[u8]) -> io::Result<usize> {
    length(text)?.ok_or_else(broken)
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

    fn read(mut bytes: &[u8]) -> io::Result<Value> {
        reply(&mut bytes)
    }

    #[test]
    fn replies_are_read() {
        assert_eq!(read(b"+OK\r\n").unwrap(), Value::Okay);
        assert_eq!(read(b":-5\r\n").unwrap(), Value::Int(-5));
        assert_eq!(read(b"$-1\r\n").unwrap(), Value::Nil);
        assert_eq!(
            read(b"$2\r\n\r\n\r\n").unwrap(),
            Value::BulkString(b"\r\n".to_vec())
        );
        let array = Value::Array(vec![Value::Nil, Value::BulkString(Vec::new())]);
        assert_eq!(read(b"*2\r\n_\r\n$0\r\n\r\n").unwrap(), array);
        let Value::ServerError(error) = read(b"-OOM no memory\r\n").unwrap() else {
            panic!()
        };
        assert_eq!((error.code(), error.details()), ("OOM", Some("no memory")));
    }

    #[test]
    fn what_is_pushed_is_passed_over() {
        assert_eq!(read(b">1\r\n$1\r\nx\r\n:1\r\n").unwrap(), Value::Int(1));
    }

    #[test]
    fn what_breaks_off_is_an_end() {
        for whole in [
            &b"$5\r\nhello\r\n"[..],
            b"*2\r\n:1\r\n:2\r\n",
            b"+OK\r\n",
            b"-ERR x\r\n",
        ] {
            for end in 0..whole.len() {
                let kind = read(&whole[..end]).unwrap_err().kind();
                assert_eq!(kind, io::ErrorKind::UnexpectedEof, "{:?}", &whole[..end]);
            }
        }
    }

    #[test]
    fn what_is_garbled_is_broken() {
        let garbled: [&[u8]; 8] = [
            b"hello\r\n",
            b"$4\r\nhello\r\n",
            b"$x\r\n",
            b"$-2\r\n",
            b":\r\n",
            b"+OK\n",
            b"*99999999999999999999\r\n",
            b"\r\n",
        ];
        for bytes in garbled {
            assert_eq!(
                read(bytes).unwrap_err().kind(),
                io::ErrorKind::InvalidData,
                "{bytes:?}"
            );
        }
        let nested = b"*1\r\n".repeat(1000);
        assert_eq!(
            read(&nested).unwrap_err().kind(),
            io::ErrorKind::InvalidData
        );
    }
}
