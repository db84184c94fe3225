use crate::{
    Database,
    database::{fault::Fault, session::Session},
    entry::Asked,
    table::Table,
};

impl Table {
    /// Removes entries; how many of them lived at `now`.
    pub(crate) fn remove(
        &self,
        database: &Database,
        asked: &[Asked<'_>],
        now: i64,
    ) -> Result<u64, Fault> {
        let mut remove = |session: &mut dyn Session| self.rows.remove(self, session, asked, now);
        if self.rows.are_single() {
            database.write(&mut remove)
        } else {
            database.atomically(&mut remove)
        }
    }
}
