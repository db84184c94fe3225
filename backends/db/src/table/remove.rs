use cachemere_base::Result;

use crate::{
    Bound, Database,
    database::{fault::Fault, session::Session},
    entry::Asked,
    table::{Table, put::Change},
};

impl Table {
    /// Removes entries; how many of them lived at `now`.
    pub(crate) fn remove(
        &self,
        database: &Database,
        asked: &[Asked<'_>],
        now: i64,
    ) -> Result<u64, Fault> {
        database.atomically(&mut |session| {
            let (gone, live) = self.remove_each(session, asked, now)?;
            self.count(session, gone)?;
            Ok(live)
        })
    }

    fn remove_each(
        &self,
        session: &mut dyn Session,
        asked: &[Asked<'_>],
        now: i64,
    ) -> Result<(Change, u64), Fault> {
        let (mut gone, mut live) = (Change::default(), 0);
        for one in asked {
            let values = [Bound::Bytes(&one.digest), Bound::Bytes(one.key.as_bytes())];
            if let Some(row) = session.query(&self.sql.remove, &values)?.first() {
                gone.entries -= 1;
                gone.bytes -= row.int(0)?.unwrap_or(0);
                live += u64::from(row.int(1)?.unwrap_or(0) > now);
            }
        }
        Ok((gone, live))
    }

    /// Removes rows that are known to be there, without counting them.
    pub(crate) fn remove_rows(
        &self,
        session: &mut dyn Session,
        digests: &[Vec<u8>],
    ) -> Result<(), Fault> {
        for digest in digests {
            session.execute(&self.sql.remove_row, &[Bound::Bytes(digest)])?;
        }
        Ok(())
    }
}
