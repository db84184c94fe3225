//! The operations, written once: what each asks of the store, and what the replies mean.

use std::{sync::Arc, time::Duration};

use cachemere_base::{Error, ErrorKind, Key, Remaining, Result, Ttl, Value};
use redis::{Cmd, Value as Answer, cmd};

use crate::{
    answer::{After, done, found, problem, truth, whole},
    command::{Grouping, check, grouped, lasting, millis, storing, with_key},
    fault,
    format::Wire,
    request::{Part, Reach, Reply, Request},
    slot,
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
pub(crate) struct Verb<'a, T> {
    pub(crate) request: Request,
    pub(crate) read: Read<'a, T>,
}

type Read<'a, T> = Box<dyn FnOnce(Vec<Reply>, &mut After) -> Result<T> + Send + 'a>;

impl<'a, T> Verb<'a, T> {
    fn new(
        reach: Reach,
        is_repeatable: bool,
        parts: Vec<Part>,
        read: impl FnOnce(Vec<Reply>, &mut After) -> Result<T> + Send + 'a,
    ) -> Self {
        Self {
            request: Request {
                reach,
                is_repeatable,
                parts,
            },
            read: Box::new(read),
        }
    }

    /// One command about one key.
    fn one(
        reach: Reach,
        is_repeatable: bool,
        key: &Key,
        command: Cmd,
        read: impl FnOnce(Reply, &mut After) -> Result<T> + Send + 'a,
    ) -> Self {
        let slot = slot::of(key);
        let read = |replies: Vec<Reply>, after: &mut After| {
            let reply = replies
                .into_iter()
                .next()
                .expect("every command has its reply");
            read(reply, after)
        };
        Self::new(reach, is_repeatable, vec![Part { command, slot }], read)
    }
}

pub(crate) fn get(key: &Key, reach: Reach, wire: Wire) -> Verb<'_, Option<Value>> {
    Verb::one(
        reach,
        true,
        key,
        with_key("GET", key),
        move |reply, after| found(key, reply, wire, after),
    )
}

pub(crate) fn has_key(key: &Key) -> Verb<'_, bool> {
    Verb::one(
        Reach::Any,
        true,
        key,
        with_key("EXISTS", key),
        |reply, _| truth(&reply),
    )
}

pub(crate) fn get_with_ttl(key: &Key, wire: Wire) -> Verb<'_, Option<(Value, Remaining)>> {
    let slot = slot::of(key);
    let parts = ["GET", "PTTL"].map(|name| Part {
        command: with_key(name, key),
        slot,
    });
    Verb::new(Reach::Leader, true, parts.into(), move |replies, after| {
        let [value, left] = <[Reply; 2]>::try_from(replies).expect("every command has its reply");
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

pub(crate) fn set(key: &Key, value: &Value, ttl: Ttl, wire: Wire) -> Verb<'static, ()> {
    let fits = check(key, value);
    let command = match &fits {
        Ok(()) => storing(key, value, ttl, wire),
        // the old value is not to be read any more
        Err(_) => with_key("DEL", key),
    };
    let stale = key.clone();
    Verb::one(Reach::Leader, true, key, command, move |reply, after| {
        done(&reply).inspect_err(|_| after.stale.push(stale))?;
        fits
    })
}

pub(crate) fn add(key: &Key, value: &Value, ttl: Ttl, wire: Wire) -> Result<Verb<'static, bool>> {
    check(key, value)?;
    if ttl == Some(Duration::ZERO) {
        // what would be gone at once need not be stored
        let is_free = |reply: Reply| truth(&reply).map(|taken| !taken);
        let command = with_key("EXISTS", key);
        return Ok(Verb::one(
            Reach::Leader,
            true,
            key,
            command,
            move |reply, _| is_free(reply),
        ));
    }
    let mut command = storing(key, value, ttl, wire);
    command.arg("NX");
    Ok(Verb::one(
        Reach::Leader,
        false,
        key,
        command,
        |reply, _| match reply.value {
            Answer::Nil => Ok(false),
            _ => done(&reply).map(|()| true),
        },
    ))
}

