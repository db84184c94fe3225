//! What replies mean.

use bytes::Bytes;
use cachemere_base::{Error, Key, Result, Value};
use redis::Value as Answer;

use crate::{fault, format::Wire, request::Reply};

/// What is still to be done when the replies have been read.
#[derive(Debug, Default)]
pub(crate) struct After {
    /// Entries that could not be read, with what they held.
    pub(crate) damaged: Vec<(Key, Bytes)>,
    /// Entries that could not be replaced: the old value is not to be read any more.
    pub(crate) stale: Vec<Key>,
}

pub(crate) fn found(
    key: &Key,
    reply: Reply,
    wire: Wire,
    after: &mut After,
) -> Result<Option<Value>> {
    let held = match reply.value {
        Answer::Nil => return Ok(None),
        Answer::BulkString(held) => Bytes::from(held),
        _ => return Err(problem(&reply)),
    };
    let value = wire.decoded(&held);
    if value.is_none() {
        after.damaged.push((key.clone(), held));
    }
    Ok(value)
}

pub(crate) fn whole(reply: &Reply) -> Result<i64> {
    match reply.value {
        Answer::Int(number) => Ok(number),
        _ => Err(problem(reply)),
    }
}

pub(crate) fn truth(reply: &Reply) -> Result<bool> {
    whole(reply).map(|number| number != 0)
}

pub(crate) fn done(reply: &Reply) -> Result<()> {
    match &reply.value {
        Answer::Okay | Answer::Int(_) => Ok(()),
        _ => Err(problem(reply)),
    }
}

/// Why a reply is not what was asked for.
pub(crate) fn problem(reply: &Reply) -> Error {
    match &reply.value {
        Answer::ServerError(error) => fault::refused(error, &reply.server),
        _ => fault::unexpected(&reply.server),
    }
}
