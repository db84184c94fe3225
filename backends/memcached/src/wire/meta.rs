//! The meta commands, and the few of the older text protocol that have no meta form.

use std::{io::Write, str::FromStr};

use bytes::{Buf, BytesMut};

use super::{Decoded, out_of_step, take};
use crate::{
    fault::Fault,
    request::{Action, Item, Lifetime, Reply, Request, When},
};

/// No line of an answer is longer.
const LONGEST_LINE: usize = 2048;

/// No server keeps a larger value.
const LONGEST_DATA: usize = 1 << 30;

pub(super) fn encode(request: &Request<'_>, number: u32, output: &mut Vec<u8>) {
    let key = request.key;
    let written = match &request.action {
        Action::Look => write!(output, "mg {key} f O{number}\r\n"),
        Action::Get => write!(output, "mg {key} v f O{number}\r\n"),
        Action::Inspect => write!(output, "mg {key} v f c t O{number}\r\n"),
        Action::Touch { exptime } => write!(output, "mg {key} T{exptime} O{number}\r\n"),
        Action::Delete => write!(output, "md {key} O{number}\r\n"),
        Action::Count(delta) => write!(output, "ma {key} v D{delta} O{number}\r\n"),
        Action::Flush => write!(output, "flush_all\r\n"),
        Action::Version => write!(output, "version\r\n"),
        Action::Authenticate(credentials) => {
            let head = write!(output, "set auth 0 0 {}\r\n", credentials.len());
            head.and_then(|()| line(output, credentials))
        }
        Action::Store {
            when,
            exptime,
            stored,
        } => {
            let (flags, length) = (stored.flags, stored.data.len());
            let head = write!(output, "ms {key} {length} F{flags} T{exptime}")
                .and_then(|()| match when {
                    When::Always => Ok(()),
                    When::Free => write!(output, " ME"),
                    When::Unchanged(unique) => write!(output, " C{unique}"),
                })
                .and_then(|()| write!(output, " O{number}\r\n"));
            head.and_then(|()| line(output, &stored.data))
        }
    };
    written.expect("a Vec takes all that is written");
}

fn line(output: &mut Vec<u8>, data: &[u8]) -> std::io::Result<()> {
    output.extend_from_slice(data);
    output.write_all(b"\r\n")
}

pub(super) fn decode(input: &mut BytesMut, action: &Action, number: u32) -> Result<Decoded, Fault> {
    let searched = &input[..input.len().min(LONGEST_LINE)];
    let Some(end) = searched.iter().position(|&byte| byte == b'\n') else {
        return if searched.len() == LONGEST_LINE {
            Err(unreadable())
        } else {
            Ok(Decoded::More(1))
        };
    };
    let text = searched[..end].strip_suffix(b"\r").ok_or_else(unreadable)?;
    let text = text_of(text)?;
    let (code, rest) = text.split_once(' ').unwrap_or((text, ""));

    let reply = match code {
        "VA" => return value(input, end + 1, action, number),
        "HD" if matches!(action, Action::Look | Action::Get | Action::Inspect) => {
            Reply::Found(flagged(rest, number)?)
        }
        "HD" => numbered(rest, number, Reply::Done)?,
        // Some servers do not repeat the number when they find nothing: github.com/memcached/memcached/issues/880
        "EN" if rest.is_empty() => Reply::NotFound,
        "EN" | "NF" => numbered(rest, number, Reply::NotFound)?,
        "NS" => numbered(rest, number, Reply::NotStored)?,
        "EX" => numbered(rest, number, Reply::Changed)?,
        _ => worded(code, rest, action)?,
    };
    input.advance(end + 1);
    Ok(Decoded::Reply(reply))
}

/// The answers that repeat no number.
fn worded(code: &str, rest: &str, action: &Action) -> Result<Reply, Fault> {
    match (code, action) {
        ("OK", Action::Flush) | ("STORED", Action::Authenticate(_)) => Ok(Reply::Done),
        ("VERSION", Action::Version) => Ok(Reply::Version(rest.to_owned())),
        ("CLIENT_ERROR", Action::Count(_)) if rest.starts_with("cannot increment") => {
            Ok(Reply::NotANumber)
        }
        ("CLIENT_ERROR", Action::Authenticate(_)) => Ok(Reply::Refused(rest.to_owned())),
        ("SERVER_ERROR", _) if rest.starts_with("object too large") => Ok(Reply::TooLarge),
        ("SERVER_ERROR", _) => Ok(Reply::Refused(rest.to_owned())),
        ("CLIENT_ERROR", _) => Err(Fault::garbled(format!("the server answers: {rest}"))),
        ("ERROR", _) => Err(Fault::garbled(
            "the server does not know the request: memcached 1.6.10 or newer is needed",
        )),
        _ => Err(unreadable()),
    }
}

