use cachemere_base::Ttl;

use super::{Step, Verb, refused, too_large};
use crate::{
    fault::Fault,
    format::Stored,
    lifetime,
    request::{Action, Reply, When},
};

/// Stores a value, or removes the entry where its lifetime is over at once.
#[derive(Debug)]
pub(crate) struct Set<'a> {
    key: &'a str,
    request: Option<Action>,
    removes: Removes,
}

#[derive(Debug)]
enum Removes {
    Nothing,
    /// What was asked for.
    Expired,
    /// What was there before the value that the server refused.
    Old(Option<Fault>),
}

impl<'a> Set<'a> {
    pub(crate) fn new(key: &'a str, stored: Stored, ttl: Ttl) -> Self {
        let request = stores(stored, ttl, When::Always);
        Self {
            key,
            removes: if request.is_some() {
                Removes::Nothing
            } else {
                Removes::Expired
            },
            request,
        }
    }
}

/// The request that stores a value; `None` if its lifetime is over at once.
pub(super) fn stores(stored: Stored, ttl: Ttl, when: When) -> Option<Action> {
    lifetime::exptime(ttl).map(|exptime| Action::Store {
        when,
        exptime,
        stored,
    })
}

impl Verb for Set<'_> {
    type Output = ();

    fn ask(&mut self) -> Action {
        self.request.take().unwrap_or(Action::Delete)
    }

    fn answered(&mut self, reply: Reply) -> Result<Step<()>, Fault> {
        match &mut self.removes {
            Removes::Nothing => {
                let fault = match reply {
                    Reply::Done => return Ok(Step::Done(())),
                    Reply::TooLarge => too_large(self.key),
                    Reply::Refused(_) => refused(reply),
                    other => return Err(refused(other)),
                };
                self.removes = Removes::Old(Some(fault));
                Ok(Step::Ask(Action::Delete))
            }
            Removes::Expired => match reply {
                Reply::Done | Reply::NotFound => Ok(Step::Done(())),
                other => Err(refused(other)),
            },
            Removes::Old(fault) => Err(fault.take().unwrap_or_else(|| refused(reply))),
        }
    }
}
