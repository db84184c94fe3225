use cachemere_base::Result;

use crate::{
    Bound, Dialect,
    database::{fault::Fault, session::Session},
    entry::{Asked, Digest, Draft, Found, bucket},
    table::{
        Names, Rule, Table,
        answers::Answers,
        rows::{Change, Put, Rows, Totals, number},
    },
};

/// One statement an operation, for any number of rows, which come in arrays.
#[derive(Debug)]
pub(crate) struct Postgres {
    /// digests → cache_key, expires, format, number, value
    get_many: String,
    /// expires, bucket, digests, cache_keys, formats, numbers, sizes, values, slot
    /// → stored, entries, bytes, counted, and the totals before
    put: String,
    /// The same with now before the slot, where there is none that lives.
    put_if_free: String,
    /// digests, cache_keys, now, slot → live, entries, counted
    remove: String,
    /// digests
    remove_rows: String,
}

impl Postgres {
    pub(crate) fn new(Names { table, sizes, .. }: &Names) -> Self {
        let integer = |expression: &str| Dialect::Postgres.integer(expression);
        let sum = |column: &str| integer(&format!("COALESCE(SUM({column}), 0)"));
        let put = |condition: &str| {
            format!(
                "WITH put AS (\
                    INSERT INTO {table} AS old \
                    (digest, cache_key, expires, bucket, format, number, size, value) \
                    SELECT digest, cache_key, ?::bigint, ?::bigint, format, number, size, value FROM unnest(\
                        ?::bigint[], ?::bytea[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bytea[]\
                    ) AS asked (digest, cache_key, format, number, size, value) \
                    ON CONFLICT (digest) DO UPDATE SET \
                    cache_key = excluded.cache_key, expires = excluded.expires, \
                    bucket = excluded.bucket, format = excluded.format, number = excluded.number, replaced = old.size, \
                    size = excluded.size, value = excluded.value{condition} RETURNING size, replaced\
                ), change AS (\
                    SELECT {stored} AS stored, {added} AS entries, {grown} AS bytes FROM put\
                ), counted AS (\
                    UPDATE {sizes} AS sizes SET entries = sizes.entries + change.entries, \
                    bytes = sizes.bytes + change.bytes FROM change WHERE slot = ? \
                    AND (change.entries <> 0 OR change.bytes <> 0) RETURNING slot\
                ) SELECT stored, change.entries, change.bytes, (SELECT COUNT(*) FROM counted), \
                totals.entries, totals.bytes, totals.due FROM change, (\
                    SELECT {entries} AS entries, {bytes} AS bytes, {due} AS due FROM {sizes}\
                ) AS totals",
                stored = integer("COUNT(*)"),
                added = integer("COUNT(*) - COUNT(replaced)"),
                grown = sum("size - COALESCE(replaced, 0)"),
                entries = sum("entries"),
                bytes = sum("bytes"),
                due = sum("due"),
            )
        };
        Self {
            get_many: format!(
                "SELECT cache_key, expires, format, number, value FROM {table} \
                 WHERE digest = ANY(?)"
            ),
            put: put(""),
            put_if_free: put(" WHERE old.expires <= ? OR old.cache_key <> excluded.cache_key"),
            remove: format!(
                "WITH gone AS (\
                    DELETE FROM {table} AS old \
                    USING unnest(?::bigint[], ?::bytea[]) AS asked (digest, cache_key) \
                    WHERE old.digest = asked.digest AND old.cache_key = asked.cache_key \
                    RETURNING old.size, old.expires\
                ), change AS (\
                    SELECT {live} AS live, {entries} AS entries, {bytes} AS bytes FROM gone\
                ), counted AS (\
                    UPDATE {sizes} AS sizes SET entries = sizes.entries - change.entries, \
                    bytes = sizes.bytes - change.bytes FROM change WHERE slot = ? \
                    AND change.entries > 0 RETURNING slot\
                ) SELECT live, entries, (SELECT COUNT(*) FROM counted) FROM change",
                live = integer("COUNT(*) FILTER (WHERE expires > ?)"),
                entries = integer("COUNT(*)"),
                bytes = sum("size"),
            ),
            remove_rows: format!("DELETE FROM {table} WHERE digest = ANY(?)"),
        }
    }
}

impl Rows for Postgres {
    fn get_many(
        &self,
        _: &Table,
        session: &mut dyn Session,
        asked: &[Asked<'_>],
    ) -> Result<Vec<Option<Found>>, Fault> {
        let digests: Vec<_> = asked.iter().map(|one| one.digest).collect();
        let mut answers = Answers::new(asked);
        let digests = [Bound::Ints(&digests)];
        session.each(&self.get_many, &digests, &mut |row| answers.take(row))?;
        Ok(answers.into_each())
    }

    fn put(
        &self,
        table: &Table,
        session: &mut dyn Session,
        drafts: &[Draft<'_>],
        rule: Rule,
    ) -> Result<Put, Fault> {
        let ints = |part: fn(&Draft<'_>) -> i64| -> Vec<_> { drafts.iter().map(part).collect() };
        let Some(expires) = drafts.first().map(|draft| draft.expires) else {
            return Ok(Put::default());
        };
        let (digests, formats) = (ints(|draft| draft.asked.digest), ints(|draft| draft.format));
        let (numbers, sizes) = (ints(|draft| draft.number), ints(|draft| draft.size));
        let keys: Vec<_> = drafts
            .iter()
            .map(|draft| draft.asked.key.as_bytes())
            .collect();
        let data: Vec<_> = drafts.iter().map(|draft| draft.value.as_ref()).collect();
        let mut values = vec![
            Bound::Int(expires),
            Bound::Int(bucket(expires)),
            Bound::Ints(&digests),
            Bound::ManyBytes(&keys),
            Bound::Ints(&formats),
            Bound::Ints(&numbers),
            Bound::Ints(&sizes),
            Bound::ManyBytes(&data),
        ];
        let sql = match rule {
            Rule::Replace => &self.put,
            Rule::IfFree(now) => {
                values.push(Bound::Int(now));
                &self.put_if_free
            }
        };
        values.push(Bound::Int(table.slot()));
        let rows = session.query(sql, &values)?;
        let change = Change {
            entries: number(&rows, 1)?,
            bytes: number(&rows, 2)?,
        };
        if !change.is_none() && number(&rows, 3)? == 0 {
            return Err(table.uncounted());
        }
        Ok(Put {
            stored: number(&rows, 0)?.unsigned_abs(),
            change,
            totals: Totals::read(&rows, 4)?.with(change),
        })
    }

    fn remove(
        &self,
        table: &Table,
        session: &mut dyn Session,
        asked: &[Asked<'_>],
        now: i64,
    ) -> Result<u64, Fault> {
        let digests: Vec<_> = asked.iter().map(|one| one.digest).collect();
        let keys: Vec<_> = asked.iter().map(|one| one.key.as_bytes()).collect();
        let values = [
            Bound::Ints(&digests),
            Bound::ManyBytes(&keys),
            Bound::Int(now),
            Bound::Int(table.slot()),
        ];
        let rows = session.query(&self.remove, &values)?;
        if number(&rows, 1)? > 0 && number(&rows, 2)? == 0 {
            return Err(table.uncounted());
        }
        Ok(number(&rows, 0)?.unsigned_abs())
    }

    fn remove_rows(&self, session: &mut dyn Session, digests: &[Digest]) -> Result<(), Fault> {
        session.execute(&self.remove_rows, &[Bound::Ints(digests)])?;
        Ok(())
    }

    fn are_single(&self) -> bool {
        true
    }
}