/// `VA <length> <flags>`, data, and the end of a line.
fn value(
    input: &mut BytesMut,
    head: usize,
    action: &Action,
    number: u32,
) -> Result<Decoded, Fault> {
    let text = input.get(3..head - 2).unwrap_or_default();
    let text = text_of(text)?;
    let (length, flags) = text.split_once(' ').unwrap_or((text, ""));
    let length: usize = number_of(length)?;
    if length > LONGEST_DATA {
        return Err(unreadable());
    }
    let item = flagged(flags, number)?;
    let all = head + length + 2;
    if input.len() < all {
        return Ok(Decoded::More(all - input.len()));
    }
    if &input[all - 2..all] != b"\r\n" {
        return Err(unreadable());
    }
    input.advance(head);
    let data = take(input, length);
    input.advance(2);
    match action {
        Action::Get | Action::Inspect => Ok(Decoded::Reply(Reply::Found(Item { data, ..item }))),
        Action::Count(_) => {
            let sum = number_of(text_of(&data)?.trim_end())?;
            Ok(Decoded::Reply(Reply::Number(sum)))
        }
        _ => Err(unreadable()),
    }
}

/// What the flags of an answer say of an entry.
fn flagged(flags: &str, number: u32) -> Result<Item, Fault> {
    let mut item = Item::default();
    let mut repeated = None;
    for flag in flags.split_ascii_whitespace() {
        let value = flag.get(1..).unwrap_or_default();
        match flag.as_bytes()[0] {
            b'f' => item.flags = number_of(value)?,
            b'c' => item.unique = number_of(value)?,
            b't' if value == "-1" => item.lifetime = Lifetime::Never,
            b't' => item.lifetime = Lifetime::Seconds(number_of(value)?),
            b'O' => repeated = value.parse().ok(),
            _ => {}
        }
    }
    if repeated == Some(number) {
        Ok(item)
    } else {
        Err(out_of_step())
    }
}

fn numbered(flags: &str, number: u32, reply: Reply) -> Result<Reply, Fault> {
    flagged(flags, number).map(|_| reply)
}

fn text_of(bytes: &[u8]) -> Result<&str, Fault> {
    std::str::from_utf8(bytes).ok().ok_or_else(unreadable)
}

fn number_of<T: FromStr>(digits: &str) -> Result<T, Fault> {
    digits.parse().ok().ok_or_else(unreadable)
}

fn unreadable() -> Fault {
    Fault::garbled("the answer is not one of memcached's")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str, action: &Action) -> Result<Decoded, Fault> {
        decode(&mut BytesMut::from(text), action, 7)
    }

    #[test]
    fn a_value_is_read_when_all_of_it_is_there() {
        let whole = "VA 5 f3 c9 t-1 O7\r\nhe\r\no\r\nHD";
        for cut in 0..whole.len() - 2 {
            let part = decoded(&whole[..cut], &Action::Inspect);
            assert!(matches!(part, Ok(Decoded::More(1..))), "{cut}: {part:?}");
        }
        let mut input = BytesMut::from(whole);
        let Ok(Decoded::Reply(Reply::Found(item))) = decode(&mut input, &Action::Inspect, 7) else {
            panic!("no value");
        };
        assert_eq!((item.flags, item.unique), (3, 9));
        assert_eq!(
            (item.lifetime, item.data),
            (Lifetime::Never, "he\r\no".into())
        );
        assert_eq!(input, "HD");
    }

    #[test]
    fn answers_to_other_requests_are_errors() {
        for text in [
            "HD O6\r\n",
            "HD\r\n",
            "EN O6\r\n",
            "NF\r\n",
            "VA 1 f0 O8\r\nx\r\n",
        ] {
            assert!(decoded(text, &Action::Get).is_err(), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_answer_is_an_error() {
        let long = "x".repeat(LONGEST_LINE + 1);
        for text in [
            "\r\n",
            "\n",
            "hello\r\n",
            "VA\r\n",
            "VA x O7\r\n",
            "VA 2000000000 O7\r\n",
            "VA 1 O7\r\nabc",
            "VERSION 1\r\n",
            "HD f O7\r\n",
            "\u{fffd}\r\n",
            &long,
        ] {
            assert!(decoded(text, &Action::Get).is_err(), "{text:?}");
        }
    }

    #[test]
    fn errors_in_words_are_told_apart() {
        let is = |text, action: &Action| match decoded(text, action) {
            Ok(Decoded::Reply(reply)) => format!("{reply:?}"),
            Ok(Decoded::More(_)) => "more".into(),
            Err(_) => "garbled".into(),
        };
        let too_large = "SERVER_ERROR object too large for cache\r\n";
        assert_eq!(is(too_large, &Action::Get), "TooLarge");
        let memory = "SERVER_ERROR out of memory storing object\r\n";
        assert!(is(memory, &Action::Get).starts_with("Refused"));
        let number = "CLIENT_ERROR cannot increment or decrement non-numeric value\r\n";
        assert_eq!(is(number, &Action::Count(1)), "NotANumber");
        assert_eq!(is(number, &Action::Get), "garbled");
        assert_eq!(is("ERROR\r\n", &Action::Get), "garbled");
    }
}
