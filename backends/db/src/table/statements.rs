use crate::{Dialect, table::Names};

/// The statements of a cache table.
#[derive(Debug)]
pub(crate) struct Statements {
    /// digest → cache_key, expires, format, number, value
    pub(crate) get: String,
    /// digest, cache_key → expires
    pub(crate) has: String,
    /// digest, cache_key, expires, format, number, size, value → replaced, for a row that was stored
    pub(crate) put: String,
    /// The same and now, where there is none that lives.
    pub(crate) put_if_free: String,
    /// digest, cache_key → size, expires
    pub(crate) remove: String,
    /// digest
    pub(crate) remove_row: String,
    /// expires, digest, cache_key, now
    pub(crate) touch: String,
    /// delta, digest, cache_key, now, lowest, highest → the sum
    pub(crate) incr: String,
    /// digest, cache_key → expires, format, number
    pub(crate) kind: String,
    /// now or later, digest to keep, at most so many → digest, size
    pub(crate) oldest: String,
    /// entries, bytes, slot
    pub(crate) count: String,
    /// → entries, bytes, due
    pub(crate) totals: String,
    /// due
    pub(crate) set_due: String,
    pub(crate) reset: String,
    /// → entries, bytes, counted
    pub(crate) recount: String,
    pub(crate) clear: String,
}

impl Statements {
    pub(crate) fn new(dialect: Dialect, names: &Names) -> Self {
        let Names { table, sizes, .. } = names;
        let skip_locked = match dialect {
            Dialect::Sqlite => "",
            Dialect::Postgres | Dialect::MySql => " FOR UPDATE SKIP LOCKED",
        };
        let integer = match dialect {
            Dialect::MySql => "SIGNED",
            Dialect::Sqlite | Dialect::Postgres => "BIGINT",
        };
        let this = "digest = ? AND cache_key = ?";
        let sum = |column: &str| format!("CAST(COALESCE(SUM({column}), 0) AS {integer})");
        let (entries, bytes, due, size) = (sum("entries"), sum("bytes"), sum("due"), sum("size"));
        let put = format!(
            "INSERT INTO {table} AS old (digest, cache_key, expires, format, number, size, value) \
             VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (digest) DO UPDATE SET \
             cache_key = excluded.cache_key, expires = excluded.expires, format = excluded.format, \
             number = excluded.number, replaced = old.size, size = excluded.size, value = excluded.value"
        );
        let count_in_range = "number BETWEEN ? AND ?";
        Self {
            get: format!(
                "SELECT cache_key, expires, format, number, value FROM {table} WHERE digest = ?"
            ),
            put: format!("{put} RETURNING replaced"),
            put_if_free: format!(
                "{put} WHERE old.expires <= ? OR old.cache_key <> excluded.cache_key RETURNING replaced"
            ),
            remove: format!("DELETE FROM {table} WHERE {this} RETURNING size, expires"),
            remove_row: format!("DELETE FROM {table} WHERE digest = ?"),
            has: format!("SELECT expires FROM {table} WHERE {this}"),
            touch: format!("UPDATE {table} SET expires = ? WHERE {this} AND expires > ?"),
            incr: match dialect {
                Dialect::MySql => format!(
                    "UPDATE {table} SET number = LAST_INSERT_ID(number + ?) \
                     WHERE {this} AND expires > ? AND format = 0 AND {count_in_range}"
                ),
                Dialect::Sqlite | Dialect::Postgres => format!(
                    "UPDATE {table} SET number = number + ? \
                     WHERE {this} AND expires > ? AND format = 0 AND {count_in_range} RETURNING number"
                ),
            },
            kind: format!("SELECT expires, format, number FROM {table} WHERE {this}"),
            oldest: format!(
                "SELECT digest, size FROM {table} WHERE expires <= ? AND digest <> ? \
                 ORDER BY expires LIMIT ?{skip_locked}"
            ),
            count: format!(
                "UPDATE {sizes} SET entries = entries + ?, bytes = bytes + ? WHERE slot = ?"
            ),
            totals: format!("SELECT {entries}, {bytes}, {due} FROM {sizes}"),
            set_due: format!("UPDATE {sizes} SET due = ? WHERE slot = 0"),
            reset: format!("UPDATE {sizes} SET entries = 0, bytes = 0, due = 0"),
            recount: format!("SELECT CAST(COUNT(*) AS {integer}), {size} FROM {table}"),
            clear: match dialect {
                Dialect::Sqlite => format!("DELETE FROM {table}"),
                Dialect::Postgres | Dialect::MySql => format!("TRUNCATE TABLE {table}"),
            },
        }
    }
}
