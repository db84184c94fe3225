//! What the methods mean: which requests they are, and what the replies say. Nothing here waits.

mod add;
mod batch;
mod delete;
mod incr;
mod read;
mod set;
mod touch;

use cachemere_base::{ErrorKind, Key, Remaining, Value};

pub(crate) use add::Add;
pub(crate) use batch::{Batch, Chunk, DeleteMany, GetMany, SetMany, chunks};
pub(crate) use delete::Delete;
pub(crate) use incr::Incr;
pub(crate) use read::Read;
pub(crate) use set::Set;
pub(crate) use touch::Touch;

use crate::{
    fault::Fault,
    format::Wire,
    lifetime,
    request::{Action, Item, Lifetime, Reply},
};

/// An operation on one key, as a conversation with its server.
pub(crate) trait Verb {
    type Output;

    /// The first request.
    fn ask(&mut self) -> Action;

    /// What follows from the reply to the last request.
    fn answered(&mut self, reply: Reply) -> Result<Step<Self::Output>, Fault>;
}

#[derive(Debug)]
pub(crate) enum Step<T> {
    Ask(Action),
    Done(T),
}

/// Who is told of entries that cannot be read.
#[derive(Debug)]
pub(crate) struct Damage {
    pub(crate) alias: String,
    pub(crate) counters: std::sync::Arc<cachemere_base::Counters>,
}

impl Damage {
    fn found(&self, key: &str) {
        self.counters.count_damaged();
        let key = cachemere_base::Shown::new(key);
        tracing::warn!(alias = self.alias, %key, "an entry is none of ours or damaged, and is removed");
    }
}

pub(crate) fn is_there(item: &Item, wire: Wire) -> Option<()> {
    wire.is_readable(item.flags).then_some(())
}

pub(crate) fn value(item: &Item, wire: Wire) -> Option<Value> {
    wire.read(item.flags, &item.data)
}

pub(crate) fn value_and_ttl(item: &Item, wire: Wire) -> Option<(Value, Remaining)> {
    let remaining = match item.lifetime {
        Lifetime::Unknown => Remaining::Unknown,
        Lifetime::Never => lifetime::remaining(None),
        Lifetime::Seconds(left) => lifetime::remaining(Some(left)),
    };
    Some((value(item, wire)?, remaining))
}

fn too_large(key: &str) -> Fault {
    let key = cachemere_base::Shown::new(key);
    let message = format!("the value of {key} is over the limit of the server (`memcached -I`)");
    Fault::new(ErrorKind::TooLarge, message)
}

fn not_an_integer(key: &Key) -> Fault {
    let message = format!("the value of {} is no integer", key.shown());
    Fault::new(ErrorKind::NotAnInteger, message)
}

fn overflow(key: &Key, delta: i64) -> Fault {
    let message = format!("{} plus {delta} does not fit 64 bits", key.shown());
    Fault::new(ErrorKind::Overflow, message)
}

/// The error for a reply that is not what was hoped for.
fn refused(reply: Reply) -> Fault {
    match reply {
        Reply::Refused(words) => {
            Fault::new(ErrorKind::Server, format!("the server answers: {words}"))
        }
        _ => Fault::garbled("the answer does not fit the request"),
    }
}
