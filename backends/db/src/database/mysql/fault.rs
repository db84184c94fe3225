use std::{io, time::Duration};

use cachemere_base::ErrorKind::{self, Io, Server, TimedOut, TooLarge, Unavailable};
use mysql::{DriverError, Error, MySqlError};

use crate::database::fault::{After, Fault};

/// What an error means.
pub(crate) fn of(error: Error, patience: Duration, place: &str) -> Fault {
    let (kind, after, text) = match &error {
        Error::MySqlError(answer) => return of_server(answer, place),
        Error::IoError(error) => match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => silent(patience),
            kind => (Unavailable, After::Broken, described(kind, error)),
        },
        Error::DriverError(DriverError::Timeout) => silent(patience),
        Error::DriverError(DriverError::ConnectTimeout) => (
            Unavailable,
            After::Broken,
            "no connection in time".to_owned(),
        ),
        Error::DriverError(DriverError::CouldNotConnect(cause)) => {
            let text = match cause {
                Some((_, _, kind)) => kind.to_string(),
                None => "no connection could be made".to_owned(),
            };
            (Unavailable, After::Broken, text)
        }
        Error::DriverError(DriverError::PacketTooLarge) => (
            TooLarge,
            After::Broken,
            "more than `max_allowed_packet` of the server".to_owned(),
        ),
        Error::CodecError(_) if error.to_string().contains("too large") => (
            TooLarge,
            After::Broken,
            "more than `max_allowed_packet` of the server".to_owned(),
        ),
        // their texts may have values of rows
        Error::FromValueError(_) | Error::FromRowError(_) => {
            let text = "the server answered what was not expected".to_owned();
            let message = format!("{text} ({place})");
            return Fault::new(Server, After::Broken, message);
        }
        _ => (Unavailable, After::Broken, error.to_string()),
    };
    Fault::new(kind, after, format!("{text} ({place})")).with_source(error)
}

fn silent(patience: Duration) -> (ErrorKind, After, String) {
    (
        TimedOut,
        After::Broken,
        format!("no answer within {patience:?}"),
    )
}

fn described(kind: io::ErrorKind, error: &io::Error) -> String {
    match kind {
        io::ErrorKind::UnexpectedEof => "the server closed the connection".to_owned(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset => kind.to_string(),
        _ => error.to_string(),
    }
}

/// By the numbers of `mysqld_error.h`.
fn of_server(answer: &MySqlError, place: &str) -> Fault {
    let (kind, after) = match answer.code {
        // ER_NO_SUCH_TABLE
        1146 => (Server, After::Missing),
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
