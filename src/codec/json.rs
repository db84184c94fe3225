use serde::{Serialize, de::DeserializeOwned};

use super::{
    detail::{refusal, without_values},
    finite::Finite,
};

pub(super) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(128);
    let mut serializer = serde_json::Serializer::new(&mut bytes);
    value
        .serialize(Finite(&mut serializer))
        .map_err(|error| refusal(&error.to_string()))?;
    Ok(bytes)
}

pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    serde_json::from_slice(bytes).map_err(|error| without_values(&error.to_string()))
}
