use crate::{Dialect, table::Names};

/// The statements of a table of Django's, in which an expiry is text.
#[derive(Debug)]
pub(super) struct Statements {
    /// cache_keys → cache_key, expires, value; the list of keys follows
    pub(super) get: String,
    /// cache_key → cache_key, expires
    pub(super) expires: String,
    /// The same, which nobody else changes until the transaction ends.
    pub(super) hold: String,
    /// cache_key → cache_key, expires, value; held as well
    pub(super) hold_value: String,
    /// cache_key, value, expires, cache_key
    pub(super) update: String,
    /// value, cache_key
    pub(super) update_value: String,
    /// expires, cache_key
    pub(super) update_expires: String,
    /// cache_key, value, expires; over what is there
    pub(super) put: String,
    /// cache_key, value, expires; unless there is something
    pub(super) insert: String,
    /// cache_key
    pub(super) delete: String,
    /// cache_keys; their list follows
    pub(super) delete_many: String,
    pub(super) clear: String,
    /// → rows
    pub(super) count: String,
    /// How many of those that expire first.
    pub(super) cull: String,
}

impl Statements {
    pub(super) fn new(dialect: Dialect, Names { table, .. }: &Names, zone: &str) -> Self {
        let quote = |name| dialect.quote(name);
        let (key, value, expires) = (quote("cache_key"), quote("value"), quote("expires"));
        let (shown, moment) = match dialect {
            Dialect::Sqlite => (expires.clone(), "?".to_owned()),
            Dialect::MySql => (format!("CAST({expires} AS CHAR)"), "?".to_owned()),
            Dialect::Postgres => (
                format!("to_char({expires} AT TIME ZONE '{zone}', 'YYYY-MM-DD HH24:MI:SS.US')"),
                format!("CAST(CAST(? AS text) AS timestamp) AT TIME ZONE '{zone}'"),
            ),
        };
        let hold = match dialect {
            Dialect::Sqlite => "",
            Dialect::Postgres | Dialect::MySql => " FOR UPDATE",
        };
        let this = format!("WHERE {key} = ?");
        let insert =
            format!("INSERT INTO {table} ({key}, {value}, {expires}) VALUES (?, ?, {moment})");
        let (put, unless) = match dialect {
            Dialect::Sqlite | Dialect::Postgres => (
                format!(
                    "ON CONFLICT ({key}) DO UPDATE SET {value} = excluded.{value}, \
                     {expires} = excluded.{expires}"
                ),
                format!("ON CONFLICT ({key}) DO NOTHING"),
            ),
            // two keys may be one to MySQL: the row is then that of the last one
            Dialect::MySql => (
                format!(
                    "ON DUPLICATE KEY UPDATE {key} = VALUES({key}), {value} = VALUES({value}), \
                     {expires} = VALUES({expires})"
                ),
                format!("ON DUPLICATE KEY UPDATE {key} = {table}.{key}"),
            ),
        };
        Self {
            get: format!("SELECT {key}, {shown}, {value} FROM {table} WHERE {key} IN "),
            expires: format!("SELECT {key}, {shown} FROM {table} {this}"),
            hold: format!("SELECT {key}, {shown} FROM {table} {this}{hold}"),
            hold_value: format!("SELECT {key}, {shown}, {value} FROM {table} {this}{hold}"),
            update: format!(
                "UPDATE {table} SET {key} = ?, {value} = ?, {expires} = {moment} {this}"
            ),
            update_value: format!("UPDATE {table} SET {value} = ? {this}"),
            update_expires: format!("UPDATE {table} SET {expires} = {moment} {this}"),
            put: format!("{insert} {put}"),
            insert: format!("{insert} {unless}"),
            delete: format!("DELETE FROM {table} {this}"),
            delete_many: format!("DELETE FROM {table} WHERE {key} IN "),
            clear: format!("DELETE FROM {table}"),
            count: format!("SELECT {} FROM {table}", dialect.integer("COUNT(*)")),
            cull: match dialect {
                Dialect::MySql => format!("DELETE FROM {table} ORDER BY {expires} LIMIT ?"),
                Dialect::Sqlite | Dialect::Postgres => format!(
                    "DELETE FROM {table} WHERE {key} IN \
                     (SELECT {key} FROM {table} ORDER BY {expires} LIMIT ?)"
                ),
            },
        }
    }
}
