use std::{
    io::{self, BufReader, Write},
    time::Instant,
};

use redis::Value;

use crate::{
    deadline::Deadline,
    fault::{self, Fault},
    pool::Permit,
    request::{Batch, Few},
    resp,
    server::Server,
    wire::Wire,
};

/// A blocking connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: BufReader<Wire>,
    _permit: Permit,
}

impl Connection {
    pub(crate) fn open(server: &Server, deadline: Deadline, permit: Permit) -> Result<Self, Fault> {
        let start = Instant::now();
        let deadline = deadline.within(server.connect_timeout, start);
        let problem = |error| Fault::connecting(error, server);
        let stream = Wire::connect(server, deadline).map_err(problem)?;
        let mut connection = Self {
            stream: BufReader::new(stream),
            _permit: permit,
        };
        let replies = connection.exchange(&server.greeting()).map_err(problem)?;
        greeted(&replies, server)?;
        tracing::debug!(server = server.name, took = ?start.elapsed(), "connected");
        Ok(connection)
    }

    /// Sends commands and reads the reply to each. After an error the connection is not to be used again.
    pub(crate) fn send(
        &mut self,
        server: &Server,
        batch: &Batch,
        deadline: Deadline,
    ) -> Result<Few<Value>, Fault> {
        let deadline = deadline.within(server.socket_timeout, Instant::now());
        self.stream.get_mut().set_deadline(deadline);
        self.exchange(batch)
            .map_err(|error| Fault::lost(error, server))
    }

    /// Whether it can be used again: the server has neither closed it nor said what nobody asked for.
    pub(crate) fn is_fresh(&mut self) -> bool {
        self.stream.buffer().is_empty() && self.stream.get_mut().is_quiet()
    }

    fn exchange(&mut self, batch: &Batch) -> io::Result<Few<Value>> {
        let wire = self.stream.get_mut();
        wire.write_all(&batch.bytes())?;
        wire.flush()?;
        (0..batch.len())
            .map(|_| resp::reply(&mut self.stream))
            .collect()
    }
}

/// Whether the server accepted the greeting.
pub(crate) fn greeted(replies: &[Value], server: &Server) -> Result<(), Fault> {
    let refused = replies.iter().find_map(|reply| match reply {
        Value::ServerError(error) => Some(fault::refused(error, server)),
        _ => None,
    });
    refused.map_or(Ok(()), |error| Err(Fault::unsent(error)))
}
