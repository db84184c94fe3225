use cachemere_base::{Error, ErrorKind, Result};
use cachemere_django::pickle::{self, Error as Problem};
use serde::{Serialize, de::DeserializeOwned};

use super::detail::{refusal, without_values};

pub(super) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, String> {
    pickle::to_vec(value).map_err(|problem| match problem.of_type() {
        Some(message) => refusal(message),
        None => problem.to_string(),
    })
}

/// An integer that is too large for its type is an overflow, as it is where a store keeps it as a number.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<Result<T, String>> {
    let problem = match pickle::from_slice(bytes) {
        Ok(value) => return Ok(Ok(value)),
        Err(problem) => problem,
    };
    if problem.is_overflow() {
        let name = std::any::type_name::<T>();
        let message = format!("holds an integer that does not fit a `{name}`");
        return Err(Error::new(ErrorKind::Overflow, message));
    }
    Ok(Err(told(&problem)))
}

fn told(problem: &Problem) -> String {
    match problem.of_type() {
        Some(message) => without_values(message),
        None => problem.to_string(),
    }
}
