use cachemere_base::Ttl;

use super::{Step, Verb, delete::was_there};
use crate::{
    fault::Fault,
    lifetime,
    request::{Action, Reply},
};

/// Gives an entry a new lifetime, or removes it where that is over at once.
#[derive(Debug)]
pub(crate) struct Touch {
    pub(crate) ttl: Ttl,
}

impl Verb for Touch {
    type Output = bool;

    fn ask(&mut self) -> Action {
        lifetime::exptime(self.ttl).map_or(Action::Delete, |exptime| Action::Touch { exptime })
    }

    fn answered(&mut self, reply: Reply) -> Result<Step<bool>, Fault> {
        was_there(reply)
    }
}
