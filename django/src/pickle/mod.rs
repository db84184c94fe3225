//! Pickle, as data: protocols 0 to 5 are read, protocol 5 is written, and nothing is ever executed.
//!
//! A pickle is a program for a machine with a stack. This one runs it as far as it makes plain values; where Python would
//! call a function or make an object of a class, only their names are noted. A few classes that hold plain data are then
//! known by name (see [`Value`](crate::Value)), all others are [`Opaque`](crate::Opaque).
//!
//! # Reading
//!
//! - Into any serde type: `list`, `tuple` and sets are sequences, dicts are maps and structs; what has a class is its text,
//!   as `chrono`, `rust_decimal` and `uuid` parse it. An opaque object is an error there.
//! - Into [`Value`](crate::Value) and the types beside it, wherever a serde type may stand.
//! - References to objects that are not plain data, to buffers and to registered extensions are errors.
//!
//! # Writing
//!
//! What CPython writes for the same value, byte for byte, but for objects that occur twice: each is written in full. A
//! struct is a `dict`, `None` is `None`, a tuple a `tuple`, a sequence a `list`; the types of this crate are what Python
//! calls them.
//!
//! # Limits
//!
//! Deeper than 128, more than 8 388 608 objects, an integer of more than 16 KiB, or more than 32 MiB and 16 times its own size once
//! shared objects are written out: such a pickle is refused, and so is one that contains itself.
//!
//! # Why not `serde-pickle`
//!
//! It reads plain data well. It turns what has a class into an empty map, and fails on a `datetime`, a `Decimal` and a
//! `UUID`; it writes protocol 3; it has no limits. Here all of that matters.

mod compound;
mod de;
mod error;
mod graph;
mod known;
mod machine;
mod opcode;
mod output;
mod plain;
mod ser;
mod text;
mod variant;

use serde::{Serialize, de::DeserializeOwned};

pub use error::Error;
use output::Output;
pub(crate) use plain::{Plain, of_big, of_bytes, of_int, of_text, plain};

/// Reads a value; bytes after its end are an error.
///
/// ```
/// use std::collections::HashMap;
/// use cachemere_django::pickle;
///
/// # fn main() -> Result<(), pickle::Error> {
/// let scores: HashMap<String, u32> = pickle::from_slice(b"}X\x03\x00\x00\x00AdaK\x2as.")?;
/// assert_eq!(scores["Ada"], 42);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// For bytes that are no pickle, or one that is refused, and for a value that is not a `T`.
pub fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    let (graph, used) = machine::run(bytes)?;
    if used < bytes.len() {
        return Err(Error::malformed("there are bytes after its end"));
    }
    T::deserialize(de::Cursor::new(&graph))
}

/// Reads the value that stands first, and how many bytes it takes.
///
/// # Errors
/// As [`from_slice`], but for what follows.
pub fn from_prefix<T: DeserializeOwned>(bytes: &[u8]) -> Result<(T, usize), Error> {
    let (graph, used) = machine::run(bytes)?;
    Ok((T::deserialize(de::Cursor::new(&graph))?, used))
}

/// Writes a value in protocol 5.
///
/// # Errors
/// If the value refuses to be serialized, or has an opaque object of Python in it.
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, Error> {
    let mut output = Output::new();
    value.serialize(ser::Serializer::new(&mut output))?;
    Ok(output.finish())
}
