//! MySQL and MariaDB.

mod fault;
mod server;

use std::{fmt, time::Duration};

use cachemere_base::ErrorKind;
use mysql::{Conn, Params, Value, prelude::Queryable};

pub(crate) use server::Server;

use crate::database::{
    Bound, Row,
    fault::Fault,
    row::Datum,
    session::{Done, Session},
};

/// A connection that rested for longer is asked for a sign of life before it is used.
const FRESH: Duration = Duration::from_millis(50);

pub(crate) struct MySql {
    connection: Conn,
    place: String,
    patience: Duration,
    /// How many bytes the server takes at once.
    most: usize,
}

/// What a statement takes beside its values, at most.
const OVERHEAD: usize = 64 * 1024;

impl MySql {
    /// The values of a statement, unless they are more than the server takes.
    fn params(&self, values: &[Bound<'_>]) -> Result<Params, Fault> {
        let bytes = values.iter().map(|value| match value {
            Bound::Bytes(bytes) => bytes.len(),
            Bound::Text(text) => text.len(),
            _ => size_of::<i64>(),
        });
        match bytes.sum::<usize>() {
            _ if values.is_empty() => Ok(Params::Empty),
            // the server closes the connection of one who sends more
            bytes if bytes + OVERHEAD > self.most => {
                Err(fault::too_large(bytes, self.most, &self.place))
            }
            _ => Ok(Params::Positional(values.iter().map(value).collect())),
        }
    }

    fn checked<T>(&self, result: mysql::Result<T>) -> Result<T, Fault> {
        result.map_err(|error| fault::of(error, self.patience, &self.place))
    }
}

impl Session for MySql {
    fn begin(&mut self) -> Result<(), Fault> {
        self.script("BEGIN")
    }

    fn commit(&mut self) -> Result<(), Fault> {
        self.script("COMMIT")
    }

    fn rollback(&mut self) -> Result<(), Fault> {
        self.script("ROLLBACK")
    }

    fn execute(&mut self, sql: &str, values: &[Bound<'_>]) -> Result<Done, Fault> {
        let params = self.params(values)?;
        let done = self.connection.exec_drop(sql, params);
        self.checked(done)?;
        Ok(Done {
            rows: self.connection.affected_rows(),
            // negative numbers come as what their bits are without a sign
            last_id: self.connection.last_insert_id() as i64,
        })
    }

    fn query(&mut self, sql: &str, values: &[Bound<'_>]) -> Result<Vec<Row>, Fault> {
        let params = self.params(values)?;
        let rows = self.connection.exec::<mysql::Row, _, _>(sql, params);
        let rows = self.checked(rows)?;
        // panics for a column that was taken out before: these rows are as they came
        let data = |row: mysql::Row| row.unwrap().into_iter().map(datum).collect();
        Ok(rows.into_iter().map(|row| Row::new(data(row))).collect())
    }

    fn script(&mut self, sql: &str) -> Result<(), Fault> {
        let done = self.connection.query_drop(sql);
        self.checked(done)
    }

    fn is_fit(&mut self, rested: Duration) -> Result<bool, Fault> {
        if rested <= FRESH {
            return Ok(true);
        }
        let alive = self.connection.ping();
        match self.checked(alive) {
            Err(fault) if fault.error.kind() == ErrorKind::TimedOut => Err(fault),
            alive => Ok(alive.is_ok()),
        }
    }

    fn version(&mut self) -> Result<String, Fault> {
        let rows = self.query("SELECT VERSION()", &[])?;
        let version = rows.first().map(|row| row.text(0)).transpose()?.flatten();
        let version = version.unwrap_or("?");
        let name = match version.contains("MariaDB") {
            true => "MariaDB",
            false => "MySQL",
        };
        let number = version.split('-').next().unwrap_or(version);
        Ok(format!("{name} {number}"))
    }
}

impl fmt::Debug for MySql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MySql")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

fn value(bound: &Bound<'_>) -> Value {
    match bound {
        Bound::Int(number) => Value::Int(*number),
        Bound::Text(text) => Value::Bytes(text.as_bytes().to_vec()),
        Bound::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
        Bound::Null | Bound::Ints(_) | Bound::ManyBytes(_) => Value::NULL,
    }
}

fn datum(value: Value) -> Datum {
    match value {
        Value::NULL => Datum::Null,
        Value::Int(number) => Datum::Int(number),
        Value::UInt(number) => {
            i64::try_from(number).map_or_else(|_| Datum::Text(number.to_string()), Datum::Int)
        }
        Value::Bytes(bytes) => Datum::Bytes(bytes),
        other => Datum::Text(other.as_sql(true)),
    }
}
