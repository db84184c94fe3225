//! The operations, written once: what each asks of the store, and what the replies mean.

use std::{sync::Arc, time::Duration};

use cachemere_base::{Error, ErrorKind, Key, Remaining, Result, Ttl, Value};
use redis::{Cmd, Value as Answer, cmd};

use crate::{
    answer::{After, done, found, problem, truth, whole},
    command::{Grouping, about, check, grouped, lasting, millis, storing, with_key},
    fault,
    format::Wire,
    request::{Few, Part, Reach, Reply, Request},
};

/// Counts in one step: what is missing is told apart, and a sum that Lua, whose numbers are floats, may have rounded
/// comes as text.
const COUNT: &str = "if redis.call('EXISTS', KEYS[1]) == 0 then return false end
local sum = redis.call('INCRBY', KEYS[1], ARGV[1])
if sum > -9007199254740992 and sum < 9007199254740992 then return sum end
return redis.call('GET', KEYS[1])";

/// Removes an entry if it still is what it was.
const FORGET: &str =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0";

/// An operation: a request, and how to read the replies.
pub(crate) struct Verb<F> {
    pub(crate) request: Request,
    pub(crate) read: F,
}

/// How the replies are read.
pub(crate) trait Read<T>: FnOnce(Few<Reply>, &mut After) -> Result<T> + Send {}

impl<T, F: FnOnce(Few<Reply>, &mut After) -> Result<T> + Send> Read<T> for F {}

impl<F> Verb<F> {
    fn new<T>(
        reach: Reach,
        is_repeatable: bool,
        parts: impl IntoIterator<Item = Part>,
        read: F,
    ) -> Self
    where
        F: Read<T>,
    {
        Self {
            request: Request {
                reach,
                is_repeatable,
                parts: parts.into_iter().collect(),
                lost: None,
            },
            read,
        }
    }
}

/// One command about one key.
fn one<T>(
    reach: Reach,
    is_repeatable: bool,
    command: Cmd,
    read: impl FnOnce(Reply, &mut After) -> Result<T> + Send,
) -> Verb<impl Read<T>> {
    let read = |mut replies: Few<Reply>, after: &mut After| {
        read(replies.pop().expect("every command has its reply"), after)
    };
    Verb::new(reach, is_repeatable, [about(command)], read)
}

pub(crate) fn get(key: &Key, reach: Reach, wire: Wire) -> Verb<impl Read<Option<Value>>> {
    one(reach, true, with_key("GET", key), move |reply, after| {
        found(key, reply, wire, after)
    })
}

pub(crate) fn has_key(key: &Key) -> Verb<impl Read<bool> + use<>> {
    one(Reach::Any, true, with_key("EXISTS", key), |reply, _| {
        truth(&reply)
    })
}

pub(crate) fn get_with_ttl(key: &Key, wire: Wire) -> Verb<impl Read<Option<(Value, Remaining)>>> {
    let parts = ["GET", "PTTL"].map(|name| about(with_key(name, key)));
    Verb::new(Reach::Leader, true, parts, move |replies, after| {
        let [value, left] = pair(replies);
        let Some(value) = found(key, value, wire, after)? else {
            return Ok(None);
        };
        Ok(match whole(&left)? {
            -1 => Some((value, Remaining::Never)),
            // it expired between the two
            -2 => None,
            left => Some((
                value,
                Remaining::For(Duration::from_millis(left.unsigned_abs())),
            )),
        })
    })
}

pub(crate) fn set(key: &Key, value: &Value, ttl: Ttl, wire: Wire) -> Verb<impl Read<()> + use<>> {
    let fits = check(key, value);
    let command = match &fits {
        Ok(()) => storing(key, value, ttl, wire),
        // the old value is not to be read any more
        Err(_) => with_key("DEL", key),
    };
    let stale = key.clone();
    one(Reach::Leader, true, command, move |reply, after| {
        done(&reply).inspect_err(|_| after.stale.push(stale))?;
        fits
    })
}

