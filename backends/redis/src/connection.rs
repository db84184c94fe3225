use std::{
    io::{self, Read, Write},
    time::Instant,
};

use redis::Value;

use crate::{
    deadline::Deadline,
    fault::{self, Fault},
    pool::Permit,
    request::{Batch, Few},
    resp::Decoder,
    server::Server,
    wire::Wire,
};

/// A blocking connection.
#[derive(Debug)]
pub(crate) struct Connection {
    wire: Wire,
    decoder: Decoder,
    _permit: Permit,
}

impl Connection {
    pub(crate) fn open(server: &Server, deadline: Deadline, permit: Permit) -> Result<Self, Fault> {
        let start = Instant::now();
        let deadline = deadline.within(server.connect_timeout, start);
        let problem = |error| Fault::connecting(error, server);
        let mut connection = Self {
            wire: Wire::connect(server, deadline).map_err(problem)?,
            decoder: Decoder::default(),
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
        self.wire.set_deadline(deadline);
        self.exchange(batch)
            .map_err(|error| Fault::lost(error, server))
    }

    /// Whether it can be used again: the server has neither closed it nor said what nobody asked for.
    pub(crate) fn is_fresh(&mut self) -> bool {
        self.decoder.is_empty() && self.wire.is_quiet()
    }

    fn exchange(&mut self, batch: &Batch) -> io::Result<Few<Value>> {
        let mut request = Vec::new();
        batch.write_to(&mut request);
        self.wire.write_all(&request)?;
        self.wire.flush()?;
        (0..batch.len()).map(|_| self.reply()).collect()
    }

    fn reply(&mut self) -> io::Result<Value> {
        loop {
            if let Some(reply) = self.decoder.reply()? {
                return Ok(reply);
            }
            match self.wire.read(self.decoder.room()) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(length) => self.decoder.filled(length),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// Whether the server accepted the greeting.
pub(crate) fn greeted(mut replies: &[Value], server: &Server) -> Result<(), Fault> {
    if server.must_lead
        && let Some((role, others)) = replies.split_last()
    {
        replies = others;
        // who may not ask for it finds out when writing
        if let Value::Array(role) = role
            && role.first() != Some(&Value::BulkString(b"master".to_vec()))
        {
            return Err(Fault::demoted(server));
        }
    }
    let refused = replies.iter().find_map(|reply| match reply {
        Value::ServerError(error) => Some(fault::refused(error, server)),
        _ => None,
    });
    refused.map_or(Ok(()), |error| Err(Fault::unsent(error)))
}
