//! SQLite, in this process.

use std::{
    cell::Cell,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use cachemere_base::{Error, ErrorKind};
use rusqlite::{
    Connection, ErrorCode, OpenFlags, ToSql,
    types::{ToSqlOutput, ValueRef},
};

use crate::database::{
    Bound, Columns, Row,
    columns::Show,
    fault::{After, Fault},
    options::Times,
    row::{Datum, unexpected},
    session::{Done, Session},
};

/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 64;

thread_local! {
    /// How long the statement that runs on this thread waits for the locks of others, and until when, once it waits.
    static PATIENCE: Cell<(Duration, Option<Instant>)> = const { Cell::new((Duration::ZERO, None)) };
}

#[derive(Debug)]
pub(crate) struct Sqlite {
    connection: Connection,
    place: String,
    patience: Duration,
}

impl Sqlite {
    /// Opens a file, or a database in memory.
    pub(crate) fn open(path: Option<&Path>, place: String, times: Times) -> Result<Self, Fault> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = match path {
            None => Connection::open_in_memory_with_flags(flags),
            Some(path) => {
                create_private(path);
                Connection::open_with_flags(path, flags)
            }
        };
        let patience = times.answer;
        let connection = opened.map_err(|error| fault(error, &place, patience))?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        let mut session = Self {
            connection,
            place,
            patience,
        };
        if path.is_some() {
            session.set_up(times.connect)?;
        }
        Ok(session)
    }

    fn set_up(&mut self, limit: Duration) -> Result<(), Fault> {
        let busy = self.connection.busy_handler(Some(waits));
        busy.map_err(|error| self.fault(error))?;
        // The change to WAL is refused at once while others do the same, whatever the handler says.
        let deadline = Instant::now() + limit;
        while let Err(fault) = self.pragmas() {
            if fault.error.kind() != ErrorKind::TimedOut || Instant::now() >= deadline {
                return Err(fault);
            }
            thread::sleep(Duration::from_millis(fastrand::u64(1..10)));
        }
        Ok(())
    }

    /// A file that others filled keeps the journal that they gave it.
    fn pragmas(&self) -> Result<(), Fault> {
        self.patiently(|connection| {
            let journal: String =
                connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
            let tables = "SELECT EXISTS (SELECT 1 FROM sqlite_schema)";
            if journal != "wal" && connection.query_row(tables, [], |row| row.get(0))? {
                return Ok(());
            }
            connection.pragma_update(None, "journal_mode", "wal")?;
            connection.pragma_update(None, "synchronous", "normal")
        })
    }

    /// Runs a query, and takes each row while it is there.
    fn rows(
        &self,
        sql: &str,
        values: &[Bound<'_>],
        mut take: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<Result<(), Fault>>,
    ) -> Result<(), Fault> {
        self.patiently(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query(rusqlite::params_from_iter(values))?;
            while let Some(row) = rows.next()? {
                if let Err(fault) = take(row)? {
                    return Ok(Err(fault));
                }
            }
            #[cfg(test)]
            {
                drop(rows);
                steps::count(&statement);
            }
            Ok(Ok(()))
        })?
    }

    /// Runs `action`, which waits for the locks of others, but no longer than it may.
    fn patiently<T>(
        &self,
        action: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Fault> {
        PATIENCE.set((self.patience, None));
        action(&self.connection).map_err(|error| self.fault(error))
    }

    fn fault(&self, error: rusqlite::Error) -> Fault {
        fault(error, &self.place, self.patience)
    }
}

impl Session for Sqlite {
    fn begin(&mut self) -> Result<(), Fault> {
        self.execute("BEGIN IMMEDIATE", &[]).map(drop)
    }

    fn commit(&mut self) -> Result<(), Fault> {
        self.execute("COMMIT", &[]).map(drop)
    }

    fn rollback(&mut self) -> Result<(), Fault> {
        if self.connection.is_autocommit() {
            return Ok(());
        }
        self.execute("ROLLBACK", &[]).map(drop)
    }

    fn execute(&mut self, sql: &str, values: &[Bound<'_>]) -> Result<Done, Fault> {
        self.patiently(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.execute(rusqlite::params_from_iter(values))?;
            #[cfg(test)]
            steps::count(&statement);
            Ok(Done {
                rows: rows as u64,
                last_id: 0,
            })
        })
    }

    fn query(&mut self, sql: &str, values: &[Bound<'_>]) -> Result<Vec<Row>, Fault> {
        let mut rows = Vec::new();
        self.rows(sql, values, |row| {
            let columns = 0..row.as_ref().column_count();
            let data = columns.map(|column| row.get_ref(column).map(datum));
            rows.push(Row::new(data.collect::<Result<_, _>>()?));
            Ok(Ok(()))
        })?;
        Ok(rows)
    }

    fn each(&mut self, sql: &str, values: &[Bound<'_>], show: &mut Show<'_>) -> Result<(), Fault> {
        self.rows(sql, values, |row| Ok(show(row).map_err(Fault::from)))
    }

    fn script(&mut self, sql: &str) -> Result<(), Fault> {
        self.patiently(|connection| connection.execute_batch(sql))
    }

    fn is_fit(&mut self, _: Duration) -> Result<bool, Fault> {
        Ok(true)
    }

    fn version(&mut self) -> Result<String, Fault> {
        Ok(format!("SQLite {}", rusqlite::version()))
    }
}

impl Columns for rusqlite::Row<'_> {
    fn number(&self, column: usize) -> Result<i64, Error> {
        match self.get_ref(column) {
            Ok(ValueRef::Integer(number)) => Ok(number),
            Ok(ValueRef::Null) => Ok(0),
            _ => Err(unexpected(column, "an integer")),
        }
    }

    fn bytes(&self, column: usize) -> Result<&[u8], Error> {
        match self.get_ref(column) {
            Ok(ValueRef::Blob(bytes) | ValueRef::Text(bytes)) => Ok(bytes),
            Ok(ValueRef::Null) => Ok(&[]),
            _ => Err(unexpected(column, "bytes")),
        }
    }
}

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let value = match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
            Self::Ints(_) | Self::ManyBytes(_) => {
                let message = "SQLite has no arrays";
                return Err(rusqlite::Error::ToSqlConversionFailure(message.into()));
            }
        };
        Ok(ToSqlOutput::Borrowed(value))
    }
}

