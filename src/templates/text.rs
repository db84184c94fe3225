//! The texts of values as Python's `str` has them.

use std::fmt::{self, Display, Write};

use serde::{
    Serialize, Serializer,
    ser::{
        self, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
        SerializeTupleStruct, SerializeTupleVariant,
    },
};

use super::python::{append_bytes, append_float, append_quoted};

/// What a value's own `Serialize` had to say.
#[derive(Debug)]
pub(super) struct Refused(pub(super) String);

impl Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl ser::Error for Refused {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// The texts of the values of a list, one after the other, as Python's `str` has them: `None`, `True`, `1e+16`,
/// `['a', 1]`, `{'k': 'v'}`. A struct is as a dictionary, a tuple as a list.
#[derive(Default)]
pub(super) struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl Texts {
    /// The values of a sequence; none of `()` and `None`; what is no sequence is the only value.
    pub(super) fn of<T: Serialize>(values: T) -> Result<Self, Refused> {
        let mut texts = Self::default();
        let is_list = values.serialize(Text {
            texts: &mut texts,
            level: Level::List,
        })?;
        if !is_list {
            texts.ends.push(texts.text.len());
        }
        Ok(texts)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let spans = starts.zip(&self.ends);
        spans.map(|(start, end)| &self.text[start..*end])
    }
}

/// Where a value stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    /// It is the list itself.
    List,
    /// In the list: `str`.
    Value,
    /// In a value of it: `repr`.
    Inner,
}

/// Writes a value, and says whether it was the list.
struct Text<'a> {
    texts: &'a mut Texts,
    level: Level,
}

impl<'a> Text<'a> {
    fn append(self, text: impl Display) -> Result<bool, Refused> {
        // a String takes everything
        write!(self.texts.text, "{text}").map_err(ser::Error::custom)?;
        Ok(false)
    }

    fn list(self) -> Members<'a> {
        match self.level {
            Level::List => Members {
                texts: self.texts,
                level: Level::Value,
                close: "",
                is_first: true,
            },
            Level::Value | Level::Inner => self.open("[", "]"),
        }
    }

    fn open(self, bracket: &str, close: &'static str) -> Members<'a> {
        self.texts.text.push_str(bracket);
        Members {
            texts: self.texts,
            level: Level::Inner,
            close,
            is_first: true,
        }
    }

    /// `{'variant': …`
    fn variant(self, variant: &str) -> Result<Self, Refused> {
        let mut members = self.open("{", "}");
        members.key(variant)?;
        Ok(Text {
            texts: members.texts,
            level: Level::Inner,
        })
    }
}

/// The members of a list or a dictionary that is being written.
struct Members<'a> {
    texts: &'a mut Texts,
    level: Level,
    close: &'static str,
    is_first: bool,
}

impl Members<'_> {
    fn next<T: Serialize + ?Sized>(&mut self, member: &T) -> Result<(), Refused> {
        if self.level == Level::Value {
            self.write(member)?;
            self.texts.ends.push(self.texts.text.len());
            return Ok(());
        }
        if !self.is_first {
            self.texts.text.push_str(", ");
        }
        self.is_first = false;
        self.write(member)
    }

    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Refused> {
        self.next(key)?;
        self.texts.text.push_str(": ");
        Ok(())
    }

    fn write<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        let level = self.level;
        let texts = &mut *self.texts;
        value.serialize(Text { texts, level }).map(drop)
    }

    fn close(self) -> Result<bool, Refused> {
        self.texts.text.push_str(self.close);
        Ok(self.level == Level::Value)
    }
}

macro_rules! plain {
    ($($name:ident: $type:ty),*) => {
        $(fn $name(self, value: $type) -> Result<bool, Refused> {
            self.append(value)
        })*
    };
}

impl<'a> Serializer for Text<'a> {
    type Ok = bool;
    type Error = Refused;
    type SerializeSeq = Members<'a>;
    type SerializeTuple = Members<'a>;
    type SerializeTupleStruct = Members<'a>;
    type SerializeTupleVariant = Members<'a>;
    type SerializeMap = Members<'a>;
    type SerializeStruct = Members<'a>;
    type SerializeStructVariant = Members<'a>;

    plain!(
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128
    );

    fn serialize_bool(self, value: bool) -> Result<bool, Refused> {
        self.append(if value { "True" } else { "False" })
    }

    fn serialize_f32(self, value: f32) -> Result<bool, Refused> {
        append_float(&mut self.texts.text, &format!("{value:?}"));
        Ok(false)
    }

    fn serialize_f64(self, value: f64) -> Result<bool, Refused> {
        append_float(&mut self.texts.text, &format!("{value:?}"));
        Ok(false)
    }

    fn serialize_char(self, value: char) -> Result<bool, Refused> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<bool, Refused> {
        match self.level {
            Level::Inner => append_quoted(&mut self.texts.text, text),
            Level::List | Level::Value => self.texts.text.push_str(text),
        }
        Ok(false)
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<bool, Refused> {
        append_bytes(&mut self.texts.text, bytes);
        Ok(false)
    }

    fn serialize_none(self) -> Result<bool, Refused> {
        match self.level {
            Level::List => Ok(true),
            Level::Value | Level::Inner => self.append("None"),
        }
    }

    fn serialize_unit(self) -> Result<bool, Refused> {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<bool, Refused> {
        self.serialize_none()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<bool, Refused> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<bool, Refused> {
        value.serialize(self)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<bool, Refused> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<bool, Refused> {
        let mut fields = self.open("{", "}");
        fields.key(variant)?;
        fields.write(value)?;
        fields.close()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Members<'a>, Refused> {
        Ok(self.list())
    }

    fn serialize_tuple(self, _: usize) -> Result<Members<'a>, Refused> {
        Ok(self.list())
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Members<'a>, Refused> {
        Ok(self.list())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Members<'a>, Refused> {
        Ok(self.variant(variant)?.open("[", "]}"))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Members<'a>, Refused> {
        Ok(self.open("{", "}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Members<'a>, Refused> {
        Ok(self.open("{", "}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Members<'a>, Refused> {
        Ok(self.variant(variant)?.open("{", "}}"))
    }
}

macro_rules! members {
    ($($trait:ident::$method:ident),*) => {
        $(impl $trait for Members<'_> {
            type Ok = bool;
            type Error = Refused;

            fn $method<T: Serialize + ?Sized>(&mut self, member: &T) -> Result<(), Refused> {
                self.next(member)
            }

            fn end(self) -> Result<bool, Refused> {
                self.close()
            }
        })*
    };
}

members!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field
);

macro_rules! fields {
    ($($trait:ident),*) => {
        $(impl $trait for Members<'_> {
            type Ok = bool;
            type Error = Refused;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), Refused> {
                self.key(key)?;
                self.write(value)
            }

            fn end(self) -> Result<bool, Refused> {
                self.close()
            }
        })*
    };
}

fields!(SerializeStruct, SerializeStructVariant);

impl SerializeMap for Members<'_> {
    type Ok = bool;
    type Error = Refused;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Refused> {
        self.key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Refused> {
        self.write(value)
    }

    fn end(self) -> Result<bool, Refused> {
        self.close()
    }
}
