//! The meta commands, and the few of the older text protocol that have no meta form.
//!
//! Command lines are made and answer lines are read by the crate `memcache`. Transport, pools, the drivers, `flush_all`,
//! `version`, `set auth` and the binary protocol with SASL stay ours, because the crate has no hook for them.

use std::{ops::Range, str::FromStr};

use bytes::{Buf, BytesMut};
use memcache::exp::{Error, MetaCommand, MetaOp, MetaResponse, ReturnCode};

use super::{Decoded, out_of_step, take};
use crate::{
    fault::Fault,
    request::{Action, Item, Lifetime, Reply, Request, When},
};

/// No line of an answer is longer.
const LONGEST_LINE: usize = 2048;

pub(super) fn encode(request: &Request<'_>, number: u32, output: &mut Vec<u8>) {
    let meta = |op| MetaCommand::new(op, request.key);
    let command = match &request.action {
        Action::Look => meta(MetaOp::Get).flag("f"),
        Action::Get => meta(MetaOp::Get).flag("v").flag("f"),
        Action::Inspect => ["v", "f", "c", "t"]
            .into_iter()
            .fold(meta(MetaOp::Get), MetaCommand::flag),
        Action::Touch { exptime } => meta(MetaOp::Get).flag(format!("T{exptime}")),
        Action::Delete => meta(MetaOp::Delete),
        Action::Count(delta) => meta(MetaOp::Arithmetic).flag("v").flag(format!("D{delta}")),
        Action::Store {
            when,
            exptime,
            stored,
        } => {
            // The length stands where the first flag would: as the command's value, the data would be copied once more.
            let command = meta(MetaOp::Set)
                .flag(stored.data.len().to_string())
                .flag(format!("F{}", stored.flags))
                .flag(format!("T{exptime}"));
            match when {
                When::Always => command,
                When::Free => command.flag("ME"),
                When::Unchanged(unique) => command.flag(format!("C{unique}")),
            }
        }
        Action::Flush => return line(output, b"flush_all"),
        Action::Version => return line(output, b"version"),
        Action::Authenticate(credentials) => {
            let head = format!("set auth 0 0 {}", credentials.len());
            line(output, head.as_bytes());
            return line(output, credentials);
        }
    };
    command
        .flag(format!("O{number}"))
        .encode_into(output)
        .expect("keys are checked before, with the rules of the crate");
    if let Action::Store { stored, .. } = &request.action {
        line(output, &stored.data);
    }
}

fn line(output: &mut Vec<u8>, data: &[u8]) {
    output.extend_from_slice(data);
    output.extend_from_slice(b"\r\n");
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
    // the crate reads over it, but no answer begins so
    if text.starts_with(b" ") {
        return Err(unreadable());
    }

    let reply = match worded(text, action)? {
        Some(reply) => reply,
        None => match MetaResponse::parse_header(text) {
            Ok(answer) if answer.rc() == ReturnCode::Va => {
                let data = end + 1..end + 1 + length(text)?;
                return value(input, data, flagged(&answer, number)?, action);
            }
            Ok(answer) => coded(&answer, action, number)?,
            Err(error) => refusal(error, action)?,
        },
    };
    input.advance(end + 1);
    Ok(Decoded::Reply(reply))
}

/// The answers to the requests that have no meta form.
fn worded(text: &[u8], action: &Action) -> Result<Option<Reply>, Fault> {
    Ok(match action {
        Action::Flush if text == b"OK" => Some(Reply::Done),
        Action::Authenticate(_) if text == b"STORED" => Some(Reply::Done),
        Action::Version => match text.strip_prefix(b"VERSION ") {
            Some(version) => Some(Reply::Version(text_of(version)?.to_owned())),
            None => None,
        },
        _ => None,
    })
}

fn coded(answer: &MetaResponse, action: &Action, number: u32) -> Result<Reply, Fault> {
    let code = answer.rc();
    // Some servers do not repeat the number when they find nothing: github.com/memcached/memcached/issues/880
    if code == ReturnCode::En && answer.flags().next().is_none() {
        return Ok(Reply::NotFound);
    }
    let item = flagged(answer, number)?;
    match code {
        ReturnCode::Hd => Ok(match action {
            Action::Look | Action::Get | Action::Inspect => Reply::Found(item),
            _ => Reply::Done,
        }),
        ReturnCode::En | ReturnCode::Nf => Ok(Reply::NotFound),
        ReturnCode::Ns => Ok(Reply::NotStored),
        ReturnCode::Ex => Ok(Reply::Changed),
        _ => Err(unreadable()),
    }
}

/// The errors in words. The crate says `ERROR` for the answer that is this one word.
fn refusal(error: Error, action: &Action) -> Result<Reply, Fault> {
    match (error, action) {
        (Error::Server(words), _) if words.starts_with("object too large") => Ok(Reply::TooLarge),
        (Error::Server(words), _) => Ok(Reply::Refused(words)),
        (Error::Rejected(words), _) if words == "ERROR" => Err(Fault::garbled(
            "the server does not know the request: memcached 1.6.10 or newer is needed",
        )),
        (Error::Rejected(words), Action::Count(_)) if words.starts_with("cannot increment") => {
            Ok(Reply::NotANumber)
        }
        (Error::Rejected(words), Action::Authenticate(_)) => Ok(Reply::Refused(words)),
        (Error::Rejected(words), _) => Err(Fault::garbled(format!("the server answers: {words}"))),
        _ => Err(unreadable()),
    }
}

