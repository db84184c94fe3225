use std::{error::Error as _, io, time::Duration};

use cachemere_base::ErrorKind::{self, Io, Server, TimedOut, TooLarge, Unavailable};
use mysql::{DriverError, Error, MySqlError};

use crate::database::fault::{After, Fault};

/// What an error means.
pub(crate) fn of(error: Error, patience: Duration, place: &str) -> Fault {
    let (kind, text) = match &error {
        Error::MySqlError(answer) => return of_server(answer, place),
        Error::IoError(cause) => of_io(cause, patience),
        Error::CodecError(problem) => match problem.source().and_then(|cause| cause.downcast_ref())
        {
            Some(cause) => of_io(cause, patience),
            None => (Server, problem.to_string()),
        },
        Error::DriverError(DriverError::Timeout) => silent(patience),
        Error::DriverError(DriverError::ConnectTimeout) => {
            (Unavailable, format!("no connection within {patience:?}"))
        }
        Error::DriverError(DriverError::CouldNotConnect(Some((_, _, kind)))) => {
            (Unavailable, kind.to_string())
        }
        // their texts may have values of rows
        Error::FromValueError(_) | Error::FromRowError(_) => {
            let message = format!("the server answered what was not expected ({place})");
            return Fault::new(Server, After::Broken, message);
        }
        _ => (Unavailable, error.to_string()),
    };
    Fault::new(kind, After::Broken, format!("{text} ({place})")).with_source(error)
}

/// More than the server takes at once.
pub(crate) fn too_large(bytes: usize, most: usize, place: &str) -> Fault {
    let message = format!("{bytes} bytes, `max_allowed_packet` of the server is {most} ({place})");
    Fault::new(TooLarge, After::Fit, message)
}

fn of_io(cause: &io::Error, patience: Duration) -> (ErrorKind, String) {
    match cause.kind() {
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => silent(patience),
        io::ErrorKind::UnexpectedEof => {
            (Unavailable, "the server closed the connection".to_owned())
        }
        kind @ (io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset) => {
            (Unavailable, kind.to_string())
        }
        _ => (Unavailable, cause.to_string()),
    }
}

fn silent(patience: Duration) -> (ErrorKind, String) {
    (TimedOut, format!("no answer within {patience:?}"))
}

/// By the numbers of `mysqld_error.h`.
fn of_server(answer: &MySqlError, place: &str) -> Fault {
    let (kind, after) = match answer.code {
        // ER_NO_SUCH_TABLE
        1146 => (Server, After::Missing),
        // ER_BAD_FIELD_ERROR
        1054 => (Server, After::Foreign),
        // ER_CHECKREAD, ER_LOCK_DEADLOCK, ER_TABLE_DEF_CHANGED, ER_NEED_REPREPARE
        1020 | 1213 | 1412 | 1615 => (Server, After::Again),
        // ER_LOCK_WAIT_TIMEOUT, ER_STATEMENT_TIMEOUT (MariaDB), ER_QUERY_TIMEOUT (MySQL)
        1205 | 1969 | 3024 => (TimedOut, After::Fit),
        // ER_NET_PACKET_TOO_LARGE
        1153 => (TooLarge, After::Broken),
        // ER_DISK_FULL, ER_RECORD_FILE_FULL
        1021 | 1114 => (Io, After::Fit),
        // ER_CON_COUNT_ERROR, ER_OUT_OF_RESOURCES, ER_SERVER_SHUTDOWN, ER_NEW_ABORTING_CONNECTION,
        // ER_QUERY_INTERRUPTED, ER_CONNECTION_KILLED
        1040 | 1041 | 1053 | 1184 | 1317 | 1927 => (Unavailable, After::Broken),
        // ER_UNKNOWN_STMT_HANDLER
        1243 => (Server, After::Broken),
        _ => (Server, After::Fit),
    };
    Fault::new(kind, after, format!("{} ({place})", answer.message))
}
