//! Values as JSON: what is stored to what is shown, and what is typed to what is stored.

mod base64;
mod lenient;

use std::io;

use cachemere::{
    Cache, Stored, Value,
    base::{Codec, Shown},
};
use serde_json::value::{RawValue, to_raw_value};

use crate::outcome::{Failure, Outcome};

/// A stored value as JSON text, whatever codec wrote it.
pub(crate) fn show(key: &str, stored: Stored) -> Outcome<Box<RawValue>> {
    let (format, data) = match stored.0 {
        Value::Int(number) => return text(key, to_raw_value(&number)),
        Value::Bytes { format, data } => (format, data),
    };
    match format.codec {
        Codec::Json => text(key, serde_json::from_slice(&data)),
        Codec::Raw => text(key, to_raw_value(&base64::json(&data))),
        Codec::MessagePack => match lenient::messagepack(&data) {
            Ok(value) => text(key, to_raw_value(&value)),
            Err(_) => Err(Failure::cache(format!(
                "key {} holds MessagePack that cannot be read",
                Shown::new(key)
            ))),
        },
        Codec::Pickle => match lenient::pickle(&data) {
            Ok(value) => text(key, to_raw_value(&value)),
            Err(error) => Err(Failure::cache(format!(
                "key {} holds a pickle that cannot be shown: {error}",
                Shown::new(key)
            ))),
        },
        Codec::Postcard => Err(Failure::cache(format!(
            "key {} holds postcard, which does not describe itself: it can only be read as the type it was written as",
            Shown::new(key)
        ))),
        _ => Err(Failure::cache(format!(
            "key {} holds an encoding that this command does not know",
            Shown::new(key)
        ))),
    }
}

fn text(key: &str, text: serde_json::Result<Box<RawValue>>) -> Outcome<Box<RawValue>> {
    text.map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let key = Shown::new(key);
        Failure::cache(format!(
            "key {key} holds JSON that cannot be read from line {line}, column {column} on"
        ))
    })
}

/// Refuses what would be read as another value: postcard's bytes are read as whatever type the reader has in mind, and
/// JSON does not say which that is. An integer is stored as one before any encoding, and is fine.
pub(crate) fn fits<'a>(
    cache: &Cache,
    values: impl IntoIterator<Item = &'a serde_json::Value>,
) -> Outcome<()> {
    let is_postcard = cache.describe().serializer == Codec::Postcard;
    if is_postcard && !values.into_iter().all(serde_json::Value::is_i64) {
        return Err(Failure::cache(format!(
            "the cache `{}` holds postcard, which does not describe itself: without the type, only integers can be written",
            cache.alias()
        )));
    }
    Ok(())
}

/// The value of an argument that is JSON, `-` for what stdin holds.
pub(crate) fn read(argument: &str) -> Outcome<serde_json::Value> {
    let text = match argument {
        "-" => io::read_to_string(io::stdin())
            .map_err(|error| Failure::usage(format!("stdin: {error}")))?,
        argument => argument.to_owned(),
    };
    serde_json::from_str(&text).map_err(|error| {
        let message = format!("the value is not JSON: {error}");
        let is_word = text
            .chars()
            .all(|c| c.is_alphanumeric() || "_- .".contains(c))
            && !text.trim().is_empty();
        Failure::usage(if is_word {
            message + r#" (a text needs its quotes: '"…"')"#
        } else {
            message
        })
    })
}
