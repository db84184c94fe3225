use cachemere_base::Ttl;

use super::{Step, Verb, refused, set::stores, too_large};
use crate::{
    fault::Fault,
    format::Stored,
    request::{Action, Reply, When},
};

/// Stores a value where there is none; only looks where its lifetime is over at once.
#[derive(Debug)]
pub(crate) struct Add<'a> {
    key: &'a str,
    request: Option<Action>,
}

impl<'a> Add<'a> {
    pub(crate) fn new(key: &'a str, stored: Stored, ttl: Ttl) -> Self {
        let request = stores(stored, ttl, When::Free);
        Self { key, request }
    }
}

impl Verb for Add<'_> {
    type Output = bool;

    fn ask(&mut self) -> Action {
        self.request.take().unwrap_or(Action::Look)
    }

    fn answered(&mut self, reply: Reply) -> Result<Step<bool>, Fault> {
        match reply {
            Reply::Done | Reply::NotFound => Ok(Step::Done(true)),
            Reply::NotStored | Reply::Found(_) => Ok(Step::Done(false)),
            Reply::TooLarge => Err(too_large(self.key)),
            other => Err(refused(other)),
        }
    }
}