pub(crate) fn touch(key: &Key, ttl: Ttl) -> Verb<'static, bool> {
    let Some(ttl) = lasting(ttl) else {
        let slot = slot::of(key);
        let parts = ["EXISTS", "PERSIST"].map(|name| Part {
            command: with_key(name, key),
            slot,
        });
        return Verb::new(Reach::Leader, true, parts.into(), |replies, _| {
            let [exists, persists] =
                <[Reply; 2]>::try_from(replies).expect("every command has its reply");
            truth(&persists)?;
            truth(&exists)
        });
    };
    if ttl.is_zero() {
        return delete(key);
    }
    let mut command = with_key("PEXPIRE", key);
    command.arg(millis(ttl));
    Verb::one(Reach::Leader, true, key, command, |reply, _| truth(&reply))
}

pub(crate) fn delete(key: &Key) -> Verb<'static, bool> {
    Verb::one(
        Reach::Leader,
        false,
        key,
        with_key("DEL", key),
        |reply, _| truth(&reply),
    )
}

pub(crate) fn incr(key: &Key, delta: i64) -> Verb<'_, Option<i64>> {
    let mut command = cmd("EVAL");
    command.arg(COUNT).arg(1).arg(key.as_str()).arg(delta);
    Verb::one(Reach::Leader, false, key, command, |reply, _| {
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

pub(crate) fn clear() -> Verb<'static, ()> {
    let mut command = cmd("FLUSHDB");
    // everything is gone at once, and its memory a little later
    command.arg("ASYNC");
    let part = Part { command, slot: 0 };
    Verb::new(Reach::Leaders, true, vec![part], |replies, _| {
        replies.iter().try_for_each(done)
    })
}

pub(crate) fn get_many(
    keys: &[Key],
    grouping: Grouping,
    wire: Wire,
) -> Verb<'_, Vec<Option<Value>>> {
    let parts = grouped("MGET", keys, grouping);
    Verb::new(Reach::Any, true, parts, move |replies, after| {
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
    })
}

pub(crate) fn set_many(entries: &[(Key, Value)], ttl: Ttl, wire: Wire) -> Verb<'_, Vec<usize>> {
    let mut refused = Vec::new();
    let mut parts = Vec::with_capacity(entries.len());
    for (position, (key, value)) in entries.iter().enumerate() {
        let command = if check(key, value).is_ok() {
            storing(key, value, ttl, wire)
        } else {
            refused.push(position);
            with_key("DEL", key)
        };
        parts.push(Part {
            command,
            slot: slot::of(key),
        });
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

pub(crate) fn delete_many(keys: &[Key], grouping: Grouping) -> Verb<'static, ()> {
    let parts = grouped("DEL", keys, grouping);
    Verb::new(Reach::Leader, true, parts, |replies, _| {
        replies.iter().try_for_each(done)
    })
}

/// Removes damaged entries, as far as they are what was read, and stale ones.
pub(crate) fn tidy(after: &After) -> Verb<'static, ()> {
    let damaged = after.damaged.iter().map(|(key, held)| {
        let mut command = cmd("EVAL");
        command
            .arg(FORGET)
            .arg(1)
            .arg(key.as_str())
            .arg(held.as_ref());
        Part {
            command,
            slot: slot::of(key),
        }
    });
    let stale = after.stale.iter().map(|key| Part {
        command: with_key("DEL", key),
        slot: slot::of(key),
    });
    let parts = damaged.chain(stale).collect();
    Verb::new(Reach::Leader, true, parts, |replies, _| {
        replies.iter().try_for_each(done)
    })
}

pub(crate) fn servers() -> Verb<'static, Vec<String>> {
    let mut command = cmd("INFO");
    command.arg("server");
    let part = Part { command, slot: 0 };
    Verb::new(Reach::Everyone, true, vec![part], |replies, _| {
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
