use std::fmt;

/// The SQL that a database speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// SQLite 3.35 or newer.
    Sqlite,
    /// PostgreSQL 12 or newer.
    Postgres,
    /// MySQL 8.0 or MariaDB 10.6, or newer.
    MySql,
}

impl Dialect {
    /// A name in the quotes of this database.
    #[must_use]
    pub fn quote(self, name: &str) -> String {
        match self {
            Self::MySql => format!("`{}`", name.replace('`', "``")),
            Self::Sqlite | Self::Postgres => format!("\"{}\"", name.replace('"', "\"\"")),
        }
    }

    /// What makes an expression a 64-bit integer.
    pub(crate) fn integer(self, expression: &str) -> String {
        let name = match self {
            Self::MySql => "SIGNED",
            Self::Sqlite | Self::Postgres => "BIGINT",
        };
        format!("CAST({expression} AS {name})")
    }

    /// How many bytes the name of a table may have.
    pub(crate) const fn longest_name(self) -> usize {
        match self {
            Self::Sqlite => 255,
            Self::Postgres => 63,
            Self::MySql => 64,
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::MySql => "mysql",
        })
    }
}
