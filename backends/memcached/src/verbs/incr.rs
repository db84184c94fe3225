use cachemere_base::{ErrorKind, Key, Value};

use super::{Damage, Step, Verb, not_an_integer, overflow, refused, value};
use crate::{
    fault::Fault,
    format::Wire,
    lifetime,
    request::{Action, Item, Lifetime, Reply, When},
};

/// After so many writes of others in between, it is given up.
const TRIES: u32 = 100;

/// Adds to an integer.
///
/// The server counts, in one request. Where it refuses, because the integer is far from zero or the value is none, and
/// where `delta` is large, the value is read and written back unless it was changed meanwhile. What a Django site shares
/// is always read first: the server would count texts that are digits, and stop at zero.
#[derive(Debug)]
pub(crate) struct Incr<'a> {
    key: &'a Key,
    delta: i64,
    damage: &'a Damage,
    wire: Wire,
    doing: Doing,
    tries: u32,
}

#[derive(Clone, Copy, Debug)]
enum Doing {
    Counting,
    Reading,
    Writing(i64),
    /// The server counted so far that it must not go on by itself.
    Guarding(i64),
    Removing,
}

impl<'a> Incr<'a> {
    pub(crate) fn new(key: &'a Key, delta: i64, damage: &'a Damage, wire: Wire) -> Self {
        Self {
            key,
            delta,
            damage,
            wire,
            doing: Doing::Counting,
            tries: 0,
        }
    }

    fn count_or_read(&mut self) -> Action {
        if self.wire.counts_unseen(self.delta) {
            self.count()
        } else {
            self.read(Doing::Reading)
        }
    }

    fn count(&mut self) -> Action {
        self.doing = Doing::Counting;
        Action::Count(self.delta.cast_unsigned())
    }

    fn read(&mut self, doing: Doing) -> Action {
        self.doing = doing;
        Action::Inspect
    }

    fn counted(&mut self, sum: i64) -> Step<Option<i64>> {
        if self.wire.is_far(sum) {
            Step::Ask(self.read(Doing::Guarding(sum)))
        } else {
            Step::Done(Some(sum))
        }
    }

    fn found(&mut self, item: &Item) -> Result<Step<Option<i64>>, Fault> {
        let number = match value(item, self.wire) {
            Some(Value::Int(number)) => number,
            Some(Value::Bytes { .. }) => return Err(not_an_integer(self.key)),
            None => {
                self.damage.found(self.key);
                self.doing = Doing::Removing;
                return Ok(Step::Ask(Action::Delete));
            }
        };
        if let Doing::Guarding(sum) = self.doing {
            return Ok(if self.wire.is_far(number) {
                Step::Ask(self.write_back(item, number))
            } else {
                Step::Done(Some(sum))
            });
        }
        if self.wire.counts(item.flags, number, self.delta) {
            return Ok(Step::Ask(self.count()));
        }
        match number.checked_add(self.delta) {
            None => Err(overflow(self.key, self.delta)),
            Some(sum) if sum == number => Ok(Step::Done(Some(sum))),
            Some(sum) => {
                self.doing = Doing::Writing(sum);
                Ok(Step::Ask(self.write_back(item, sum)))
            }
        }
    }

    fn again(&mut self) -> Result<Step<Option<i64>>, Fault> {
        self.tries += 1;
        if self.tries < TRIES {
            return Ok(Step::Ask(self.count_or_read()));
        }
        let message = format!("{} was changed by others {TRIES} times", self.key.shown());
        Err(Fault::new(ErrorKind::Server, message))
    }

    /// Stores the integer in the place of the one that was read, for what is left of its lifetime.
    fn write_back(&self, item: &Item, number: i64) -> Action {
        let left = match item.lifetime {
            Lifetime::Seconds(seconds) => Some(seconds),
            Lifetime::Never | Lifetime::Unknown => None,
        };
        Action::Store {
            when: When::Unchanged(item.unique),
            exptime: lifetime::exptime_again(left),
            stored: self.wire.of_integer(number),
        }
    }
}

impl Verb for Incr<'_> {
    type Output = Option<i64>;

    fn ask(&mut self) -> Action {
        self.count_or_read()
    }

    fn answered(&mut self, reply: Reply) -> Result<Step<Option<i64>>, Fault> {
        match (self.doing, reply) {
            (Doing::Counting, Reply::Number(sum)) => Ok(self.counted(sum.cast_signed())),
            (Doing::Counting, Reply::NotANumber) if self.wire.counts_unseen(self.delta) => {
                Ok(Step::Ask(self.read(Doing::Reading)))
            }
            (Doing::Counting, Reply::NotANumber) => self.again(),
            (Doing::Reading | Doing::Guarding(_), Reply::Found(item)) => self.found(&item),
            (Doing::Writing(sum) | Doing::Guarding(sum), Reply::Done) => Ok(Step::Done(Some(sum))),
            (Doing::Guarding(sum), Reply::NotFound | Reply::Changed) => Ok(Step::Done(Some(sum))),
            (Doing::Writing(_), Reply::Changed) => self.again(),
            (Doing::Removing, Reply::Done) | (_, Reply::NotFound) => Ok(Step::Done(None)),
            (_, other) => Err(refused(other)),
        }
    }
}
