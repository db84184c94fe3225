use crate::{
    Dialect,
    table::{Names, layout::counting},
};

/// The statements of a cache table.
#[derive(Debug)]
pub(crate) struct Statements {
    /// digest, cache_key → expires, format, number, value
    pub(crate) get: String,
    /// digest, cache_key → expires
    pub(crate) has: String,
    /// expires, format, number, value, bucket, digest, cache_key, size; for SQLite, which changes an index whether or not its
    /// column changes, where the bucket is the same
    pub(crate) replace: String,
    /// The same where it is another.
    pub(crate) replace_later: Option<String>,
    /// expires, bucket, digest, cache_key, now
    pub(crate) touch: String,
    /// delta, digest, cache_key, now, lowest, highest → the sum
    pub(crate) incr: String,
    /// digest, cache_key → expires, format, number
    pub(crate) kind: String,
    /// bucket, digest to keep, at most so many → digest, size
    pub(crate) oldest: String,
    /// entries, bytes, slot
    pub(crate) count: String,
    /// → entries, bytes, due
    pub(crate) totals: String,
    /// due
    pub(crate) set_due: String,
    /// Takes the right to use the table until the transaction ends, as everyone takes it before the right to change a size:
    /// `clear` takes it from all.
    pub(crate) enter: String,
    /// Takes the right to cull.
    pub(crate) lock: String,
    /// Nothing is counted.
    pub(crate) reset: String,
    /// Everything is, after nothing was.
    pub(crate) recount: String,
    pub(crate) clear: String,
}

impl Statements {
    pub(crate) fn new(dialect: Dialect, names: &Names) -> Self {
        let Names { table, sizes, .. } = names;
        let (for_update, skip_locked) = match dialect {
            Dialect::Sqlite => ("", ""),
            Dialect::Postgres | Dialect::MySql => (" FOR UPDATE", " FOR UPDATE SKIP LOCKED"),
        };
        let this = "digest = ? AND cache_key = ?";
        let sum = |column: &str| dialect.integer(&format!("COALESCE(SUM({column}), 0)"));
        let (entries, bytes, due) = (sum("entries"), sum("bytes"), sum("due"));
        let [reset, recount] = counting(names);
        let replace = format!("UPDATE {table} SET expires = ?, format = ?, number = ?, value = ?");
        let replace_in_any = format!("{replace}, bucket = ? WHERE {this} AND size = ?");
        let count_in_range = "number BETWEEN ? AND ?";
        Self {
            get: format!("SELECT expires, format, number, value FROM {table} WHERE {this}"),
            has: format!("SELECT expires FROM {table} WHERE {this}"),
            replace_later: (dialect == Dialect::Sqlite).then(|| replace_in_any.clone()),
            replace: match dialect {
                Dialect::Sqlite => format!("{replace} WHERE bucket = ? AND {this} AND size = ?"),
                Dialect::Postgres | Dialect::MySql => replace_in_any,
            },
            touch: format!(
                "UPDATE {table} SET expires = ?, bucket = ? WHERE {this} AND expires > ?"
            ),
            incr: match dialect {
                Dialect::MySql => format!(
                    "UPDATE {table} SET number = CAST(LAST_INSERT_ID(number + ?) AS SIGNED) \
                     WHERE {this} AND expires > ? AND format = 0 AND {count_in_range}"
                ),
                Dialect::Sqlite | Dialect::Postgres => format!(
                    "UPDATE {table} SET number = number + ? \
                     WHERE {this} AND expires > ? AND format = 0 AND {count_in_range} RETURNING number"
                ),
            },
            kind: format!("SELECT expires, format, number FROM {table} WHERE {this}"),
            oldest: format!(
                "SELECT digest, size FROM {table} WHERE bucket <= ? AND digest <> ? \
                 ORDER BY bucket LIMIT ?{skip_locked}"
            ),
            count: format!(
                "UPDATE {sizes} SET entries = entries + ?, bytes = bytes + ? WHERE slot = ?"
            ),
            totals: format!("SELECT {entries}, {bytes}, {due} FROM {sizes}"),
            enter: format!("SELECT 1 FROM {table} WHERE 1 = 0"),
            lock: format!("SELECT due FROM {sizes} WHERE slot = 0{for_update}"),
            set_due: format!("UPDATE {sizes} SET due = ? WHERE slot = 0"),
            reset,
            recount,
            clear: match dialect {
                Dialect::Sqlite => format!("DELETE FROM {table}"),
                Dialect::Postgres | Dialect::MySql => format!("TRUNCATE TABLE {table}"),
            },
        }
    }
}
