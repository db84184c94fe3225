use std::fmt;

use cachemere_base::{Error, ErrorKind, Result};

/// A value for a `?` of a statement. Its `Debug` shows the kind alone.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Bound<'a> {
    /// NULL.
    Null,
    /// An integer.
    Int(i64),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// An array of integers, which only PostgreSQL has.
    Ints(&'a [i64]),
    /// An array of bytes, which only PostgreSQL has.
    ManyBytes(&'a [&'a [u8]]),
}

impl Bound<'_> {
    const fn kind(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Int(_) => "an integer",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::Ints(_) => "integers",
            Self::ManyBytes(_) => "arrays of bytes",
        }
    }
}

impl fmt::Debug for Bound<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind())
    }
}

/// A value that a database gave.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Datum {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// A row that a query gave. Its `Debug` does not show the values.
pub struct Row(Vec<Datum>);

impl Row {
    pub(crate) fn new(data: Vec<Datum>) -> Self {
        Self(data)
    }

    /// The integer in a column; `None` for NULL.
    ///
    /// # Errors
    /// If there is something else, or no such column.
    pub fn int(&self, column: usize) -> Result<Option<i64>> {
        match self.0.get(column) {
            Some(Datum::Int(number)) => Ok(Some(*number)),
            Some(Datum::Null) => Ok(None),
            _ => Err(unexpected(column, "an integer")),
        }
    }

    /// The text in a column; `None` for NULL.
    ///
    /// # Errors
    /// If there is something else, or no such column.
    pub fn text(&self, column: usize) -> Result<Option<&str>> {
        match self.0.get(column) {
            Some(Datum::Text(text)) => Ok(Some(text)),
            Some(Datum::Bytes(bytes)) => std::str::from_utf8(bytes)
                .map(Some)
                .map_err(|error| unexpected(column, "text").with_source(error)),
            Some(Datum::Null) => Ok(None),
            _ => Err(unexpected(column, "text")),
        }
    }

    /// The bytes in a column, taken out of the row; `None` for NULL.
    ///
    /// # Errors
    /// If there is something else, or no such column.
    pub fn take_bytes(&mut self, column: usize) -> Result<Option<Vec<u8>>> {
        match self
            .0
            .get_mut(column)
            .map(|datum| std::mem::replace(datum, Datum::Null))
        {
            Some(Datum::Bytes(bytes)) => Ok(Some(bytes)),
            Some(Datum::Text(text)) => Ok(Some(text.into_bytes())),
            Some(Datum::Null) => Ok(None),
            _ => Err(unexpected(column, "bytes")),
        }
    }

    /// The bytes in a column; none for NULL.
    pub(crate) fn borrowed(&self, column: usize) -> Result<&[u8]> {
        match self.0.get(column) {
            Some(Datum::Bytes(bytes)) => Ok(bytes),
            Some(Datum::Text(text)) => Ok(text.as_bytes()),
            Some(Datum::Null) => Ok(&[]),
            _ => Err(unexpected(column, "bytes")),
        }
    }
}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Row({} columns)", self.0.len())
    }
}

pub(crate) fn unexpected(column: usize, expected: &str) -> Error {
    let message = format!("{expected} was expected in column {column} of an answer");
    Error::new(ErrorKind::Server, message)
}
