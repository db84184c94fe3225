use cachemere_base::{Key, Ttl, Value};

use super::{Damage, refused, set::stores, value};
use crate::{
    fault::Fault,
    format::{Stored, Wire},
    request::{Action, Reply, Request, When},
};

/// No more requests are sent before their replies are read.
const REQUESTS: usize = 1000;

/// Nor more bytes of requests whose replies are long: a server that cannot send on does not read on.
const SHORT: usize = 32 * 1024;

/// Nor more bytes of any requests.
const LONG: usize = 512 * 1024;

/// An operation on several keys. Each is one request, on its server, and for some of them a second.
pub(crate) trait Batch {
    type Output;

    /// The request for the key at this position.
    fn ask(&mut self, position: usize) -> Action;

    /// Takes the reply, and gives what is still to be asked, whatever its reply.
    fn answered(&mut self, position: usize, reply: Reply) -> Result<Option<Action>, Fault>;

    /// The servers of these positions could not be asked.
    fn missed(&mut self, _: &[usize]) {}

    fn finish(self) -> Self::Output;
}

/// Positions that one server is asked for at once.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) server: usize,
    pub(crate) positions: Vec<usize>,
    bytes: usize,
}

impl Chunk {
    /// What the server is asked first.
    pub(crate) fn requests<'k>(&self, keys: &'k [Key], batch: &mut impl Batch) -> Vec<Request<'k>> {
        let positions = self.positions.iter();
        let request = |position: &usize| Request {
            key: Key::as_str(&keys[*position]),
            action: batch.ask(*position),
        };
        positions.map(request).collect()
    }

    /// Takes the replies, and gives what the server is still to be asked.
    pub(crate) fn answered<'k>(
        &self,
        keys: &'k [Key],
        batch: &mut impl Batch,
        replies: Vec<Reply>,
    ) -> Result<Vec<Request<'k>>, Fault> {
        let mut more = Vec::new();
        for (position, reply) in self.positions.iter().copied().zip(replies) {
            if let Some(action) = batch.answered(position, reply)? {
                let key = Key::as_str(&keys[position]);
                more.push(Request { key, action });
            }
        }
        Ok(more)
    }
}

/// Divides the keys among the servers, in their order. `size` is what the data of a request takes, `None` where it is
/// the reply that has the data.
pub(crate) fn chunks(
    keys: &[Key],
    size: impl Fn(usize) -> Option<usize>,
    server: impl Fn(&Key) -> usize,
) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut open: Vec<Option<usize>> = Vec::new();
    for (position, key) in keys.iter().enumerate() {
        let server = server(key);
        if open.len() <= server {
            open.resize(server + 1, None);
        }
        let size = size(position);
        let most = if size.is_some() { LONG } else { SHORT };
        let bytes = key.len() + 50 + size.unwrap_or_default();
        let chunk = open[server].map(|number| &mut chunks[number]);
        match chunk {
            Some(chunk) if chunk.positions.len() < REQUESTS && chunk.bytes + bytes <= most => {
                chunk.positions.push(position);
                chunk.bytes += bytes;
            }
            _ => {
                open[server] = Some(chunks.len());
                chunks.push(Chunk {
                    server,
                    positions: vec![position],
                    bytes,
                });
            }
        }
    }
    chunks
}

#[derive(Debug)]
pub(crate) struct GetMany<'a> {
    keys: &'a [Key],
    damage: &'a Damage,
    wire: Wire,
    values: Vec<Option<Value>>,
}

impl<'a> GetMany<'a> {
    pub(crate) fn new(keys: &'a [Key], damage: &'a Damage, wire: Wire) -> Self {
        let values = vec![None; keys.len()];
        Self {
            keys,
            damage,
            wire,
            values,
        }
    }
}

impl Batch for GetMany<'_> {
    type Output = Vec<Option<Value>>;

    fn ask(&mut self, _: usize) -> Action {
        Action::Get
    }

    fn answered(&mut self, position: usize, reply: Reply) -> Result<Option<Action>, Fault> {
        match reply {
            Reply::NotFound => Ok(None),
            Reply::Found(item) => {
                self.values[position] = value(&item, self.wire);
                let is_damaged = self.values[position].is_none();
                if is_damaged {
                    self.damage.found(&self.keys[position]);
                }
                Ok(is_damaged.then_some(Action::Delete))
            }
            other => Err(refused(other)),
        }
    }

    fn finish(self) -> Vec<Option<Value>> {
        self.values
    }
}

#[derive(Debug)]
pub(crate) struct SetMany {
    values: Vec<Option<Stored>>,
    ttl: Ttl,
    refused: Vec<usize>,
}

impl SetMany {
    pub(crate) fn new(values: Vec<Option<Stored>>, ttl: Ttl) -> Self {
        Self {
            values,
            ttl,
            refused: Vec::new(),
        }
    }
}

impl Batch for SetMany {
    type Output = Vec<usize>;

    fn ask(&mut self, position: usize) -> Action {
        self.values[position]
            .take()
            .and_then(|stored| stores(stored, self.ttl, When::Always))
            .unwrap_or(Action::Delete)
    }

    fn answered(&mut self, position: usize, reply: Reply) -> Result<Option<Action>, Fault> {
        match reply {
            Reply::Done | Reply::NotFound => Ok(None),
            Reply::TooLarge | Reply::Refused(_) => {
                self.refused.push(position);
                Ok(Some(Action::Delete))
            }
            other => Err(refused(other)),
        }
    }

    fn missed(&mut self, positions: &[usize]) {
        self.refused.extend(positions);
    }

    fn finish(mut self) -> Vec<usize> {
        self.refused.sort_unstable();
        self.refused
    }
}

#[derive(Debug)]
pub(crate) struct DeleteMany;

impl Batch for DeleteMany {
    type Output = ();

    fn ask(&mut self, _: usize) -> Action {
        Action::Delete
    }

    fn answered(&mut self, _: usize, reply: Reply) -> Result<Option<Action>, Fault> {
        match reply {
            Reply::Done | Reply::NotFound => Ok(None),
            other => Err(refused(other)),
        }
    }

    fn finish(self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lengths(sizes: &[Option<usize>]) -> Vec<usize> {
        let keys: Vec<_> = (0..sizes.len()).map(|n| Key::new(&n.to_string())).collect();
        let chunks = chunks(&keys, |position| sizes[position], |_| 0);
        chunks.iter().map(|chunk| chunk.positions.len()).collect()
    }

    #[test]
    fn a_chunk_has_no_more_requests_and_bytes_than_fit() {
        assert_eq!(lengths(&[Some(0); 2500]), [1000, 1000, 500]);
        assert_eq!(lengths(&[Some(LONG); 3]), [1, 1, 1]);
        assert!(lengths(&[None; 2500])[0] < 1000);
        assert_eq!(lengths(&[]), [0; 0]);
    }

    #[test]
    fn every_position_is_in_one_chunk_in_order() {
        let keys: Vec<_> = (0..3000).map(|n| Key::new(&n.to_string())).collect();
        let chunks = chunks(&keys, |_| Some(1), |key| key.len() % 3);
        let mut all: Vec<_> = chunks
            .iter()
            .flat_map(|chunk| &chunk.positions)
            .copied()
            .collect();
        for chunk in &chunks {
            assert!(chunk.positions.is_sorted());
            assert!(
                chunk
                    .positions
                    .iter()
                    .all(|n| keys[*n].len() % 3 == chunk.server)
            );
        }
        all.sort_unstable();
        assert_eq!(all, (0..3000).collect::<Vec<_>>());
    }
}
