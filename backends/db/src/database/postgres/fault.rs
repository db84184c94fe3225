use std::{error::Error as _, io, time::Duration};

use cachemere_base::ErrorKind::{Io, Server, TimedOut, TooLarge, Unavailable};
use tokio_postgres::{
    Error,
    error::{DbError, SqlState},
};

use crate::database::fault::{After, Fault};

/// What an error means.
pub(crate) fn of(error: Error, place: &str) -> Fault {
    if let Some(answer) = error.as_db_error() {
        return of_server(answer, place);
    }
    let is_closed = error.is_closed();
    let mut source = error.source();
    let mut cause = None;
    while let Some(error) = source {
        cause = error.downcast_ref::<io::Error>().or(cause);
        source = error.source();
    }
    let text = match cause.map(io::Error::kind) {
        _ if is_closed => "the server closed the connection".to_owned(),
        Some(io::ErrorKind::UnexpectedEof) => "the server closed the connection".to_owned(),
        Some(kind @ (io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset)) => {
            kind.to_string()
        }
        _ => error.to_string(),
    };
    let kind = match cause {
        None if !is_closed => Server,
        _ => Unavailable,
    };
    Fault::new(kind, After::Broken, format!("{text} ({place})")).with_source(error)
}

/// No answer came in this time.
pub(crate) fn silent(patience: Duration, place: &str) -> Fault {
    let message = format!("no answer within {patience:?} ({place})");
    Fault::new(TimedOut, After::Broken, message)
}

/// Without the details of the answer, which may have values.
fn of_server(answer: &DbError, place: &str) -> Fault {
    let code = answer.code();
    let (kind, after) = match code {
        _ if code == &SqlState::UNDEFINED_TABLE => (Server, After::Missing),
        _ if code == &SqlState::UNDEFINED_COLUMN => (Server, After::Foreign),
        _ if is_in_the_way(answer) => (Server, After::Again),
        _ if code == &SqlState::QUERY_CANCELED || code == &SqlState::LOCK_NOT_AVAILABLE => {
            (TimedOut, After::Fit)
        }
        _ if code == &SqlState::DISK_FULL => (Io, After::Fit),
        _ if code == &SqlState::PROGRAM_LIMIT_EXCEEDED => (TooLarge, After::Fit),
        _ => match &code.code()[..2] {
            // connections, resources, an operator at work
            "08" | "53" | "57" => (Unavailable, After::Broken),
            _ => (Server, After::Fit),
        },
    };
    Fault::new(kind, after, format!("{} ({place})", answer.message()))
}

/// Deadlocks, and prepared statements that the server has forgotten or that fit no more.
fn is_in_the_way(answer: &DbError) -> bool {
    let codes = [
        SqlState::T_R_DEADLOCK_DETECTED,
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::INVALID_SQL_STATEMENT_NAME,
    ];
    codes.contains(answer.code()) || answer.routine() == Some("RevalidateCachedQuery")
}
