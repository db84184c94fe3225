use std::{
    error::Error as StdError,
    fmt, io,
    path::{Path, PathBuf},
};

use cachemere_base::{Error, ErrorKind};

/// A problem, before it is said of which directory it is.
#[derive(Debug)]
pub(crate) enum Fault {
    Disk(io::Error),
    Other(Error),
}

impl Fault {
    pub(crate) fn at(self, location: &Path) -> Error {
        let error = match self {
            Self::Disk(error) => error,
            Self::Other(error) => return error,
        };
        let kind = match error.kind() {
            io::ErrorKind::TimedOut => ErrorKind::TimedOut,
            _ => ErrorKind::Io,
        };
        let message = if names_a_file(&error) {
            error.to_string()
        } else {
            format!("`{}`: {}", location.display(), lower(&error))
        };
        Error::new(kind, message).with_source(error)
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

/// What could not be done, and to which file.
#[derive(Debug)]
struct Failure {
    path: PathBuf,
    attempt: &'static str,
    cause: io::Error,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, cause) = (self.path.display(), lower(&self.cause));
        write!(f, "`{path}`: {}: {cause}", self.attempt)
    }
}

impl StdError for Failure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.cause)
    }
}

/// Lets an error name a file and what was attempted, if it does not yet. One that there is no such file is left as it
/// is: that is asked for often, and rarely an error.
pub(crate) fn failed(attempt: &'static str, path: &Path) -> impl FnOnce(io::Error) -> io::Error {
    move |cause| {
        if cause.kind() == io::ErrorKind::NotFound || names_a_file(&cause) {
            return cause;
        }
        let failure = Failure {
            path: path.to_owned(),
            attempt,
            cause,
        };
        io::Error::new(failure.cause.kind(), failure)
    }
}

fn names_a_file(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Failure>())
}

/// The text of an error, which the operating system begins with a capital.
fn lower(error: &io::Error) -> String {
    let mut text = error.to_string();
    let is_word = text.chars().nth(1).is_some_and(char::is_lowercase);
    if let Some(first) = text.get_mut(..1).filter(|_| is_word) {
        first.make_ascii_lowercase();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_comes_first_then_what_was_attempted_then_why() {
        let path = Path::new("/var/cache/app/cachemere/index");
        let denied = || io::Error::from(io::ErrorKind::PermissionDenied);
        let error = failed("could not be opened", path)(denied());
        let error = failed("could not be written", Path::new("/other"))(error);
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        let error = Fault::from(error).at(Path::new("/var/cache/app"));
        assert_eq!(
            error.message(),
            "`/var/cache/app/cachemere/index`: could not be opened: permission denied"
        );
        let error = Fault::from(denied()).at(Path::new("/var/cache/app"));
        assert_eq!(error.message(), "`/var/cache/app`: permission denied");
    }

    #[test]
    fn the_error_of_the_operating_system_is_a_source() {
        let cause = io::Error::from_raw_os_error(28);
        let error = Fault::from(failed("could not be written", Path::new("/f"))(cause));
        let error = error.at(Path::new("/"));
        let sources = std::iter::successors(error.source(), |error| (*error).source());
        let os = sources.filter_map(|error| error.downcast_ref::<io::Error>()?.raw_os_error());
        assert_eq!(os.collect::<Vec<_>>(), [28]);
    }
}
