use std::{
    io::{self, Write},
    process::ExitCode,
};

use cachemere::{Error, ErrorKind};

/// What the exit codes mean, for `--help`.
pub(crate) const EXIT_CODES: &str = "\
Exit codes:
  0  done, or the answer is yes
  1  the answer is no: a missing key, nothing stored, a cache that fails its check
  2  the command line or the configuration is wrong
  3  the cache could not do it: a fault of the store, a value of another type";

/// What a command came to.
pub(crate) type Outcome<T = Answer> = Result<T, Failure>;

/// What a command that could be carried out has to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    No,
}

impl From<bool> for Answer {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

/// Why a command could not be carried out: the line for stderr, and the exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    /// The command line is wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self {
            code: 2,
            message: message.into(),
        }
    }

    /// The cache could not do it.
    pub(crate) fn cache(message: impl Into<String>) -> Self {
        Self {
            code: 3,
            message: message.into(),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let code = match error.kind() {
            ErrorKind::KeyNotFound | ErrorKind::UnknownVersion => 1,
            ErrorKind::Config
            | ErrorKind::UnknownAlias
            | ErrorKind::InvalidTimeout
            | ErrorKind::InvalidVersion => 2,
            _ => 3,
        };
        Self {
            code,
            message: error.to_string(),
        }
    }
}

/// The exit code, after the failure is on stderr, as it is: a line a problem.
pub(crate) fn report(outcome: Outcome) -> ExitCode {
    match outcome {
        Ok(Answer::Yes) => ExitCode::SUCCESS,
        Ok(Answer::No) => ExitCode::from(1),
        Err(failure) => {
            complain(&failure.message);
            ExitCode::from(failure.code)
        }
    }
}

/// Writes a line to stderr. There is nowhere left to say that this failed.
pub(crate) fn complain(message: &str) {
    drop(writeln!(io::stderr(), "{message}"));
}
