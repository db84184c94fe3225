use super::{Step, Verb, refused};
use crate::{
    fault::Fault,
    request::{Action, Reply},
};

/// Removes an entry.
#[derive(Debug)]
pub(crate) struct Delete;

impl Verb for Delete {
    type Output = bool;

    fn ask(&mut self) -> Action {
        Action::Delete
    }

    fn answered(&mut self, reply: Reply) -> Result<Step<bool>, Fault> {
        was_there(reply)
    }
}

pub(super) fn was_there(reply: Reply) -> Result<Step<bool>, Fault> {
    match reply {
        Reply::Done => Ok(Step::Done(true)),
        Reply::NotFound => Ok(Step::Done(false)),
        other => Err(refused(other)),
    }
}