fn datum(value: ValueRef<'_>) -> Datum {
    match value {
        ValueRef::Null => Datum::Null,
        ValueRef::Integer(number) => Datum::Int(number),
        ValueRef::Real(number) => Datum::Text(number.to_string()),
        ValueRef::Text(text) => Datum::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Datum::Bytes(bytes.to_vec()),
    }
}

/// Makes the file, so that it is for its user alone, as SQLite then makes those beside it.
fn create_private(path: &Path) {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // What is wrong with it SQLite finds, too.
    let _ = options.open(path);
}

/// Waits a little for a lock of another connection, more and more from time to time: at most 5 milliseconds, since SQLite
/// does not queue those who wait.
fn waits(times: i32) -> bool {
    let (patience, deadline) = PATIENCE.get();
    let now = Instant::now();
    let deadline = deadline.unwrap_or(now + patience);
    if now >= deadline {
        return false;
    }
    PATIENCE.set((patience, Some(deadline)));
    let most = 100_u64 << times.clamp(0, 6);
    thread::sleep(Duration::from_micros(fastrand::u64(50..=most.min(5000))));
    true
}

fn fault(error: rusqlite::Error, place: &str, patience: Duration) -> Fault {
    use ErrorKind::{Io, Server, TimedOut, TooLarge, Unavailable};
    let rusqlite::Error::SqliteFailure(cause, message) = &error else {
        let after = match &error {
            rusqlite::Error::SqlInputError { msg, .. } if is_of_columns(msg) => After::Foreign,
            _ => After::Fit,
        };
        let message = format!("{error} ({place})");
        return Fault::new(Server, after, message).with_source(error);
    };
    let said = message.as_deref().unwrap_or_default();
    let (kind, after, text) = match cause.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            let text = format!("locked by others for {patience:?}");
            (TimedOut, After::Fit, text)
        }
        ErrorCode::DiskFull => (Io, After::Fit, "the disk is full".to_owned()),
        ErrorCode::TooBig => (TooLarge, After::Fit, "more than SQLite takes".to_owned()),
        ErrorCode::CannotOpen => (
            Unavailable,
            After::Fit,
            "the file cannot be opened".to_owned(),
        ),
        ErrorCode::SystemIoFailure | ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
            (Io, After::Broken, error.to_string())
        }
        ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt => {
            let text = "the file is damaged or no SQLite database".to_owned();
            (Server, After::Broken, text)
        }
        _ if said.starts_with("no such table") => (Server, After::Missing, said.to_owned()),
        _ if is_of_columns(said) => (Server, After::Foreign, said.to_owned()),
        _ => (Server, After::Fit, error.to_string()),
    };
    Fault::new(kind, after, format!("{text} ({place})")).with_source(error)
}

/// Whether it is said that a table has not a column that was named.
fn is_of_columns(said: &str) -> bool {
    said.starts_with("no such column") || said.contains(" has no column named ")
}

/// What statements cost, for tests: the steps of SQLite's machine.
#[cfg(test)]
pub(crate) mod steps {
    use std::cell::Cell;

    use rusqlite::{Statement, StatementStatus::VmStep};

    thread_local! {
        static STEPS: Cell<i64> = const { Cell::new(0) };
    }

    pub(super) fn count(statement: &Statement<'_>) {
        let steps = i64::from(statement.reset_status(VmStep));
        STEPS.set(STEPS.get() + steps);
    }

    /// Those that the statements took which ran on this thread since the last call.
    pub(crate) fn taken() -> i64 {
        STEPS.take()
    }
}
