use rmp_serde::{Deserializer, Serializer, decode, encode::Error as EncodeError};
use serde::{Serialize, de::DeserializeOwned};

use super::detail::{refusal, without_values};

/// Structs as maps, so that fields may be added and skipped. Bytes only where serde says bytes: a sequence of `u8` written
/// as bytes would not be read inside tagged and flattened types.
pub(super) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(128);
    let mut serializer = Serializer::new(&mut bytes).with_struct_map();
    match value.serialize(&mut serializer) {
        Ok(()) => Ok(bytes),
        Err(EncodeError::Syntax(problem)) => Err(refusal(&problem)),
        Err(other) => Err(refusal(&other.to_string())),
    }
}

/// Deeper values would overflow the stack of a thread of 2 MiB in a build without optimizations.
const MAX_DEPTH: usize = 256;

#[inline]
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let mut deserializer = Deserializer::from_read_ref(bytes);
    deserializer.set_max_depth(MAX_DEPTH);
    T::deserialize(&mut deserializer).map_err(described)
}

#[cold]
fn described(error: decode::Error) -> String {
    match error {
        decode::Error::Syntax(problem) | decode::Error::Uncategorized(problem) => {
            without_values(&problem)
        }
        other => without_values(&other.to_string()),
    }
}
