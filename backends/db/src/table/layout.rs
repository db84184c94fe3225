use cachemere_base::{Error, Result};

use crate::{Dialect, table::SLOTS};

/// The name of a table in quotes, and of what belongs to it.
#[derive(Debug, Clone)]
pub(crate) struct Names {
    pub(crate) name: String,
    pub(crate) table: String,
    /// Where the size of the table is kept.
    pub(crate) sizes: String,
    index: String,
}

/// The longest that is added to the name of a table, by Django for its index.
const LONGEST_SUFFIX: usize = "_expires".len();

impl Names {
    /// # Errors
    /// If no table can have this name.
    pub(crate) fn new(dialect: Dialect, name: &str) -> Result<Self> {
        let longest = dialect.longest_name() - LONGEST_SUFFIX;
        let problem = if name.is_empty() {
            "the name of a table is needed, such as `cache`".to_owned()
        } else if name.len() > longest {
            format!(
                "{} bytes are too long for a table, at most {longest} are taken",
                name.len()
            )
        } else if name.chars().any(char::is_control) {
            "a table whose name has control characters is not taken".to_owned()
        } else {
            return Ok(Self {
                table: dialect.quote(name),
                sizes: dialect.quote(&format!("{name}_size")),
                index: dialect.quote(&format!("{name}_bucket")),
                name: name.to_owned(),
            });
        };
        Err(Error::setting("LOCATION", problem))
    }
}

/// The statements that create a cache table, one after the other. A part of them may have been run before.
///
/// - `digest` names the row of a key: 64 bits, by which SQLite finds a row without an index. `cache_key` is the key itself,
///   which is compared: of two keys with one digest there is room for one.
/// - `expires` is in milliseconds since 1970, `bucket` in units of 4,096 of them: the index on it serves culling, and has
///   not to be changed where a value that was stored a moment ago is replaced.
/// - An integer is in `number`, with a `format` of 0; everything else is in `value`.
/// - `size` is what counts for MAX_BYTES, `replaced` that of the value before, where a statement says so.
/// - The second table has the size of the first, as the sum of its rows, and what culling has still to remove (`due`).
pub(crate) fn layout(dialect: Dialect, names: &Names) -> Vec<String> {
    let Names {
        table,
        sizes,
        index,
        ..
    } = names;
    let (blob, integer) = match dialect {
        Dialect::Sqlite => ("BLOB", "INTEGER"),
        Dialect::Postgres => ("BYTEA", "BIGINT"),
        Dialect::MySql => ("LONGBLOB", "BIGINT"),
    };
    // MySQL cannot undo a part: it gets the index with the table
    let (inline, end) = match dialect {
        Dialect::MySql => (",\n    INDEX (bucket)", " ENGINE=InnoDB"),
        Dialect::Sqlite | Dialect::Postgres => ("", ""),
    };
    // of SQLite it is asked before a row is changed
    let replaced = match dialect {
        Dialect::Sqlite => "",
        Dialect::Postgres | Dialect::MySql => "replaced BIGINT,\n    ",
    };
    let create = "CREATE TABLE IF NOT EXISTS";
    let mut statements = vec![format!(
        "{create} {table} (\n    \
            digest {integer} NOT NULL PRIMARY KEY,\n    \
            cache_key {blob} NOT NULL,\n    \
            expires {integer} NOT NULL,\n    \
            bucket {integer} NOT NULL,\n    \
            format {integer} NOT NULL,\n    \
            number {integer} NOT NULL,\n    \
            size {integer} NOT NULL,\n    \
            {replaced}value {blob} NOT NULL{inline}\n\
        ){end}"
    )];
    if dialect != Dialect::MySql {
        statements.push(format!(
            "CREATE INDEX IF NOT EXISTS {index} ON {table} (bucket)"
        ));
    }
    statements.push(format!(
        "{create} {sizes} (\n    \
            slot {integer} NOT NULL PRIMARY KEY,\n    \
            entries {integer} NOT NULL,\n    \
            bytes {integer} NOT NULL,\n    \
            due {integer} NOT NULL\n\
        ){end}"
    ));
    let (insert, end) = match dialect {
        Dialect::MySql => ("INSERT IGNORE", ""),
        Dialect::Sqlite | Dialect::Postgres => ("INSERT", " ON CONFLICT (slot) DO NOTHING"),
    };
    let slots = match dialect {
        Dialect::Sqlite => 0,
        Dialect::Postgres | Dialect::MySql => SLOTS,
    };
    let rows: Vec<_> = (0..=slots)
        .map(|slot| format!("({slot}, 0, 0, 0)"))
        .collect();
    let rows = rows.join(", ");
    statements.push(format!(
        "{insert} INTO {sizes} (slot, entries, bytes, due) VALUES {rows}{end}"
    ));
    statements
}

/// Counts what there is, which may be older than what keeps the size, or younger. The first statement keeps others from
/// being counted until the end of the transaction.
pub(crate) fn counting(Names { table, sizes, .. }: &Names) -> [String; 2] {
    [
        format!("UPDATE {sizes} SET entries = 0, bytes = 0, due = 0"),
        format!(
            "UPDATE {sizes} SET entries = (SELECT COUNT(*) FROM {table}), \
             bytes = (SELECT COALESCE(SUM(size), 0) FROM {table}) WHERE slot = 0"
        ),
    ]
}
