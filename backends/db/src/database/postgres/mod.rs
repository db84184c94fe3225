//! PostgreSQL.

mod fault;
mod home;
mod server;
mod values;

use std::{
    collections::HashMap,
    fmt,
    future::poll_fn,
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

use tokio::{task::yield_now, time::timeout};
use tokio_postgres::{Client, Error, Statement, types::ToSql};

pub(crate) use server::Server;

use home::Home;

use crate::database::{
    Bound, Row,
    columns::Show,
    fault::{After, Fault},
    row::Datum,
    session::{Done, Session},
};

/// A connection that rested for longer is looked at before it is used.
const FRESH: Duration = Duration::from_millis(10);

/// A connection and the runtime that it lives in, which runs while a statement does.
pub(crate) struct Postgres {
    home: Home,
    client: Client,
    line: Line,
    statements: Statements,
    place: String,
    patience: Duration,
}

/// What was prepared, by its text.
type Statements = HashMap<String, Statement, foldhash::fast::RandomState>;

/// What moves requests to the server and answers back. It is polled by who waits for an answer: as a task of its own it
/// would have to be woken twice for each.
struct Line(Option<Moving>);

type Moving = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

impl Line {
    /// Moves what can be moved now.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let Some(moving) = &mut self.0
            && moving.as_mut().poll(context).is_ready()
        {
            // what became of it the statements say
            self.0 = None;
        }
        Poll::Ready(())
    }
}

impl Postgres {
    /// Waits for an answer, but no longer than it may take.
    fn wait<T>(&mut self, ask: impl AsyncFnOnce(&Client) -> Result<T, Error>) -> Result<T, Fault> {
        let Self {
            home, client, line, ..
        } = self;
        // pinned at once: futures are large, and each place that one goes through would be a copy
        let answer = pin!(async {
            let mut answer = pin!(ask(client));
            poll_fn(|context| {
                let _ = line.poll(context);
                match answer.as_mut().poll(context) {
                    Poll::Ready(answer) => Poll::Ready(answer),
                    Poll::Pending => {
                        // what was asked just now goes on its way
                        let _ = line.poll(context);
                        answer.as_mut().poll(context)
                    }
                }
            })
            .await
        });
        let answer = async { timeout(self.patience, answer).await };
        match home.runtime().block_on(answer) {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(fault::of(error, &self.place)),
            Err(_elapsed) => Err(fault::silent(self.patience, &self.place)),
        }
    }

    fn statement(&mut self, sql: &str) -> Result<Statement, Fault> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.wait(async |client| client.prepare(&numbered(sql)).await)?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    /// A statement that the server does not know any more is prepared again.
    fn checked<T>(&mut self, result: Result<T, Fault>) -> Result<T, Fault> {
        if let Err(Fault {
            after: After::Again,
            ..
        }) = &result
        {
            self.statements.clear();
        }
        result
    }
}

impl Session for Postgres {
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
        let statement = self.statement(sql)?;
        let values = references(values);
        let rows = self.wait(async |client| client.execute(&statement, &values).await);
        let rows = self.checked(rows)?;
        Ok(Done { rows, last_id: 0 })
    }

    fn query(&mut self, sql: &str, values: &[Bound<'_>]) -> Result<Vec<Row>, Fault> {
        let statement = self.statement(sql)?;
        let values = references(values);
        let rows = self.wait(async |client| client.query(&statement, &values).await);
        let rows = self.checked(rows)?;
        let rows = rows.iter().map(read);
        let rows = rows.collect::<Result<_, _>>();
        rows.map_err(|error| fault::of(error, &self.place))
    }

    fn each(&mut self, sql: &str, values: &[Bound<'_>], show: &mut Show<'_>) -> Result<(), Fault> {
        let statement = self.statement(sql)?;
        let values = references(values);
        let rows = self.wait(async |client| client.query(&statement, &values).await);
        for row in self.checked(rows)? {
            show(&row)?;
        }
        Ok(())
    }

    fn script(&mut self, sql: &str) -> Result<(), Fault> {
        self.wait(async |client| client.batch_execute(sql).await)
    }

    fn is_fit(&mut self, rested: Duration) -> Result<bool, Fault> {
        if rested > FRESH {
            // lets the connection see that the server closed it
            let line = &mut self.line;
            self.home.runtime().block_on(async {
                for _ in 0..3 {
                    poll_fn(|context| line.poll(context)).await;
                    yield_now().await;
                }
            });
        }
        Ok(!self.client.is_closed())
    }

    fn version(&mut self) -> Result<String, Fault> {
        let rows = self.query("SHOW server_version", &[])?;
        let version = rows.first().map(|row| row.text(0)).transpose()?.flatten();
        Ok(format!("PostgreSQL {}", version.unwrap_or("?")))
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres")
            .field("place", &self.place)
            .finish_non_exhaustive()
    }
}

fn references<'a>(values: &'a [Bound<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    values
        .iter()
        .map(|value| value as &(dyn ToSql + Sync))
        .collect()
}

fn read(row: &tokio_postgres::Row) -> Result<Row, Error> {
    let columns = 0..row.len();
    let data = columns.map(|column| row.try_get::<_, Datum>(column));
    data.collect::<Result<_, _>>().map(Row::new)
}

/// The statement with `$1`, `$2` and so on for each `?` that is not quoted.
fn numbered(sql: &str) -> String {
    let mut numbered = String::with_capacity(sql.len() + 16);
    let (mut quote, mut number) = (None, 0);
    for c in sql.chars() {
        match (quote, c) {
            (None, '?') => {
                number += 1;
                numbered += &format!("${number}");
                continue;
            }
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
        numbered.push(c);
    }
    numbered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn question_marks_get_numbers_unless_they_are_quoted() {
        assert_eq!(
            numbered(r#"SELECT '?''?' FROM "a?""?" WHERE x = ? AND y = ?"#),
            r#"SELECT '?''?' FROM "a?""?" WHERE x = $1 AND y = $2"#
        );
    }
}
