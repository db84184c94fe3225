use cachemere_base::Result;

use crate::{
    database::Columns,
    entry::{Asked, Found, digest},
    table::read::read,
};

/// What was found for each of several keys.
pub(crate) struct Answers<'a> {
    asked: &'a [Asked<'a>],
    /// The positions of `asked`, by digest.
    order: Vec<usize>,
    found: Vec<Option<Found>>,
}

impl<'a> Answers<'a> {
    pub(crate) fn new(asked: &'a [Asked<'a>]) -> Self {
        let mut order: Vec<_> = (0..asked.len()).collect();
        order.sort_unstable_by_key(|&position| asked[position].digest);
        Self {
            asked,
            order,
            found: vec![None; asked.len()],
        }
    }

    /// Takes a row of cache_key, expires, format, number and value, in any order.
    pub(crate) fn take(&mut self, row: &dyn Columns) -> Result<()> {
        let key = row.bytes(0)?;
        let digest = digest(key);
        let Self {
            asked,
            order,
            found,
        } = self;
        let first = order.partition_point(|&position| asked[position].digest < digest);
        // a key may be asked for twice, and two keys may have one digest
        for &position in &order[first..] {
            if asked[position].digest != digest {
                break;
            }
            if asked[position].key.as_bytes() == key {
                found[position] = Some(read(row, 1)?);
            }
        }
        Ok(())
    }

    pub(crate) fn into_each(self) -> Vec<Option<Found>> {
        self.found
    }
}
