use cachemere_base::Result;

use crate::{
    Database,
    database::fault::Fault,
    entry::{Asked, Found},
    table::Table,
};

impl Table {
    /// The rows of several keys, expired or not.
    pub(crate) fn get_many(
        &self,
        database: &Database,
        asked: &[Asked<'_>],
    ) -> Result<Vec<Option<Found>>, Fault> {
        database.read(&mut |session| {
            let each = asked.iter();
            each.map(|one| self.get_one(session, *one)).collect()
        })
    }
}
