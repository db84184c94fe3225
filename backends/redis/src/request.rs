use std::sync::Arc;

use redis::{Arg, Cmd, Pipeline, Value};
use smallvec::SmallVec;

use crate::{server::Server, slot};

/// Mostly one, which then needs no memory of its own.
pub(crate) type Few<T> = SmallVec<[T; 1]>;

/// Which server a request goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Any that has the keys, a replica too.
    Any,
    /// The leader of the keys.
    Leader,
    /// Every leader.
    Leaders,
    /// Every server.
    Everyone,
}

/// What an operation asks of the store.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) reach: Reach,
    /// Whether it may be sent again after a connection ended before the reply.
    pub(crate) is_repeatable: bool,
    pub(crate) parts: Few<Part>,
    /// What stands for the reply to a part whose server is at fault, where that is no error.
    pub(crate) lost: Option<Value>,
}

/// One command; on a cluster all its keys are in one slot.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) command: Cmd,
    /// Which of its words is the first key; none where it has none.
    pub(crate) key: Option<usize>,
}

impl Part {
    /// Where it goes on a cluster.
    pub(crate) fn slot(&self) -> u16 {
        match self.key.and_then(|key| self.command.args_iter().nth(key)) {
            Some(Arg::Simple(key)) => slot::of(key),
            _ => 0,
        }
    }
}

/// Commands for one server, sent and answered together.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) commands: Commands,
    pub(crate) is_repeatable: bool,
}

/// As the redis crate takes them: one command is cheaper than a pipeline of one.
#[derive(Debug)]
pub(crate) enum Commands {
    One(Cmd),
    Several(Pipeline),
}

/// What a server replied to one command.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) server: Arc<Server>,
    pub(crate) value: Value,
}

impl Batch {
    pub(crate) fn new(commands: impl IntoIterator<Item = Cmd>, is_repeatable: bool) -> Self {
        let mut commands = commands.into_iter();
        let commands = match (commands.next(), commands.next()) {
            (Some(command), None) => Commands::One(command),
            (first, second) => {
                let mut pipeline = Pipeline::new();
                for command in first.into_iter().chain(second).chain(commands) {
                    pipeline.add_command(command);
                }
                Commands::Several(pipeline)
            }
        };
        Self {
            commands,
            is_repeatable,
        }
    }

    pub(crate) fn len(&self) -> usize {
        match &self.commands {
            Commands::One(_) => 1,
            Commands::Several(pipeline) => pipeline.len(),
        }
    }

    /// Appends what goes over the wire.
    pub(crate) fn write_to(&self, output: &mut Vec<u8>) {
        match &self.commands {
            Commands::One(command) => command.write_packed_command(output),
            Commands::Several(pipeline) => pipeline
                .cmd_iter()
                .for_each(|command| command.write_packed_command(output)),
        }
    }
}

impl From<Request> for Batch {
    fn from(request: Request) -> Self {
        let commands = request.parts.into_iter().map(|part| part.command);
        Self::new(commands, request.is_repeatable)
    }
}

#[cfg(test)]
mod tests {
    use redis::cmd;

    use super::*;

    #[test]
    fn the_slot_is_that_of_the_key() {
        let mut command = cmd("EVAL");
        command.arg("return 1").arg(1).arg("foo").arg("bar");
        let part = Part {
            command,
            key: Some(3),
        };
        assert_eq!(part.slot(), slot::of(b"foo"));
    }
}
