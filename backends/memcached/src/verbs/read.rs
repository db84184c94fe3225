use super::{Damage, Step, Verb, refused};
use crate::{
    fault::Fault,
    format::Wire,
    request::{Action, Item, Reply},
};

/// Reads an entry. One that cannot be read is removed, and none.
#[derive(Debug)]
pub(crate) struct Read<'a, T> {
    pub(crate) key: &'a str,
    pub(crate) action: Action,
    pub(crate) view: fn(&Item, Wire) -> Option<T>,
    pub(crate) wire: Wire,
    pub(crate) damage: &'a Damage,
}

impl<T> Verb for Read<'_, T> {
    type Output = Option<T>;

    fn ask(&mut self) -> Action {
        self.action.clone()
    }

    fn answered(&mut self, reply: Reply) -> Result<Step<Option<T>>, Fault> {
        match reply {
            Reply::Found(item) => match (self.view)(&item, self.wire) {
                Some(seen) => Ok(Step::Done(Some(seen))),
                None => {
                    self.damage.found(self.key);
                    Ok(Step::Ask(Action::Delete))
                }
            },
            Reply::NotFound | Reply::Done => Ok(Step::Done(None)),
            other => Err(refused(other)),
        }
    }
}
