use serde::{Serialize, de::DeserializeOwned};

pub(super) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, String> {
    ::postcard::to_stdvec(value).map_err(|error| error.to_string())
}

/// postcard does not describe itself: bytes of another type may read as this one. Bytes left over are the one sign.
pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    match ::postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        Ok(_) => Err("there are bytes left over".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}