/// The length in `VA <length> <flags>`, which the crate has checked and does not tell.
fn length(text: &[u8]) -> Result<usize, Fault> {
    let mut words = text_of(text)?.split(' ').filter(|word| !word.is_empty());
    number_of(words.nth(1).unwrap_or_default())
}

/// The data after an answer, and the end of a line.
fn value(
    input: &mut BytesMut,
    place: Range<usize>,
    mut item: Item,
    action: &Action,
) -> Result<Decoded, Fault> {
    let all = place.end + 2;
    if input.len() < all {
        return Ok(Decoded::More(all - input.len()));
    }
    if &input[place.end..all] != b"\r\n" {
        return Err(unreadable());
    }
    input.advance(place.start);
    let data = take(input, place.len());
    input.advance(2);
    match action {
        Action::Get | Action::Inspect => {
            item.data = data;
            Ok(Decoded::Reply(Reply::Found(item)))
        }
        Action::Count(_) => {
            let sum = number_of(text_of(&data)?.trim_end())?;
            Ok(Decoded::Reply(Reply::Number(sum)))
        }
        _ => Err(unreadable()),
    }
}

/// What the flags of an answer say of an entry.
fn flagged(answer: &MetaResponse, number: u32) -> Result<Item, Fault> {
    let mut item = Item::default();
    let mut repeated = None;
    for flag in answer.flags() {
        let flag = text_of(flag)?;
        let value = flag.get(1..).unwrap_or_default();
        match flag.as_bytes().first() {
            Some(b'f') => item.flags = number_of(value)?,
            Some(b'c') => item.unique = number_of(value)?,
            Some(b't') if value == "-1" => item.lifetime = Lifetime::Never,
            Some(b't') => item.lifetime = Lifetime::Seconds(number_of(value)?),
            Some(b'O') => repeated = value.parse().ok(),
            _ => {}
        }
    }
    if repeated == Some(number) {
        Ok(item)
    } else {
        Err(out_of_step())
    }
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
    use crate::format::Stored;

    fn decoded(text: &str, action: &Action) -> Result<Decoded, Fault> {
        decode(&mut BytesMut::from(text), action, 7)
    }

    fn encoded(key: &str, action: Action) -> String {
        let mut output = b"before ".to_vec();
        encode(&Request { key, action }, 7, &mut output);
        String::from_utf8(output).unwrap()
    }

    fn store(when: When) -> Action {
        Action::Store {
            when,
            exptime: 60,
            stored: Stored {
                flags: 3,
                data: "he\r\no".into(),
            },
        }
    }

    #[test]
    fn requests_are_these_bytes() {
        let credentials = Action::Authenticate("me secret".into());
        for (action, bytes) in [
            (Action::Look, "mg k f O7\r\n"),
            (Action::Get, "mg k v f O7\r\n"),
            (Action::Inspect, "mg k v f c t O7\r\n"),
            (Action::Touch { exptime: 0 }, "mg k T0 O7\r\n"),
            (Action::Delete, "md k O7\r\n"),
            (
                Action::Count(u64::MAX),
                "ma k v D18446744073709551615 O7\r\n",
            ),
            (store(When::Always), "ms k 5 F3 T60 O7\r\nhe\r\no\r\n"),
            (store(When::Free), "ms k 5 F3 T60 ME O7\r\nhe\r\no\r\n"),
            (
                store(When::Unchanged(9)),
                "ms k 5 F3 T60 C9 O7\r\nhe\r\no\r\n",
            ),
            (Action::Flush, "flush_all\r\n"),
            (Action::Version, "version\r\n"),
            (credentials, "set auth 0 0 9\r\nme secret\r\n"),
        ] {
            assert_eq!(encoded("k", action), format!("before {bytes}"));
        }
    }

    #[test]
    fn keys_are_sent_as_they_are() {
        let longest = "x".repeat(250);
        let ascii: String = ('!'..='~').collect();
        for key in [
            &ascii,
            &longest,
            "é\u{80}\u{85}\u{a0}\u{ff}\u{2028}",
            "ключ:日本:🦀",
        ] {
            let bytes = format!("before md {key} O7\r\n");
            assert_eq!(encoded(key, Action::Delete), bytes);
        }
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
            " EN\r\n",
            " SERVER_ERROR\r\n",
            "MN\r\n",
            "ME k O7\r\n",
            "VA 18446744073709551615 O7\r\n",
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
        let authenticate = Action::Authenticate("me secret".into());
        assert_eq!(is("ERROR\r\n", &authenticate), "garbled");
        let failure = "CLIENT_ERROR authentication failure\r\n";
        let refused = r#"Refused("authentication failure")"#;
        assert_eq!(is(failure, &authenticate), refused);
        assert_eq!(is("STORED\r\n", &authenticate), "Done");
        assert_eq!(is("OK\r\n", &Action::Flush), "Done");
        let version = r#"Version("1.6.18 beta")"#;
        assert_eq!(is("VERSION 1.6.18 beta\r\n", &Action::Version), version);
    }
}