pub(crate) fn add(
    key: &Key,
    value: &Value,
    ttl: Ttl,
    wire: Wire,
) -> Result<Verb<impl Read<bool> + use<>>> {
    check(key, value)?;
    // what would be gone at once need not be stored
    let is_stored = ttl != Some(Duration::ZERO);
    let mut command = with_key("EXISTS", key);
    if is_stored {
        command = storing(key, value, ttl, wire);
        command.arg("NX");
    }
    Ok(one(
        Reach::Leader,
        !is_stored,
        command,
        move |reply, _| match reply.value {
            Answer::Nil => Ok(false),
            Answer::Int(taken) if !is_stored => Ok(taken == 0),
            _ => done(&reply).map(|()| true),
        },
    ))
}

pub(crate) fn touch(key: &Key, ttl: Ttl) -> Verb<impl Read<bool> + use<>> {
    let ttl = lasting(ttl);
    let is_removed = ttl.is_some_and(|ttl| ttl.is_zero());
    let commands: Few<Cmd> = match ttl {
        None => ["EXISTS", "PERSIST"]
            .map(|name| with_key(name, key))
            .into_iter()
            .collect(),
        Some(ttl) if ttl.is_zero() => Few::from([with_key("DEL", key)]),
        Some(ttl) => {
            let mut command = with_key("PEXPIRE", key);
            command.arg(millis(ttl));
            Few::from([command])
        }
    };
    let parts = commands.into_iter().map(about);
    Verb::new(Reach::Leader, !is_removed, parts, |replies, _| {
        let truths: Few<bool> = replies.iter().map(truth).collect::<Result<_>>()?;
        Ok(truths[0])
    })
}

pub(crate) fn delete(key: &Key) -> Verb<impl Read<bool> + use<>> {
    one(Reach::Leader, false, with_key("DEL", key), |reply, _| {
        truth(&reply)
    })
}

pub(crate) fn incr(key: &Key, delta: i64) -> Verb<impl Read<Option<i64>>> {
    let mut command = script(COUNT, key);
    command.command.arg(delta);
    Verb::new(Reach::Leader, false, [command], |mut replies, _| {
        let reply = replies.pop().expect("every command has its reply");
        match &reply.value {
            Answer::Nil | Answer::Boolean(false) => return Ok(None),
            Answer::Int(sum) => return Ok(Some(*sum)),
            Answer::BulkString(sum) => {
                let sum = std::str::from_utf8(sum)
                    .ok()
                    .and_then(|sum| sum.parse().ok());
                return sum
                    .map(Some)
                    .ok_or_else(|| fault::unexpected(&reply.server));
            }
            Answer::ServerError(error) => {
                let words = error.details().unwrap_or_default();
                if words.contains("would overflow") {
                    let message = format!("{} would not fit a 64-bit signed integer", key.shown());
                    return Err(Error::new(ErrorKind::Overflow, message));
                }
                if words.contains("not an integer")
                    || error.code() == "WRONGTYPE"
                    || words.contains("WRONGTYPE")
                {
                    let message = format!("{} does not hold an integer", key.shown());
                    return Err(Error::new(ErrorKind::NotAnInteger, message));
                }
            }
            _ => {}
        }
        Err(problem(&reply))
    })
}

pub(crate) fn clear() -> Verb<impl Read<()>> {
    let mut command = cmd("FLUSHDB");
    // everything is gone at once, and its memory a little later
    command.arg("ASYNC");
    let part = Part { command, key: None };
    Verb::new(Reach::Leaders, true, [part], |replies, _| {
        replies.iter().try_for_each(done)
    })
}

