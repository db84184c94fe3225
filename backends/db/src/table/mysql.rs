use std::collections::HashSet;

use cachemere_base::Result;

use crate::{
    Bound, Dialect,
    database::{fault::Fault, session::Session},
    entry::{Asked, Digest, Draft, Found},
    table::{
        Names, Rule, Table,
        answers::Answers,
        list::{MOST, list},
        rows::{Change, Put, Rows, Totals, number},
    },
};

/// Several statements an operation, in a transaction: what a statement did, others have to ask.
#[derive(Debug)]
pub(crate) struct MySql {
    /// cache_key, expires, format, number, value; for these digests
    get_many: String,
    /// digest, cache_key, size, expires; for these digests
    look: String,
    /// For these digests.
    remove: String,
    put: String,
    put_end: String,
    /// cache_key, expires, bucket, format, number, size, value, digest, now, cache_key
    replace_if_free: String,
    /// → entries, bytes, the totals before; for these digests
    change: String,
}

impl MySql {
    pub(crate) fn new(Names { table, sizes, .. }: &Names) -> Self {
        let integer = |expression: &str| Dialect::MySql.integer(expression);
        let sum = |column: &str| integer(&format!("COALESCE(SUM({column}), 0)"));
        let total = |column: &str| format!("(SELECT {} FROM {sizes})", sum(column));
        Self {
            get_many: format!(
                "SELECT cache_key, expires, format, number, value FROM {table} \
                 WHERE digest IN "
            ),
            look: format!("SELECT digest, cache_key, size, expires FROM {table} WHERE digest IN "),
            remove: format!("DELETE FROM {table} WHERE digest IN "),
            put: format!(
                "INSERT INTO {table} (digest, cache_key, expires, bucket, format, number, size, value) VALUES "
            ),
            put_end: " ON DUPLICATE KEY UPDATE cache_key = VALUES(cache_key), \
                      expires = VALUES(expires), bucket = VALUES(bucket), format = VALUES(format), number = VALUES(number), \
                      replaced = size, size = VALUES(size), value = VALUES(value)"
                .to_owned(),
            replace_if_free: format!(
                "UPDATE {table} SET cache_key = ?, expires = ?, bucket = ?, format = ?, number = ?, \
                 replaced = size, size = ?, value = ? \
                 WHERE digest = ? AND (expires <= ? OR cache_key <> ?)"
            ),
            change: format!(
                "SELECT {}, {}, {}, {}, {} FROM {table} WHERE digest IN ",
                integer("COUNT(*) - COUNT(replaced)"),
                sum("size - COALESCE(replaced, 0)"),
                total("entries"),
                total("bytes"),
                total("due"),
            ),
        }
    }

    /// Stores rows over whatever is there.
    fn replace(&self, session: &mut dyn Session, mut drafts: &[Draft<'_>]) -> Result<(), Fault> {
        while !drafts.is_empty() {
            // A list of rows cannot be filled up: it is split into powers of two.
            let (now, later) = drafts.split_at(MOST.min(1 << drafts.len().ilog2()));
            let rows = vec![ROW; now.len()].join(", ");
            let values: Vec<_> = now.iter().flat_map(Draft::values).collect();
            session.execute(&format!("{}{rows}{}", self.put, self.put_end), &values)?;
            drafts = later;
        }
        Ok(())
    }

    /// Stores a row where there is none that lives.
    fn put_if_free(
        &self,
        session: &mut dyn Session,
        draft: &Draft<'_>,
        now: i64,
    ) -> Result<bool, Fault> {
        let values = draft.values();
        let sql = format!(
            "{}{ROW} ON DUPLICATE KEY UPDATE digest = VALUES(digest)",
            self.put
        );
        if session.execute(&sql, &values)?.rows > 0 {
            return Ok(true);
        }
        // The row that is there is locked by now.
        let [digest, key, expires, bucket, format, number, size, value] = values;
        let now = Bound::Int(now);
        let values = [
            key, expires, bucket, format, number, size, value, digest, now, key,
        ];
        Ok(session.execute(&self.replace_if_free, &values)?.rows > 0)
    }
}

/// The values of a row.
const ROW: &str = "(?, ?, ?, ?, ?, ?, ?, ?)";

impl Rows for MySql {
    fn get_many(
        &self,
        _: &Table,
        session: &mut dyn Session,
        asked: &[Asked<'_>],
    ) -> Result<Vec<Option<Found>>, Fault> {
        let mut answers = Answers::new(asked);
        for asked in asked.chunks(MOST) {
            let (list, digests) = list(asked.iter().map(|one| one.digest));
            let sql = format!("{}{list}", self.get_many);
            session.each(&sql, &digests, &mut |row| answers.take(row))?;
        }
        Ok(answers.into_each())
    }

    fn put(
        &self,
        table: &Table,
        session: &mut dyn Session,
        drafts: &[Draft<'_>],
        rule: Rule,
    ) -> Result<Put, Fault> {
        let stored: Vec<_> = match rule {
            Rule::Replace => {
                self.replace(session, drafts)?;
                drafts.iter().collect()
            }
            Rule::IfFree(now) => {
                let mut stored = Vec::new();
                for draft in drafts {
                    if self.put_if_free(session, draft, now)? {
                        stored.push(draft);
                    }
                }
                stored
            }
        };
        let mut put = Put {
            stored: stored.len() as u64,
            ..Put::default()
        };
        for stored in stored.chunks(MOST) {
            let (list, digests) = list(stored.iter().map(|draft| draft.asked.digest));
            let rows = session.query(&format!("{}{list}", self.change), &digests)?;
            put.change.entries += number(&rows, 0)?;
            put.change.bytes += number(&rows, 1)?;
            put.totals = Totals::read(&rows, 2)?;
        }
        table.count(session, put.change)?;
        put.totals = put.totals.with(put.change);
        Ok(put)
    }

    fn remove(
        &self,
        table: &Table,
        session: &mut dyn Session,
        asked: &[Asked<'_>],
        now: i64,
    ) -> Result<u64, Fault> {
        let (mut gone, mut live) = (Change::default(), 0);
        let mut doomed = Vec::new();
        let keys: HashSet<_> = asked.iter().map(|one| one.key.as_bytes()).collect();
        for asked in asked.chunks(MOST) {
            let (list, digests) = list(asked.iter().map(|one| one.digest));
            let sql = format!("{}{list} FOR UPDATE", self.look);
            for mut row in session.query(&sql, &digests)? {
                if keys.contains(row.take_bytes(1)?.unwrap_or_default().as_slice()) {
                    gone.entries -= 1;
                    gone.bytes -= row.int(2)?.unwrap_or(0);
                    live += u64::from(row.int(3)?.unwrap_or(0) > now);
                    doomed.push(row.int(0)?.unwrap_or_default());
                }
            }
        }
        self.remove_rows(session, &doomed)?;
        table.count(session, gone)?;
        Ok(live)
    }

    fn remove_rows(&self, session: &mut dyn Session, digests: &[Digest]) -> Result<(), Fault> {
        for digests in digests.chunks(MOST) {
            let (list, digests) = list(digests.iter().copied());
            session.execute(&format!("{}{list}", self.remove), &digests)?;
        }
        Ok(())
    }
}