/// On a cluster, `forgives` makes the keys of a leader at fault misses; the others are found.
pub(crate) fn get_many(
    keys: &[Key],
    grouping: Grouping,
    forgives: bool,
    wire: Wire,
) -> Verb<impl Read<Vec<Option<Value>>>> {
    let parts = grouped("MGET", keys, grouping);
    let mut verb = Verb::new(Reach::Any, true, parts, move |replies, after| {
        let mut values = Vec::with_capacity(keys.len());
        for (reply, group) in replies.into_iter().zip(grouping.groups(keys)) {
            let Answer::Array(held) = reply.value else {
                return Err(problem(&reply));
            };
            if held.len() != group.len() {
                return Err(fault::unexpected(&reply.server));
            }
            for (value, key) in held.into_iter().zip(group) {
                let server = Arc::clone(&reply.server);
                values.push(found(key, Reply { server, value }, wire, after)?);
            }
        }
        Ok(values)
    });
    let is_each = grouping == Grouping::Each;
    verb.request.lost = (forgives && is_each).then(|| Answer::Array(vec![Answer::Nil]));
    verb
}

pub(crate) fn set_many(
    entries: &[(Key, Value)],
    ttl: Ttl,
    wire: Wire,
) -> Verb<impl Read<Vec<usize>>> {
    let mut refused = Vec::new();
    let mut parts = Few::with_capacity(entries.len());
    for (position, (key, value)) in entries.iter().enumerate() {
        parts.push(about(if check(key, value).is_ok() {
            storing(key, value, ttl, wire)
        } else {
            refused.push(position);
            with_key("DEL", key)
        }));
    }
    Verb::new(Reach::Leader, true, parts, move |replies, after| {
        let mut outcome = Ok(refused);
        for (reply, (key, _)) in replies.iter().zip(entries) {
            if let Err(error) = done(reply) {
                after.stale.push(key.clone());
                outcome = outcome.and(Err(error));
            }
        }
        outcome
    })
}

pub(crate) fn delete_many(keys: &[Key], grouping: Grouping) -> Verb<impl Read<()> + use<>> {
    let parts = grouped("DEL", keys, grouping);
    Verb::new(Reach::Leader, true, parts, |replies, _| {
        replies.iter().try_for_each(done)
    })
}

/// Removes damaged entries, as far as they are what was read, and stale ones.
pub(crate) fn tidy(after: &After) -> Verb<impl Read<()> + use<>> {
    let damaged = after.damaged.iter().map(|(key, held)| {
        let mut forget = script(FORGET, key);
        forget.command.arg(held.as_ref());
        forget
    });
    let stale = after.stale.iter().map(|key| about(with_key("DEL", key)));
    Verb::new(Reach::Leader, true, damaged.chain(stale), |replies, _| {
        replies.iter().try_for_each(done)
    })
}

pub(crate) fn servers() -> Verb<impl Read<Vec<String>>> {
    let mut command = cmd("INFO");
    command.arg("server");
    let part = Part { command, key: None };
    Verb::new(Reach::Everyone, true, [part], |replies, _| {
        let described = replies.iter().map(|reply| {
            let Answer::BulkString(info) = &reply.value else {
                return Err(problem(reply));
            };
            let info = String::from_utf8_lossy(info);
            let line = |name| info.lines().find_map(|line| line.strip_prefix(name));
            let (kind, version) = match (line("valkey_version:"), line("redis_version:")) {
                (Some(version), _) => ("valkey", version),
                (None, version) => ("redis", version.unwrap_or("of an unknown version")),
            };
            Ok(format!(
                "{kind} {} at {}",
                version.trim(),
                reply.server.name
            ))
        });
        described.collect()
    })
}

/// A script about one key, whose arguments are still to come.
fn script(text: &str, key: &Key) -> Part {
    let mut command = cmd("EVAL");
    command.arg(text).arg(1).arg(key.as_str());
    Part {
        command,
        key: Some(3),
    }
}

fn pair(replies: Few<Reply>) -> [Reply; 2] {
    let pair = <[Reply; 2]>::try_from(replies.into_vec());
    pair.expect("every command has its reply")
}
